"""What markets say of an entry that is typed in: proposed in the review, kept as it was seen there."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from marketdash import publish
from marketdash.accounts.models import Preference
from marketdash.portfolios import queries
from marketdash.portfolios.models import Account, Portfolio
from marketdash.portfolios.pages import offer_views
from tests.marketdash.portfolios.looking import Rows, client, text, ticker
from tests.marketdash.portfolios.test_entry_pages import buy, kept

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at(portfolio: Portfolio, kraken: Account, wallet: Account) -> str:
    return f"/portfolios/{portfolio.pk}/entries/"


def test_market_rates_of_the_moment_are_proposed_and_kept(
    alice_there: Client, at: str, portfolio: Portfolio, kraken: Account, rows: Rows
) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("400")
    rows["ticker:KRAKEN:ETH/BTC"] = ticker("0.05")
    swap = buy(kraken, kind="swap", amount="2", asset="ETH", amount2="0.1", asset2="BTC")

    html = text(alice_there.post(f"{at}review/", swap))

    assert "1 ETH = 20 EUR" in html and "ETH → BTC → EUR, market at" in html and "1 BTC = " not in html
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("999")  # what was reviewed is what is saved
    alice_there.post(f"{at}save/", kept(html))
    (told,) = queries.entries(portfolio)
    assert [(each.asset, each.currency, each.rate) for each in told.rates] == [("ETH", "EUR", 20)]
    assert queries.book(portfolio).pools[kraken.pk, "BTC"].cost == 40
    without = text(alice_there.post(f"{at}review/", {**swap, "propose": ""}))
    assert "What ETH, BTC was worth in EUR then is not known" in without


def test_what_was_paid_is_proposed_by_the_market_where_it_is_empty(
    alice_there: Client, at: str, portfolio: Portfolio, kraken: Account, rows: Rows
) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("400.123")
    assert "by the market's price of that time" in text(alice_there.get(f"{at}new/?kind=buy"))

    html = text(alice_there.post(f"{at}review/", buy(kraken, amount="0.5", amount2="")))

    assert 'Paid <span class="amount">200.06</span> EUR, by the market' in html
    assert "s price of that time: 1 BTC = 400.123 EUR, BTC → EUR," in html
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("999")  # what was reviewed is what is saved
    assert kept(html)["amount2"] == "200.06"
    alice_there.post(f"{at}save/", kept(html))
    assert queries.book(portfolio).pools[kraken.pk, "BTC"].cost == Decimal("200.06")


@pytest.mark.parametrize(
    "changed",
    [
        {"propose": ""},
        {"asset2": "BTC"},
        {"kind": "rename", "asset": "BTC", "asset2": "EUR"},  # no trade: it has no price
        {"amount": "a lot"},
    ],
)
def test_no_amount_is_proposed_where_no_market_says_one(
    alice_there: Client, at: str, kraken: Account, rows: Rows, changed: dict[str, str]
) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("400")

    html = text(alice_there.post(f"{at}review/", buy(kraken, **{"amount2": "", **changed})), 422)

    words = 'id="e-amount2">The amount is empty: type a number, such as 1250.5'
    other = ", or tick the look-up of market prices below"
    assert f"{words}{other if 'propose' in changed else ''}." in html


@pytest.mark.parametrize("asset", ["ETH", "NOSUCH"])
def test_a_review_says_that_no_market_says_a_price(
    alice_there: Client, at: str, kraken: Account, rows: Rows, asset: str
) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("400")

    html = text(alice_there.post(f"{at}review/", buy(kraken, amount2="", asset=asset)), 422)

    words = f"No market here says a price of {asset} in EUR of that time: type the amount."
    assert f'id="e-amount2">{words}' in html


def test_what_is_proposed_is_written_in_the_person_s_numbers(
    alice_there: Client, at: str, alice: User, kraken: Account, rows: Rows
) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("40012.3")
    Preference.objects.create(user=alice, numbers="point-comma")

    sent = buy(kraken, amount="0.5", amount2="")
    assert alice_there.post(f"{at}offer/", sent).json()["shown"] == "20.006,15"
    html = text(alice_there.post(f"{at}review/", sent))

    assert 'Paid <span class="amount">20.006,15</span> EUR, by the market' in html
    assert "1 BTC = 40.012,30 EUR" in html
    assert kept(html)["amount2"] == "20006.15"


def test_less_than_a_cent_is_proposed_with_its_digits(
    alice_there: Client, at: str, kraken: Account, rows: Rows
) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("400")

    html = text(alice_there.post(f"{at}review/", buy(kraken, kind="sell", amount="0.00001", amount2="")))

    assert 'Got <span class="amount">0.004</span> EUR, by the market' in html


def test_whoever_wants_no_rates_is_not_asked_again(alice_there: Client, at: str, kraken: Account) -> None:
    box = 'name="propose" value="yes"'
    for asked in ("yes", ""):
        html = text(alice_there.post(f"{at}review/", buy(kraken, propose=asked)))
        assert (box in html) == bool(asked)
        form = text(alice_there.post(f"{at}new/", {**kept(html), "propose": asked}))
        assert (f"{box} checked" in form) == bool(asked)


@pytest.mark.parametrize("price", ["0.000000000000000000000001", "99999999999999999999"])
def test_a_price_that_no_ledger_can_hold_is_not_proposed(
    alice_there: Client, at: str, kraken: Account, rows: Rows, price: str
) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("99999999999999999999")
    rows["ticker:KRAKEN:ETH/BTC"] = ticker(price)

    html = text(alice_there.post(f"{at}review/", buy(kraken, kind="reward", asset="ETH")))

    assert ("Market rates that are saved" in html) == (price[0] == "0")


def test_a_past_entry_is_priced_by_the_closes_before_it(
    alice_there: Client, at: str, portfolio: Portfolio, kraken: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    async def last_closes(symbols: Any, timeout_s: float, before_us: Any = None) -> dict[str, Any]:
        asked.append(before_us)
        ends = {"KRAKEN:BTC/EUR": before_us - 60_000_000, "KRAKEN:ETH/BTC": before_us - 7_200_000_000}
        return {name: publish.LastClose("300", ends[name]) for name in symbols}

    monkeypatch.setattr(publish, "last_closes", last_closes)
    reward = buy(kraken, kind="reward", amount="2", asset="BTC", time="2020-01-01T00:00")

    html = text(alice_there.post(f"{at}review/", reward))

    assert asked == [1_577_836_800_000_000]
    assert (
        "1 BTC = 300 EUR" in html and "BTC → EUR, closes of the hour before 2020-01-01 00:00:00 UTC" in html
    )
    old = text(alice_there.post(f"{at}review/", {**reward, "asset": "ETH"}))
    assert "What ETH was worth in EUR then is not known" in old  # two hours old is no price of that moment


def test_while_it_is_typed_the_form_hears_what_the_review_would_say(
    alice_there: Client, at: str, portfolio: Portfolio, kraken: Account, rows: Rows
) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("400.123")
    sent = buy(kraken, amount="0.5", amount2="")

    offered = alice_there.post(f"{at}offer/", sent).json()

    assert (offered["field"], offered["value"], offered["lacks"]) == ("amount2", "200.06", "")
    words = " EUR, by the market's price of that time: 1 BTC = 400.123 EUR, BTC → EUR, of KRAKEN"
    assert (offered["lead"], offered["shown"], offered["is_amount"]) == ("Paid", "200.06", True)
    assert offered["rest"].startswith(words)
    assert f'Paid <span class="amount">200.06</span>{words}' in text(alice_there.post(f"{at}review/", sent))
    assert alice_there.post(f"{at}offer/", {**sent, "amount2": "7"}).json() == {}  # what is typed stays
    assert alice_there.post(f"{at}offer/", {**sent, "amount": "a lot"}).json() == {}
    rows.clear()
    dead = alice_there.post(f"{at}offer/", sent).json()
    assert (dead["value"], dead["lacks"][:33]) == ("", "no market here says a price of BT")
    assert not list(queries.entries(portfolio))


def test_what_a_market_says_is_for_the_owner_alone_and_not_without_end(
    alice_there: Client, at: str, bob: User, kraken: Account, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    sent = buy(kraken, amount="0.5", amount2="")
    assert client(bob).post(f"{at}offer/", sent).status_code == 404
    assert Client().post(f"{at}offer/", sent).status_code == 302
    monkeypatch.setattr(offer_views, "LIMITS", {"entry_offer": "2/m/user"})
    asked = [alice_there.post(f"{at}offer/", sent).status_code for _ in range(3)]
    assert asked == [200, 200, 429]
