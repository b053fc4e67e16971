"""The page of one holding: its numbers, lots, entries, and what was traded, for whoever may look."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.contrib.auth.models import User

from marketdash.numerals import ENGLISH
from marketdash.portfolios import actions, queries
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.models import Account, Portfolio
from marketdash.portfolios.pages import traded
from marketdash.portfolios.pages.traded import Thing
from tests.marketdash.portfolios.looking import Rows, client, text, ticker
from tests.marketdash.portfolios.writing import contracts, draft_of, entry, fee, leg, paid

pages = pytest.mark.django_db(transaction=True)


def section(html: str, title: str) -> str:
    return html[html.index(f'id="{title}"') :].partition("</section>")[0]


@pages
def test_it_says_what_the_portfolio_says_and_more(
    held: Portfolio, kraken: Account, alice: User, bob: User, charlie: User, rows: Rows
) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("450.5")
    actions.share(held, "bob")
    whole = text(client(alice).get(f"/portfolios/{held.pk}/"))
    assert '<a data-open href="assets/BTC/">' in whole

    for user in (alice, bob):
        page = text(client(user).get(f"/portfolios/{held.pk}/assets/BTC/"))
        row = re.findall(r'<tr data-asset="BTC".*?</tr>', whole)[0]
        for cell in ("quantity", "average", "price", "value", "weight", "gain", "percent", "day", "by"):
            shown = re.findall(rf'data-cell="{cell}"[^>]*>([^<]*)<', page)
            assert shown == re.findall(rf'data-cell="{cell}"[^>]*>([^<]*)<', row), cell
        assert 'data-symbol="KRAKEN:BTC/EUR"' in page
        lots = section(page, "lots-title")
        assert lots.count("<tr>") == 2 and "400.00" in lots
        assert section(page, "entries-title").count("<tr>") == 4
        told = json.loads(re.findall(r'<script id="trades"[^>]*>(.*?)</script>', page)[0])
        assert [(each["up"], each["words"]) for each in told] == [
            (True, "Bought 1 BTC for 200 EUR, 200.00 each"),
            (True, "Bought 1 BTC for 400 EUR, 400.00 each"),
            (False, "Sold 1 BTC for 500 EUR, 500.00 each"),
        ]
        assert page.count("data-look=") == 3
    assert client(charlie).get(f"/portfolios/{held.pk}/assets/BTC/").status_code == 404
    assert client(alice).get(f"/portfolios/{held.pk}/assets/ETH/").status_code == 404
    assert client(alice).get(f"/portfolios/{held.pk}/assets/%00/").status_code in (400, 404)


@pages
def test_what_is_gone_and_what_has_no_market_have_pages_too(
    held: Portfolio, kraken: Account, alice: User, rows: Rows
) -> None:
    actions.record(held, [draft_of(entry("withdrawal", leg("BTC", "-1", account=kraken.pk)))])
    page = text(client(alice).get(f"/portfolios/{held.pk}/assets/BTC/"))
    assert "<p data-gone>Nothing of it is held now.</p>" in page and "None is open." in page

    actions.record(held, [draft_of(entry("airdrop", leg("NEW", "5", account=kraken.pk)))])
    page = text(client(alice).get(f"/portfolios/{held.pk}/assets/NEW/"))
    assert "No market of it is followed here" in page and "no market leads to EUR" in page
    assert "unknown" in section(page, "lots-title")


@pages
def test_entries_come_page_after_page_and_reversed_ones_are_no_trades(
    held: Portfolio, kraken: Account, alice: User, rows: Rows
) -> None:
    made = [
        draft_of(entry("buy", leg("ETH", "1", account=kraken.pk), leg("EUR", "-7", account=kraken.pk)))
        for _ in range(30)
    ]
    first = actions.record(held, made).entries[0]
    actions.reverse(held, first.pk)
    browser, address = client(alice), f"/portfolios/{held.pk}/assets/ETH/"

    page = text(browser.get(address))
    older = re.findall(r'href="(/portfolios/[^"]*\?before=[^"]*)"', page)[0]
    last = text(browser.get(older))

    assert page.count("data-look=") + last.count("data-look=") == 29
    assert "Earlier entries" in last and "Reversed, counts no more" in last
    assert len(traded.marks(held, Thing("ETH"), ENGLISH)) == 29


@pytest.mark.django_db
def test_contracts_have_lots_at_their_price(portfolio: Portfolio, kraken: Account) -> None:
    perpetual, coin = "BINANCE_USDM:BTCUSDT", "DERIBIT:BTC-PERPETUAL"
    legs = [
        [contracts(perpetual, "USDT", "2", "60000", "0.5"), paid(perpetual, "USDT", "-3")],
        [contracts(perpetual, "USDT", "-1", "62000", "0.5")],
        [contracts(coin, "BTC", "100", "50000", "10", inverse=True), fee("BTC", "-0.1")],
    ]
    drafts = [draft_of(entry("fill", *(replace_account(each, kraken) for each in some))) for some in legs]
    actions.record(portfolio, drafts)
    book: Book = queries.book(portfolio)

    found, more = traded.lots(book, Thing(perpetual, True), {kraken.pk: "Kraken"}, ENGLISH)
    inverse, _ = traded.lots(book, Thing(coin, True), {}, ENGLISH)

    assert [(each.quantity, each.each.text, each.account) for each in found] == [("1", "60,000.00", "Kraken")]
    assert [(each.quantity, each.each.text) for each in inverse] == [("100", "50,000.00")] and not more
    words = [each.words for each in traded.marks(portfolio, Thing(perpetual, True), ENGLISH)]
    assert words == [
        f"Bought 2 {perpetual} at 60,000.00",
        f"Sold 1 {perpetual} at 62,000.00",
    ]
    assert not traded.marks(portfolio, Thing("USDT"), ENGLISH)


def replace_account(part: Any, account: Account) -> Any:
    return part._replace(account=account.pk)


def test_a_trade_of_several_things_says_how_much_and_no_price() -> None:
    swap = entry("swap", leg("BTC", "-1"), leg("ETH", "9"), leg("NEW", "1"))

    mark = traded._mark(swap, Thing("BTC"), ENGLISH)

    assert mark is not None and (mark.words, mark.up) == ("Sold 1 BTC", False)
    assert traded._mark(swap, Thing("XRP"), ENGLISH) is None
