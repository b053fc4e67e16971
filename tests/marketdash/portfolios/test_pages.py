"""The pages of portfolios: Alice has hers, with numbers of one moment; Charlie has nothing of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pytest
from django.contrib.auth.models import User

from marketdash import publish
from marketdash.instruments.models import Asset
from marketdash.portfolios import actions
from marketdash.portfolios.models import Account, Entry, Portfolio
from tests.marketdash.portfolios.looking import Rows, client, text, ticker
from tests.marketdash.portfolios.writing import contracts, draft_of, entry, leg

pytestmark = pytest.mark.django_db(transaction=True)


def figure(html: str, name: str) -> str:
    found = re.search(rf'data-figure="{name}">([^<]*)', html) or re.search(
        rf'data-figure="{name}"[^>]*>([^<]*)', html
    )
    assert found is not None
    return found[1].strip()


def total(html: str) -> str:
    found = re.search(r"data-total><b[^>]*>(.*?)</b>", html)
    assert found is not None
    return found[1]


def line(html: str, asset: str) -> str:
    found = re.search(rf'<tr data-asset="{asset}".*?</tr>', html, re.DOTALL)
    assert found is not None
    return re.sub(r"<[^>]+>", " ", found[0])


def test_the_page_says_what_it_is_worth_and_by_what(held: Portfolio, alice: User, rows: Rows) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("450.5", change="50.5")

    html = text(client(alice).get(f"/portfolios/{held.pk}/"))

    assert total(html) == "1,350.50" and "data-partial hidden" in html
    assert (figure(html, "unrealised"), figure(html, "realised"), figure(html, "24 hours")) == (
        "+50.50",
        "+300.00",
        "+50.50",
    )
    words = line(html, "BTC")
    for shown in ("Kraken", "400.00", "450.50", "33.4%", "+50.50", "+12.63%", "BTC → EUR, 2 s"):
        assert shown in words
    assert "As of" in html and "does not move by itself" in html and "t.csv:7" in html
    assert "1,350.50" in text(client(alice).get("/portfolios/"))


def test_another_method_gives_other_gains_and_the_same_total(
    held: Portfolio, alice: User, rows: Rows
) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("450.5")
    found = {}
    for method in ("fifo", "lifo", "hifo", "average"):
        answer = client(alice).post(f"/portfolios/{held.pk}/method/", {"method": method})
        assert answer.status_code == 302
        html = text(client(alice).get(f"/portfolios/{held.pk}/"))
        found[method] = figure(html, "realised"), total(html)

    assert found == {
        "fifo": ("+300.00", "1,350.50"),
        "lifo": ("+100.00", "1,350.50"),
        "hifo": ("+100.00", "1,350.50"),
        "average": ("+200.00", "1,350.50"),
    }
    html = text(client(alice).post(f"/portfolios/{held.pk}/method/", {"method": "best"}), 422)
    assert "Expected one of fifo, lifo, hifo, average, found 'best'." in html


def test_what_is_in_one_currency_is_summed_up(held: Portfolio, alice: User, rows: Rows) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("450.5", change="50.5")
    assert "Together" not in text(client(alice).get("/portfolios/"))
    other, _ = actions.create(alice, "More", "EUR"), actions.create(alice, "Other money", "USD")
    key = actions.open_account(other, "Wallet").pk
    actions.record(
        other, [draft_of(entry("deposit", leg("NEW", "1", account=key), leg("EUR", "1", account=key)))]
    )

    html = text(client(alice).get("/portfolios/"))

    row = re.search(r'<tr data-together="EUR".*?</tr>', html, re.DOTALL)
    assert row is not None and html.count("<tr data-together=") == 1
    assert "Together, 2 in EUR" in row[0] and ">1,351.50</b>" in row[0]
    assert "No market leads from NEW to EUR" in row[0] and "+50.50" in row[0]


def test_contracts_of_a_market_that_is_a_rate_too_have_its_price(
    held: Portfolio, kraken: Account, alice: User, rows: Rows
) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("450.5")
    margin = contracts("KRAKEN:BTC/EUR", "EUR", "2", "400")._replace(account=kraken.pk)
    actions.record(held, [draft_of(entry("fill", margin))])

    html = text(client(alice).get(f"/portfolios/{held.pk}/"))

    assert total(html) == "1,451.50" and "data-partial hidden" in html


def test_without_any_market_it_is_partial_and_says_of_what(held: Portfolio, alice: User, rows: Rows) -> None:
    html = text(client(alice).get(f"/portfolios/{held.pk}/"))

    assert total(html) == "900.00" and "Not the whole: no market leads from BTC to EUR." in html
    assert line(html, "BTC").count("–") >= 4 and "no market leads to EUR" in line(html, "BTC")
    assert figure(html, "unrealised") == "–" and "without 1 unknown" in html
    assert "Partial" in text(client(alice).get("/portfolios/"))


def test_a_stored_close_counts_as_stale_with_its_date(
    held: Portfolio, alice: User, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def last_closes(symbols: Iterable[str], timeout_s: float, before_us: Any = None) -> dict[str, Any]:
        return {
            name: publish.LastClose("400", 1_700_000_000_000_000) for name in symbols if "BTC/EUR" in name
        }

    monkeypatch.setattr(publish, "last_closes", last_closes)
    html = text(client(alice).get(f"/portfolios/{held.pk}/"))

    assert total(html) == "1,300.00" and "Not the whole: BTC at a price that is not live." in html
    assert "BTC → EUR, last close of KRAKEN:BTC/EUR 14 Nov 2023, 22:13 UTC" in line(html, "BTC")


def test_a_price_that_is_not_live_says_so(held: Portfolio, alice: User, rows: Rows) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("400", "stale", change="5")

    html = text(client(alice).get(f"/portfolios/{held.pk}/"))

    assert "BTC → EUR, stale, 2 s" in line(html, "BTC") and figure(html, "24 hours") == "–"


@pytest.mark.parametrize(("phase", "word"), [("", "halted"), ("closed", "closed")])
def test_a_price_of_a_market_that_stands_still_says_how(
    held: Portfolio, alice: User, rows: Rows, phase: str, word: str
) -> None:
    found = ticker("400", "halted", change="5")
    rows["ticker:KRAKEN:BTC/EUR"] = found._replace(body={**found.body, "phase": phase})

    html = text(client(alice).get(f"/portfolios/{held.pk}/"))

    assert f"BTC → EUR, {word}, 2 s" in line(html, "BTC")
    assert "BTC at a price that is not live" in html


def test_dust_and_unknown_costs_and_an_owed_lot(
    portfolio: Portfolio, kraken: Account, alice: User, rows: Rows
) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("400")
    rows["ticker:KRAKEN:ETH/BTC"] = ticker("0.05")
    for asset, amount in (("BTC", "0.000000000000000001"), ("ETH", "2")):
        actions.record(portfolio, [draft_of(entry("deposit", leg(asset, amount, account=kraken.pk)))])
    legs = leg("BTC", "1", account=kraken.pk), leg("EUR", "-100", account=kraken.pk)
    actions.record(portfolio, [draft_of(entry("swap", *legs))])

    html = text(client(alice).get(f"/portfolios/{portfolio.pk}/"))

    assert "1.000000000000000001" in line(html, "BTC") and "0.0₁₇1 of unknown cost" in line(html, "BTC")
    assert "2 of unknown cost" in line(html, "ETH") and "ETH → BTC → EUR" in line(html, "ETH")
    assert "−100.00" in line(html, "EUR")
    assert "Of unknown cost, in part or whole: BTC, ETH. Gains leave it out." in html


def test_a_portfolio_is_made_with_its_first_account(alice: User, rows: Rows) -> None:
    sent = {"name": "  New  one ", "base": "eur", "method": "hifo", "account": "Kraken"}

    answer = client(alice).post("/portfolios/", sent)

    made = Portfolio.objects.get()
    assert answer.status_code == 302 and answer["Location"] == f"/portfolios/{made.pk}/"
    assert (made.name, made.base.code, made.method, made.accounts.get().name) == (
        "New one",
        "EUR",
        "hifo",
        "Kraken",
    )
    html = text(client(alice).get(answer["Location"]))
    assert "Nothing is held." in html and total(html) == "0.00" and "data-partial hidden" in html


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", " ", "Expected 1 to 64 printable characters"),
        ("name", "a\0b", "Expected 1 to 64 printable characters"),
        ("base", "NOPE", "Expected the code of a known asset, found 'NOPE'"),
        ("base", "\0", "Expected the code of a known asset"),
        ("method", "best", "Expected one of fifo"),
        ("account", "x" * 65, "Expected 1 to 64 printable characters"),
    ],
)
def test_what_cannot_be_made_is_said_at_its_field(
    alice: User, rows: Rows, field: str, value: str, words: str
) -> None:
    sent = {"name": "Fine", "base": "EUR", "method": "fifo", "account": "Main", field: value}

    html = text(client(alice).post("/portfolios/", sent), 422)

    assert re.search(rf'id="refused-{field}">{re.escape(words)}', html)
    assert not Portfolio.objects.exists() and not Account.objects.exists()


def test_it_is_renamed_and_gets_accounts(held: Portfolio, alice: User, rows: Rows) -> None:
    address = f"/portfolios/{held.pk}/"
    assert client(alice).post(f"{address}rename/", {"name": "Other"}).status_code == 302
    assert client(alice).post(f"{address}accounts/", {"account": "Ledger <b>"}).status_code == 302

    html = client(alice).get(address).content.decode()

    assert "<h1>Other</h1>" in html and "Ledger &lt;b&gt;" in html
    again = text(client(alice).post(f"{address}accounts/", {"account": "Kraken"}), 422)
    assert "Expected one that is not in use, found 'Kraken'." in again


def test_it_is_deleted_when_it_was_asked_twice(held: Portfolio, alice: User, rows: Rows) -> None:
    address = f"/portfolios/{held.pk}/delete/"

    assert "Expected the box to be ticked" in text(client(alice).post(address), 422)
    assert Portfolio.objects.exists()
    assert client(alice).post(address, {"sure": "yes"})["Location"] == "/portfolios/"
    assert not Portfolio.objects.exists() and not Entry.objects.exists()


def test_forty_holdings_and_many_entries_take_few_queries(
    held: Portfolio, kraken: Account, alice: User, rows: Rows, django_assert_max_num_queries: Any
) -> None:
    Asset.objects.bulk_create(Asset(code=f"COIN{at}") for at in range(40))
    told = [entry("airdrop", leg(f"COIN{at}", "1", account=kraken.pk)) for at in range(40)]
    actions.record(held, [draft_of(each) for each in told])
    browser = client(alice)

    with django_assert_max_num_queries(27):
        html = text(browser.get(f"/portfolios/{held.pk}/"))

    assert len(re.findall(r'<tr data-asset="\w', html)) == 42 and html.count('class="parts"') == 25
    older = re.search(r"\?before=([0-9.]+)#entries", html)
    assert older is not None
    second = text(browser.get(f"/portfolios/{held.pk}/?before={older[1]}"))
    assert second.count('class="parts"') == 19 and "Earlier entries" in second
    for nonsense in ("x", "1", "9" * 40, "1.1.1", "٣.٣"):
        assert browser.get(f"/portfolios/{held.pk}/", {"before": nonsense}).status_code == 200
