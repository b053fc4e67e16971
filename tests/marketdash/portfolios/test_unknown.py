"""What nobody can say of a ledger is found, said entry by entry, and shown before the currency is changed."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from marketdash import publish
from marketdash.portfolios import actions, queries
from marketdash.portfolios.models import Account, Portfolio, Rate
from tests.marketdash.portfolios.looking import Rows, client, text, ticker
from tests.marketdash.portfolios.writing import contracts, draft_of, entry, leg

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def swapped(portfolio: Portfolio, kraken: Account) -> list[int]:
    """Numbers: a deposit of ETH at an unknown cost, half of it for BTC, that for EUR."""
    pk = kraken.pk
    drafts = [
        draft_of(entry("deposit", leg("ETH", "20", account=pk))),
        draft_of(entry("swap", leg("ETH", "-10", account=pk), leg("BTC", "1", account=pk))),
        draft_of(entry("sell", leg("BTC", "-1", account=pk), leg("EUR", "500", account=pk))),
        draft_of(entry("reward", leg("BNB", "2", account=pk))),
    ]
    return [each.pk for each in actions.record(portfolio, drafts).entries]


def stated(there: Client, portfolio: Portfolio, pk: int, status: int = 200, **sent: str) -> str:
    address = f"/portfolios/{portfolio.pk}/entries/{pk}/rate/"
    return text(there.post(address, sent, follow=True), status)


def test_the_page_leads_to_what_is_unknown_and_to_the_entries_that_could_say_it(
    alice_there: Client, portfolio: Portfolio, swapped: list[int]
) -> None:
    address = f"/portfolios/{portfolio.pk}/"
    page = text(alice_there.get(address))
    assert re.search(rf'data-unknown><a class="button" href="{address}unknown/">', page)

    html = text(alice_there.get(f"{address}unknown/"))

    assert "2 entries lack a rate to EUR. 1 deposit has no known cost." in html
    assert re.findall(r'data-label="What is unknown">(.*?)</td>', html) == [
        "What ETH had cost",
        "What ETH or BTC was worth",
        "What BNB was worth",
    ]
    found = re.findall(r'href="/portfolios/\d+/entries/(\d+)/#unknown"', html)
    assert [int(pk) for pk in found] == [swapped[0], swapped[1], swapped[3]]


def test_a_rate_is_reviewed_and_then_says_what_it_was_worth(
    alice_there: Client, portfolio: Portfolio, kraken: Account, swapped: list[int]
) -> None:
    assert queries.book(portfolio).tally("gain").unknown == 2
    form = text(alice_there.get(f"/portfolios/{portfolio.pk}/entries/{swapped[1]}/"))
    assert "1 ETH in EUR" in form and "1 BTC in EUR" in form and "No market here says it" in form

    html = stated(alice_there, portfolio, swapped[1], asset="BTC", rate="400")

    assert "Nothing is saved yet" in html and "1 BTC = 400 EUR" in html and not Rate.objects.exists()
    assert re.search(r"data-realised>\+100.00</b> EUR", html)
    assert "1 part of a lot has a gain that is known then" in html
    html = stated(alice_there, portfolio, swapped[1], asset="BTC", rate="400", save="yes")
    assert "1 BTC was worth 400 EUR: saved." in html and "1 BTC in EUR" not in html
    gained = queries.book(portfolio).tally("gain")
    assert (gained.value, gained.unknown) == (100, 1)  # of the ETH nobody knows what they cost
    told = Rate.objects.get()
    assert (told.late, told.source) == (True, "typed in")


def test_what_the_market_said_is_proposed_and_kept_with_where_it_was_read(
    alice_there: Client, portfolio: Portfolio, swapped: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def closes(symbols: list[str], timeout_s: float, before_us: int) -> dict[str, publish.LastClose]:
        return {name: publish.LastClose("400", before_us - 1) for name in symbols if name == "KRAKEN:BTC/EUR"}

    monkeypatch.setattr(publish, "last_closes", closes)
    form = text(alice_there.get(f"/portfolios/{portfolio.pk}/entries/{swapped[1]}/"))
    found = re.search(r'name="proposal" value="([^"]*)"', form)
    assert found is not None and found[1].startswith("400|BTC → EUR, closes of the hour before 1970")

    stated(alice_there, portfolio, swapped[1], asset="BTC", rate="400", proposal=found[1], save="yes")

    assert Rate.objects.get().source == found[1][4:]


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"asset": "BTC", "rate": "x"}, "expected a plain decimal number, found 'x'"),
        ({"asset": "BTC", "rate": ""}, "expected a number such as 0.5, found nothing"),
        ({"asset": "BTC", "rate": "-1"}, "expected 0 or more of another currency"),
        ({"asset": "BNB", "rate": "1"}, "expected one that the entry moves, found 'BNB'"),
        ({"asset": "NOPE\0", "rate": "1", "save": "yes"}, "expected the code of a known asset"),
        ({"asset": "BTC", "rate": "1", "proposal": "1|" + "x" * 201}, "expected at most 200 characters"),
    ],
)
def test_what_is_no_rate_is_said_at_its_field(
    alice_there: Client, portfolio: Portfolio, swapped: list[int], sent: dict[str, str], words: str
) -> None:
    html = stated(alice_there, portfolio, swapped[1], 422, **sent)

    assert words.lower() in html.lower() and not Rate.objects.exists()
    if sent["asset"] == "BTC":
        assert re.search(r'aria-invalid="true" aria-describedby="refused-rate-\d"', html)


def test_a_rate_is_stated_once(alice_there: Client, portfolio: Portfolio, swapped: list[int]) -> None:
    sent = {"asset": "BTC", "rate": "400"}
    stated(alice_there, portfolio, swapped[1], save="yes", **sent)

    for more in ({}, {"save": "yes"}):
        assert "expected one that is not stated yet" in stated(
            alice_there, portfolio, swapped[1], 422, **sent, **more
        )
    assert Rate.objects.count() == 1


def test_contracts_that_gained_nothing_yet_lack_nothing(portfolio: Portfolio, kraken: Account) -> None:
    def filled(amount: str, price: str) -> int:
        moved = contracts("DERIBIT:X", "USDT", amount, price)._replace(account=kraken.pk)
        return actions.record(portfolio, [draft_of(entry("fill", moved))]).entries[0].pk

    filled("2", "10")
    assert queries.lacks(portfolio) == []
    closed = filled("-1", "12")
    assert [(each.entry, each.assets) for each in queries.lacks(portfolio)] == [(closed, ("USDT",))]


def test_another_currency_is_shown_before_it_is_taken(
    alice_there: Client, held: Portfolio, kraken: Account, rows: Rows
) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("500")
    address = f"/portfolios/{held.pk}/currency/"
    assert address in text(alice_there.get(f"/portfolios/{held.pk}/"))
    assert "What becomes of them is shown" in text(alice_there.get(address))

    html = text(alice_there.get(f"{address}?base=btc"))

    figures = dict(re.findall(r'<tr data-figure="([\w ]+)">(.*?)</tr>', html, re.DOTALL))
    assert re.findall(r'<span class="amount[^>]*>([^<]*)', figures["total"]) == ["1,400.00", "2.80000000"]
    assert re.findall(r'<span class="amount[^>]*>([^<]*)', figures["realised"]) == ["+300.00", "0.00000000"]
    assert "without 2 unknown" in figures["realised"]
    assert "1 deposit would have no known cost in BTC" in html and "say nothing" not in html
    dollars = text(alice_there.get(f"{address}?base=USD"))
    assert "3 entries say nothing of what EUR, BTC was worth in USD then" in dollars.replace(
        "BTC, EUR", "EUR, BTC"
    )
    assert "Not the whole: no market leads from BTC, EUR to USD" in dollars
    held.refresh_from_db()
    assert held.base.code == "EUR"

    answer = alice_there.post(address, {"base": "BTC"}, follow=True)

    assert "It is measured in BTC now" in text(answer)
    held.refresh_from_db()
    assert held.base.code == "BTC" and len(queries.lacks(held)) == 1


@pytest.mark.parametrize(
    ("typed", "words"), [("", "found nothing"), ("<b>", "found '<b>'"), ("eur", "another")]
)
def test_what_is_no_other_currency_is_said(
    alice_there: Client, held: Portfolio, typed: str, words: str
) -> None:
    address = f"/portfolios/{held.pk}/currency/"
    for answer in (alice_there.get(address, {"base": typed}), alice_there.post(address, {"base": typed})):
        html = text(answer, 422)
        assert words in html and 'aria-describedby="refused-base"' in html and b"<b>'" not in answer.content
    held.refresh_from_db()
    assert held.base.code == "EUR"


def test_whoever_only_looks_changes_neither(
    bob: User, rows: Rows, held: Portfolio, swapped: list[int]
) -> None:
    actions.share(held, "bob")
    there = client(bob)
    assert "What BNB was worth" in text(there.get(f"/portfolios/{held.pk}/unknown/"))

    assert there.post(f"/portfolios/{held.pk}/currency/", {"base": "BTC"}).status_code == 403
    assert there.get(f"/portfolios/{held.pk}/currency/?base=BTC").status_code == 403
    sent = {"asset": "BTC", "rate": "1", "save": "yes"}
    assert there.post(f"/portfolios/{held.pk}/entries/{swapped[1]}/rate/", sent).status_code == 403
    assert not Rate.objects.exists()
