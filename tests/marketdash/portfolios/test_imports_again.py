"""What is carried on, ends by itself or moves within an exchange is recorded once, however often it comes."""

from __future__ import annotations

import pytest

from marketdash.instruments.models import Asset
from marketdash.portfolios import actions, queries
from marketdash.portfolios.accounting.exact import plain
from marketdash.portfolios.import_models import Import
from marketdash.portfolios.models import Account, Entry, Portfolio
from tests.marketdash.portfolios.imports.test_bybit import FUNDING, TRADED
from tests.marketdash.portfolios.imports.test_flex import FLEX
from tests.marketdash.portfolios.imports.test_flex_contracts import ACTIONS, CONTRACTS, _action
from tests.marketdash.portfolios.imports.test_trading212 import BEFORE, TRADING_212

SPLIT = (
    TRADING_212
    + """Market buy,2025-08-21 12:00:00,US1,AAPL,A,3,20,USD,60.00,USD,b1,,,,
Stock split open,2025-09-02 06:06:46,US1,AAPL,A,0.3,200,USD,60.00,USD,o1,,,,
Stock split close,2025-09-02 06:06:46,US1,AAPL,A,3,20,USD,60.00,USD,c1,,,,
"""
)
OPTION = (
    CONTRACTS
    + """BUY,20260717;120816,AAPL  260821P00030000,2,0.7,140,USD,-1.25,USD,OPT,100,O,t1
SELL,20260821;162000,AAPL  260821P00030000,-2,0,0,USD,0,USD,OPT,100,C;Ep,t2
"""
)
SHARES = FLEX + "BUY,20240102,AAPL,100,150,15000,USD,-1,USD\n"
FOUR = ACTIONS + _action("AAPL", "AAPL(US1) SPLIT 4 FOR 1", "300", "FS", 1)


@pytest.fixture(autouse=True)
def known(assets: dict[str, Asset]) -> None:
    for code in ("AAPL", "VUSA", "USD", "USDT", "BTC", "EUR"):
        Asset.objects.get_or_create(code=code)


def brought(portfolio: Portfolio, account: Account, text: str) -> Import:
    held = actions.bring(portfolio, account.pk, "f.csv", text.encode(), portfolio.owner)
    return actions.begin(held, leave_out=True)


def counts(portfolio: Portfolio, account: Account, text: str) -> tuple[int, int, int, int]:
    held = brought(portfolio, account, text)
    return held.new, held.duplicates, held.refused, held.left


def sums(portfolio: Portfolio) -> dict[str, str]:
    book = queries.book(portfolio)
    return {asset: plain(pool.quantity) for (_, asset), pool in book.pools.items() if pool.quantity}


@pytest.mark.parametrize(
    ("texts", "new", "held"),
    [
        ((BEFORE,), [5], {"EUR": "-234.34", "VUSA": "1.5", "AAPL": "10"}),
        ((SPLIT,), [2], {"USD": "-60", "AAPL": "0.3"}),
        ((OPTION,), [2], {"USD": "-141.25"}),
        ((SHARES, FOUR), [1, 1], {"USD": "-15001", "AAPL": "400"}),
        ((FUNDING, TRADED), [3, 1], {"BTC": "0.0005"}),
        ((TRADED, FUNDING), [1, 3], {"BTC": "0.0005"}),
    ],
)
def test_brought_again_all_of_it_is_there(
    portfolio: Portfolio, wallet: Account, texts: tuple[str, ...], new: list[int], held: dict[str, str]
) -> None:
    assert [counts(portfolio, wallet, text)[0] for text in texts] == new
    assert sums(portfolio) == held

    for text, before in zip(texts, new, strict=True):
        assert counts(portfolio, wallet, text)[:3] == (0, before, 0)
    assert Entry.objects.count() == sum(new) and sums(portfolio) == held


def test_a_split_that_was_taken_back_may_come_again(portfolio: Portfolio, wallet: Account) -> None:
    brought(portfolio, wallet, SHARES)
    four = brought(portfolio, wallet, FOUR)
    actions.undo(four)
    assert sums(portfolio)["AAPL"] == "100"

    assert counts(portfolio, wallet, FOUR)[:2] == (1, 0)
    assert sums(portfolio)["AAPL"] == "400"
