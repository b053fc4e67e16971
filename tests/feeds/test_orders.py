"""Orders made whole out of updates that say only what changed, in whatever order they come."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from feeds.orders import Orders
from feeds.private import FILLED, NEW, PARTIALLY_FILLED, OrderUpdate

FIRST = OrderUpdate("KRAKEN:BTC/USD", "O", "mine", "buy", "limit", NEW, "100", "2", "", 10, 1)


def brief(status: str, us: int, filled: str = "") -> OrderUpdate:
    return OrderUpdate("", "O", "", "", "", status, "", "", filled, us, us)


def test_a_brief_update_becomes_the_whole_order():
    orders = Orders()
    orders.now(FIRST)

    assert orders.now(brief(PARTIALLY_FILLED, 20, "0.5")) == OrderUpdate(
        "KRAKEN:BTC/USD", "O", "mine", "buy", "limit", PARTIALLY_FILLED, "100", "2", "0.5", 20, 20
    )


def test_an_order_of_which_nobody_said_what_it_is_waits_until_somebody_does():
    orders = Orders()

    assert orders.now(brief(PARTIALLY_FILLED, 20, "0.5")) is None
    late = orders.now(FIRST)

    assert (late.instrument, late.status, late.filled_qty) == ("KRAKEN:BTC/USD", PARTIALLY_FILLED, "0.5")


def test_what_brings_nothing_is_not_told_again():
    orders = Orders()

    assert orders.now(FIRST) == FIRST
    assert orders.now(FIRST) is None


def test_an_order_that_is_over_stays_so():
    orders = Orders()
    orders.now(FIRST)
    orders.now(brief(FILLED, 20, "2"))

    assert orders.now(brief(PARTIALLY_FILLED, 30, "1")) is None
    assert orders.open() == []


def test_only_so_many_are_remembered():
    orders = Orders()
    for number in range(1500):
        orders.now(OrderUpdate("KRAKEN:BTC/USD", str(number), "", "buy", "limit", NEW, "1", "1", "", 1, 1))

    assert len(orders.open()) == 1000


STEPS = [FIRST, brief(NEW, 11), brief(PARTIALLY_FILLED, 20, "0.5"), brief(PARTIALLY_FILLED, 30, "1"),
         brief(FILLED, 40, "2")]  # fmt: skip


@given(st.permutations(STEPS))
def test_in_whatever_order_they_come_the_end_is_the_same(steps: list[OrderUpdate]):
    orders = Orders()
    told = [now for step in steps if (now := orders.now(step)) is not None]

    last = told[-1]
    assert (last.status, last.filled_qty, last.price, last.side) == (FILLED, "2", "100", "buy")
    assert orders.open() == []
