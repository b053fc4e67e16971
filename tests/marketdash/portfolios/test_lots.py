"""Lots by example: what a person would work out on paper."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from marketdash.portfolios.accounting.basis import price_of
from marketdash.portfolios.accounting.ledger import Entry
from marketdash.portfolios.accounting.lots import (
    EARNED,
    FEE_PAID,
    FUNDED,
    GAIN,
    POSITION_GAIN,
    Book,
    unrealised,
)
from tests.marketdash.portfolios.writing import contracts, entry, fee, leg, paid, rate

PERPETUAL, FUTURE, OPTION = "DERIBIT:BTC-PERPETUAL", "BINANCE_USDM:BTCUSDT", "DERIBIT:BTC-27DEC26-100000-C"


def fold(*entries: Entry, method: str = "fifo") -> Book:
    return Book("EUR", method).fold(entries)


def lots(book: Book, asset: str = "BTC", account: int = 1) -> list[Any]:
    """(quantity, cost, entry that opened it)"""
    return [(lot.quantity, lot.cost, lot.origin[0]) for lot in book.pool(account, asset).lots()]


def three_buys() -> list[Entry]:
    """One coin each, for 100, 300 and 200."""
    return [entry("buy", leg("BTC", "1"), leg("EUR", f"-{price}")) for price in (100, 300, 200)]


@pytest.mark.parametrize(
    ("method", "cost", "left"),
    [
        ("fifo", 100 + 60, [240, 200]),
        ("lifo", 200 + 60, [100, 240]),
        ("hifo", 300 + 40, [100, 160]),
        ("average", 240, [360]),
    ],
)
def test_which_lots_a_sale_takes(method: str, cost: int, left: list[int]) -> None:
    buys = three_buys()
    sale = entry("sell", leg("BTC", "-1.2"), leg("EUR", "320"))

    book = fold(*buys, sale, method=method)

    assert book.tally(GAIN).value == 320 - cost
    assert sorted(lot[1] for lot in lots(book)) == sorted(left)
    assert book.holdings()[1, "BTC"] == Decimal("1.8")


def test_tenths_and_the_smallest_places_are_exact() -> None:
    wei = "0.000000000000000001"
    book = fold(
        entry("buy", leg("ETH", "0.1"), leg("EUR", "-0.1")),
        entry("buy", leg("ETH", "0.2"), leg("EUR", "-0.2")),
        entry("buy", leg("ETH", wei), leg("EUR", f"-{wei}")),
        entry("sell", leg("ETH", "-0.3"), leg("EUR", "0.3")),
    )

    assert book.holdings() == {(1, "ETH"): Decimal(wei), (1, "EUR"): Decimal(f"-{wei}")}
    assert book.tally(GAIN).value == 0


def test_a_third_of_a_cost_leaves_two_thirds_to_the_last_place() -> None:
    book = fold(
        entry("buy", leg("BTC", "3"), leg("EUR", "-100")),
        entry("sell", leg("BTC", "-1"), leg("EUR", "0.01")),
    )

    (left,) = lots(book)
    assert left[:2] == (2, Decimal("66.666666666666666666666667"))
    assert book.tally(GAIN).value + Decimal("33.333333333333333333333333") == Decimal("0.01")


def test_a_short_is_bought_back_and_flips() -> None:
    short = entry("sell", leg("BTC", "-2"), leg("EUR", "200"))
    back = entry("buy", leg("BTC", "3"), leg("EUR", "-240"))

    book = fold(short, back)

    assert book.tally(GAIN).value == 2 * (100 - 80)
    assert lots(book) == [(1, 80, back.id)]


def test_the_highest_method_buys_back_the_cheapest_short() -> None:
    book = fold(
        entry("sell", leg("BTC", "-1"), leg("EUR", "300")),
        cheap := entry("sell", leg("BTC", "-1"), leg("EUR", "100")),
        entry("buy", leg("BTC", "1"), leg("EUR", "-200")),
        method="hifo",
    )

    assert cheap.id not in {origin for _, _, origin in lots(book)}
    assert book.tally(GAIN).value == -100


def test_a_transfer_keeps_date_and_cost() -> None:
    buys = three_buys()
    moved = entry("transfer", leg("BTC", "-1.5"), leg("BTC", "1.5", account=2))

    book = fold(*buys, moved)

    assert lots(book, account=2) == [(1, 100, buys[0].id), (Decimal("0.5"), 150, buys[1].id)]
    assert {lot.opened_us for lot in book.pool(2, "BTC").lots()} == {buys[0].at_us, buys[1].at_us}
    assert lots(book) == [(Decimal("0.5"), 150, buys[1].id), (1, 200, buys[2].id)]
    assert not book.tallies.get((GAIN, 1, "BTC")) and not book.tallies.get((GAIN, 2, "BTC"))


def test_an_older_lot_that_arrives_later_goes_first() -> None:
    buys = three_buys()
    late = entry("buy", leg("BTC", "1", account=2), leg("EUR", "-900"))
    moved = entry("transfer", leg("BTC", "-1"), leg("BTC", "1", account=2))
    sale = entry("sell", leg("BTC", "-1", account=2), leg("EUR", "100"))

    book = fold(*buys, late, moved, sale)

    assert lots(book, account=2) == [(1, 900, late.id)]


def test_a_split_and_a_rename_keep_cost_and_date() -> None:
    buys = three_buys()
    book = fold(
        *buys,
        entry("split", leg("BTC", "-3"), leg("BTC", "30")),
        entry("rename", leg("BTC", "-30"), leg("NEW", "30000")),
    )

    assert lots(book) == []
    assert lots(book, "NEW") == [
        (10000, cost, buy.id) for cost, buy in zip((100, 300, 200), buys, strict=True)
    ]


def test_a_fee_in_a_third_asset_sells_its_lots() -> None:
    book = fold(
        entry("buy", leg("BNB", "1"), leg("EUR", "-200")),
        entry("buy", leg("BTC", "1"), leg("EUR", "-100"), fee("BNB", "-0.5"), rate("BNB", "600")),
    )

    assert lots(book, "BNB") == [(Decimal("0.5"), 100, lots(book, "BNB")[0][2])]
    assert book.tallies[GAIN, 1, "BNB"].value == 300 - 100
    assert (book.tallies[FEE_PAID, 1, "BNB"].amount, book.tally(FEE_PAID).value) == (Decimal("-0.5"), -300)
    assert lots(book) == [(1, 100, lots(book)[0][2])], "fees stand apart: no cost contains them"


def test_a_fee_in_what_was_bought_is_worth_what_the_trade_says() -> None:
    book = fold(entry("buy", leg("BTC", "2"), leg("EUR", "-100"), fee("BTC", "-0.02")))

    assert book.tally(FEE_PAID).value == -1
    assert lots(book)[0][:2] == (Decimal("1.98"), 99)


def test_income_is_earned_at_its_worth_and_funding_stands_apart() -> None:
    book = fold(
        entry("reward", leg("ETH", "1"), rate("ETH", "2000")),
        entry("airdrop", leg("NEW", "5")),
        entry("interest", leg("EUR", "-3")),
        entry("funding", leg("USDT", "-10"), rate("USDT", "0.9")),
        entry("funding", leg("USDT", "4"), rate("USDT", "0.5")),
    )

    assert (book.tally(EARNED).value, book.tally(EARNED).unknown) == (1997, 1)
    assert book.tally(FUNDED).value == -7
    assert lots(book, "NEW") == [(5, None, lots(book, "NEW")[0][2])]


def test_a_cost_that_nobody_knows_is_unknown_and_never_nothing() -> None:
    book = fold(
        entry("deposit", leg("BTC", "1")),
        entry("buy", leg("BTC", "1"), leg("EUR", "-100")),
        entry("sell", leg("BTC", "-1.5"), leg("EUR", "300")),
    )

    gains = book.tallies[GAIN, 1, "BTC"]
    assert (gains.value, gains.unknown, gains.unknown_amount) == (50, 1, 1)
    assert unrealised(book.pool(1, "BTC"), Decimal(70)) == (20, 0)


def test_a_price_on_the_day_is_no_cost_of_a_deposit_but_a_stated_one_is() -> None:
    priced = entry("deposit", leg("BTC", "1"), rate("BTC", "50000"))
    stated = entry("deposit", leg("BTC", "1", worth="300"), rate("BTC", "50000"))

    assert [cost for _, cost, _ in lots(fold(priced, stated))] == [None, 300]


def test_what_is_withdrawn_is_not_sold() -> None:
    book = fold(*three_buys(), entry("withdrawal", leg("BTC", "-1"), rate("BTC", "50000")))

    assert not book.tallies.get((GAIN, 1, "BTC"))
    assert [cost for _, cost, _ in lots(book)] == [300, 200]


def test_more_than_there_was_is_owed_at_an_unknown_cost() -> None:
    book = fold(
        entry("buy", leg("BTC", "1"), leg("EUR", "-100")),
        entry("transfer", leg("BTC", "-3"), leg("BTC", "3", account=2)),
    )

    assert [lot[:2] for lot in lots(book, account=2)] == [(1, 100), (2, None)]
    assert [lot[:2] for lot in lots(book)] == [(-2, None)]


def test_an_average_with_an_unknown_part_stays_unknown_in_that_part() -> None:
    book = fold(
        entry("deposit", leg("BTC", "1")),
        entry("buy", leg("BTC", "3"), leg("EUR", "-300")),
        entry("sell", leg("BTC", "-2"), leg("EUR", "400")),
        method="average",
    )

    gains = book.tallies[GAIN, 1, "BTC"]
    assert (gains.value, gains.unknown_amount) == (Decimal("1.5") * 100, Decimal("0.5"))
    assert [lot[:2] for lot in lots(book)] == [(Decimal("1.5"), 150), (Decimal("0.5"), None)]
    assert unrealised(book.pool(1, "BTC"), Decimal(800)) == (600 - 150, Decimal("0.5"))


def test_a_swap_needs_a_rate_and_is_unknown_without_one() -> None:
    swap = (leg("BTC", "-1"), leg("ETH", "10"))
    known = fold(*three_buys(), entry("swap", *swap, rate("BTC", "500"), rate("ETH", "49")))
    unknown = fold(*three_buys(), entry("swap", *swap))

    assert known.tallies[GAIN, 1, "BTC"].value == 400
    assert lots(known, "ETH")[0][1] == 500, "what was got cost what was given"
    assert (unknown.tallies[GAIN, 1, "BTC"].unknown, lots(unknown, "ETH")[0][1]) == (1, None)


def test_a_linear_future_gains_in_what_it_settles_in() -> None:
    book = fold(
        entry("fill", contracts(FUTURE, "USDT", "2", "100"), fee("USDT", "-1"), rate("USDT", "0.9")),
        entry(
            "fill", contracts(FUTURE, "USDT", "-3", "150"), paid(FUTURE, "USDT", "100"), rate("USDT", "0.8")
        ),
    )

    held = book.positions[1, FUTURE]
    assert (held.gained, held.paid, held.pool.quantity, held.pool.cost) == (100, 100, -1, -150)
    assert book.tally(POSITION_GAIN).value == 80
    assert book.holdings() == {(1, "USDT"): 99}


def test_funding_in_the_sum_of_a_settlement_is_no_part_of_what_was_gained() -> None:
    book = fold(
        entry("fill", contracts(FUTURE, "USDT", "2", "100"), rate("USDT", "1")),
        entry("funding", leg("USDT", "-3"), paid(FUTURE, "USDT", "20"), rate("USDT", "1")),
        entry("fill", contracts(FUTURE, "USDT", "-2", "110"), rate("USDT", "1")),
    )

    held = book.positions[1, FUTURE]
    assert (held.gained, held.paid) == (20, 20), "nothing is to come"
    assert book.tally(FUNDED).value == -3
    assert book.holdings() == {(1, "USDT"): 17}


def test_an_inverse_perpetual_gains_coins() -> None:
    book = fold(
        entry("fill", contracts(PERPETUAL, "BTC", "10", "50000", "10", True)),
        entry("fill", contracts(PERPETUAL, "BTC", "-10", "40000", "10", True), rate("BTC", "36000")),
    )

    held = book.positions[1, PERPETUAL]
    assert (held.gained, held.pool.quantity) == (Decimal("0.002") - Decimal("0.0025"), 0)
    assert book.tally(POSITION_GAIN).value == Decimal("-0.0005") * 36000


@pytest.mark.parametrize("price", ["37700", "63123.5", "0.071"])
def test_inverse_contracts_were_opened_at_the_price_that_was_said(price: str) -> None:
    book = fold(
        entry("fill", contracts(PERPETUAL, "BTC", "7", price, "10", True)),
        entry("fill", contracts(PERPETUAL, "BTC", "-3", "40000", "10", True)),
    )

    held = book.positions[1, PERPETUAL]  # what they cost in coins is no short number
    assert price_of(held.pool.quantity, held.pool.cost, held.contract) == Decimal(price)


def test_what_was_opened_for_nothing_was_opened_at_0() -> None:
    held = fold(entry("fill", contracts(OPTION, "BTC", "1", "0"))).positions[1, OPTION]
    assert price_of(held.pool.quantity, held.pool.cost, held.contract) == 0


@pytest.mark.parametrize(("price", "gain"), [("0", "-0.05"), ("0.25", "0.2")])
def test_an_option_ends_at_its_settlement_price(price: str, gain: str) -> None:
    bought = entry("fill", contracts(OPTION, "BTC", "1", "0.05"), paid(OPTION, "BTC", "-0.05"))
    ended = entry("expiry", contracts(OPTION, "BTC", "-1", price), rate("BTC", "100000"))

    book = fold(bought, ended)

    held = book.positions[1, OPTION]
    assert (held.gained, held.pool.quantity, held.paid) == (Decimal(gain), 0, Decimal("-0.05"))
    assert book.tally(POSITION_GAIN).value == Decimal(gain) * 100000
