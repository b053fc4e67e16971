"""What would be owed without some entries: how much at most, since when, and how much at the end."""

from __future__ import annotations

from decimal import Decimal

from marketdash.portfolios.accounting import owing
from marketdash.portfolios.accounting.owing import Owed
from tests.marketdash.portfolios.writing import contracts, entry, fee, leg, paid

PERPETUAL = "DERIBIT:BTC-PERPETUAL"


def test_the_most_the_first_and_the_last_are_told_apart() -> None:
    brought = entry("deposit", leg("BTC", "3"))
    sales = [entry("sell", leg("BTC", f"-{amount}"), leg("EUR", "1")) for amount in ("1", "2")]
    back = entry("buy", leg("BTC", "2.5"), leg("EUR", "-1"))
    again = entry("sell", leg("BTC", "-0.5"), leg("EUR", "1"))

    found = owing.without([brought, *sales, back, again], {brought.id})

    assert found == [Owed(1, "BTC", 3, sales[0].at_us, Decimal(3), Decimal(-1))]


def test_contracts_owe_nothing_and_what_they_cost_does() -> None:
    brought = entry("deposit", leg("USDT", "100"))
    opened = entry("fill", contracts(PERPETUAL, "USDT", "-50", "10"), fee("USDT", "-0.5"))
    lost = entry("settlement", paid(PERPETUAL, "USDT", "-7"))

    found = owing.without([brought, opened, lost], {brought.id})

    assert found == [Owed(1, "USDT", 2, opened.at_us, Decimal("7.5"), Decimal("-7.5"))]


def test_what_was_owed_anyway_counts_only_for_what_is_more() -> None:
    brought = entry("deposit", leg("BTC", "1"))
    sale = entry("sell", leg("BTC", "-3"), leg("EUR", "1"))

    assert owing.without([sale, brought], {brought.id}) == []
    assert owing.without([brought, sale], {brought.id}) == [
        Owed(1, "BTC", 1, sale.at_us, Decimal(3), Decimal(-3))
    ]
