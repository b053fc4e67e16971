"""Options that end in what they are of: what they had cost goes with it, as on paper."""

from __future__ import annotations

import pytest

from marketdash.portfolios.accounting.lots import GAIN, POSITION_GAIN, PREMIUM
from tests.marketdash.portfolios.test_lots import fold, lots
from tests.marketdash.portfolios.writing import contracts, entry, leg, paid


@pytest.mark.parametrize(
    ("held", "delivered", "paid_for", "lot"),
    [
        ("1", "100", "-15000", (100, 15400)),  # a call: what it had cost is a part of what was bought
        ("-1", "-100", "15000", (-100, -15400)),  # assigned: what it had brought is a part of what was got
        ("1", "-100", "15000", (-100, -14600)),  # a put
        ("-1", "100", "-15000", (100, 14600)),
    ],
)
def test_an_exercise_delivers_at_the_strike_and_what_the_option_had_cost_goes_with_it(
    held: str, delivered: str, paid_for: str, lot: tuple[int, int]
) -> None:
    name, sign = "IBKR:AAPL-150", int(held)
    book = fold(
        entry("fill", contracts(name, "EUR", held, "4", "100"), paid(name, "EUR", str(-400 * sign))),
        entry(
            "exercise",
            contracts(name, "EUR", str(-sign), "0", "100"),
            *(leg("NEW", delivered), leg("EUR", paid_for)),
        ),
    )

    option = book.positions[1, name]
    assert (option.pool.quantity, option.gained - option.paid) == (0, 0)
    assert (book.tally(POSITION_GAIN).value, book.tally(PREMIUM).value) == (0, 400 * sign)
    assert [each[:2] for each in lots(book, "NEW")] == [lot]


def test_what_is_held_is_delivered_out_of_its_lots() -> None:
    """A covered call that is assigned: sold for the strike and what the call had brought."""
    name = "IBKR:AAPL-C-150"
    book = fold(
        entry("buy", leg("NEW", "100"), leg("EUR", "-14000")),
        entry("fill", contracts(name, "EUR", "-1", "4", "100"), paid(name, "EUR", "400")),
        entry("exercise", contracts(name, "EUR", "1", "0", "100"), leg("NEW", "-100"), leg("EUR", "15000")),
    )

    assert (book.tally(GAIN).value, book.tally(POSITION_GAIN).value) == (1400, 0)
    assert book.holdings()[1, "EUR"] == 1400


def test_a_premium_of_unknown_worth_leaves_the_cost_unknown() -> None:
    name = "X:Y-C"
    book = fold(
        entry("fill", contracts(name, "USD", "1", "4", "100"), paid(name, "USD", "-400")),
        entry("exercise", contracts(name, "USD", "-1", "0", "100"), leg("NEW", "100"), leg("USD", "-15000")),
    )

    assert book.tally(PREMIUM).unknown == 1
    assert [each[:2] for each in lots(book, "NEW")] == [(100, None)]


def test_one_that_is_settled_in_cash_gains_by_itself() -> None:
    name = "X:Y-C"
    book = fold(
        entry("fill", contracts(name, "EUR", "1", "4", "100"), paid(name, "EUR", "-400")),
        entry("exercise", contracts(name, "EUR", "-1", "7", "100"), paid(name, "EUR", "700")),
    )

    assert (book.tally(POSITION_GAIN).value, book.tally(PREMIUM).value) == (300, 0)
