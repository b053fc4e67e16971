"""Bars against an oracle that sees all trades at once, and what makes a bar incomplete."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from feeds.bars import Bars
from feeds.events import Bar
from feeds.symbols import INTERVALS
from tests.feeds.making import NAME, T0_US, PlainCodec, trade
from tests.feeds.one_days_bars import DAY_US, S0, bars, complete
from tests.feeds.replaying import Recorded


def oracle(trades, interval):
    """Open, high, low, close, volume and count by minute, from the whole list in the order of (time, id)."""
    found = {}
    for item in sorted(trades, key=lambda one: (one.exchange_us, int(one.trade_id))):
        start_us = item.exchange_us - item.exchange_us % (interval * 60_000_000)
        found.setdefault(start_us, []).append(item)
    return {
        start_us: (
            items[0].price,
            max((item.price for item in items), key=Decimal),
            min((item.price for item in items), key=Decimal),
            items[-1].price,
            sum(Decimal(item.qty) for item in items),
            len(items),
        )
        for start_us, items in found.items()
    }


def shown(made: Bars, interval: int):
    return {bar.start_us: (*bar[3:7], Decimal(bar.volume), bar.trades) for bar in made.read(interval)}


prices = st.sampled_from(["9.5", "10.0", "10.5", "11.0", "100.25"])
moments = st.integers(0, 400).map(lambda ms: ms * 0.7)


@given(
    st.lists(st.tuples(moments, prices, st.sampled_from(["0.1", "0.20", "3"]), st.booleans()), max_size=40),
    st.randoms(),
)
def test_bars_are_the_oracles_in_whatever_order_trades_come(rows, random):
    trades = [trade(at, price=p, qty=q, s=S0 + s) for at, (s, p, q, _) in enumerate(rows, 1)]
    reads = dict(zip((item.trade_id for item in trades), (row[3] for row in rows), strict=True))
    random.shuffle(trades)
    made = bars()

    for item in trades:
        made.add(item)
        if reads[item.trade_id]:
            made.read(1)

    for interval in INTERVALS:
        assert shown(made, interval) == oracle(trades, interval)
        assert [bar.start_us for bar in made.read(interval)] == sorted(oracle(trades, interval))


def test_volume_is_exact_and_keeps_its_digits():
    made = bars()
    for at in range(3000):
        made.add(trade(at, qty="0.10000000", s=S0))

    assert made.read(1)[0].volume == "300.00000000"
    assert made.read(1440)[0].trades == 3000


def test_minutes_without_trades_are_not_invented():
    made = bars()
    made.add(trade(1, s=S0))
    made.add(trade(2, s=S0 + 600))

    assert [bar.start_us - DAY_US for bar in made.read(1)] == [0, 600_000_000]
    assert [bar.closed for bar in made.read(1)] == [True, False]


def test_a_minute_closes_when_the_next_one_trades_and_each_length_when_it_is_over():
    made = bars()
    made.add(trade(1, s=S0))

    reported = made.add(trade(2, s=S0 + 300))

    assert [(bar.interval, bar.closed) for bar in reported] == [(1, True), (5, True), (1, False)]


def test_a_quiet_minute_is_closed_by_the_clock():
    made = bars()
    made.add(trade(1, s=S0))

    assert made.advance(DAY_US + 59_999_999) == []
    assert [(bar.interval, bar.closed, bar.trades) for bar in made.advance(DAY_US + 60_000_000)] == [
        (1, True, 1)
    ]
    assert made.advance(DAY_US + 61_000_000) == []


def test_a_late_trade_reports_the_bars_it_changed():
    made = bars()
    made.add(trade(1, s=S0 + 10))
    made.add(trade(3, s=S0 + 70))

    reported = made.add(trade(2, price="55.5", s=S0 + 50))

    assert [(bar.interval, bar.close, bar.closed) for bar in reported[:2]] == [
        (1, "55.5", True),
        (5, "100.0", False),
    ]
    assert len(reported) == len(INTERVALS)


def test_the_running_bar_is_reported_once_between_two_reads():
    made = bars()
    reports = [len(made.add(trade(at, s=S0 + at))) for at in range(1, 5)]
    assert reports == [1, 0, 0, 0]

    made.read(60)

    assert [len(made.add(trade(at, s=S0 + at))) for at in range(5, 8)] == [1, 0, 0]


def test_a_trade_of_the_far_future_closes_nothing():
    made = bars()
    made.add(trade(1, s=S0))
    odd = trade(2, s=S0 + 86_400)

    assert made.add(replace(odd, received_ns=DAY_US * 1000)) == []
    assert [bar.closed for bar in made.read(1)] == [False]


def test_two_trades_of_the_future_mean_that_our_clock_is_behind():
    made = bars()
    late = [replace(trade(at, s=S0 + 3600 + at), received_ns=(DAY_US + at) * 1000) for at in (1, 2, 70)]

    told = [bar for each in late for bar in made.add(each)]

    assert [(bar.trades, bar.closed, bar.incomplete) for bar in made.read(1)] == [
        (1, True, True),
        (1, False, False),
    ]
    assert told


def test_bars_are_bounded():
    made = bars()
    for at in range(1200):
        made.add(trade(at, s=S0 + 60 * at))

    assert len(made.read(1)) == 500
    assert len(made.read(5)) == 240
    assert made.read(1, since_us=DAY_US + 1190 * 60_000_000)[0].start_us == DAY_US + 1190 * 60_000_000


# incomplete


def test_bars_that_began_before_we_listened_are_incomplete():
    made = bars(since_us=DAY_US + 90_000_000)
    for at in (95, 130):
        made.add(trade(at, s=S0 + at))

    assert complete(made) == [False, True]
    assert complete(made, 5) == [False]


def test_bars_touched_by_a_hole_are_incomplete():
    made = bars()
    for at in (10, 70, 130, 190):
        if at == 130:
            assert [bar.incomplete for bar in made.hole_begins(DAY_US + 80_000_000)] == [True] * len(
                INTERVALS
            )
            made.hole_ends(DAY_US + 130_000_000)
        made.add(trade(at, s=S0 + at))

    assert complete(made) == [True, False, False, True]


def test_a_hole_that_the_venue_filled_was_none():
    made = bars()
    made.add(trade(1, s=S0 + 10))
    made.hole_begins(DAY_US + 12_000_000)
    assert complete(made) == [False]

    made.hole_filled()

    assert complete(made) == [True]


# in the state


def test_a_link_that_was_down_leaves_incomplete_bars_unless_its_snapshot_closes_the_hole():
    for known, expected in ((5, [True]), (4, [False])):
        made = Recorded(PlainCodec())
        made.watch(["BTC/USD"], depth=0, channels=["trade"], link="a")
        made.clock.advance(86_400)
        at = made.clock.wall_ns() // 1000
        made.clock.advance(60 - at % 60_000_000 / 1e6)
        s = (made.clock.wall_ns() // 1000 - T0_US) / 1e6
        made.state.apply(trade(known, s=s), "a")

        made.state.link_down("a", "gone")
        assert [bar.incomplete for bar in made.state.bars(NAME, 1)] == [True]
        made.clock.advance(10)
        for again in (5, 6):
            made.state.apply(trade(again, s=s + again, replayed=True), "a")

        assert [not bar.incomplete for bar in made.state.bars(NAME, 1)] == expected


@pytest.mark.parametrize("seconds", [61, 63])
def test_ticking_closes_bars_after_a_grace(seconds):
    made = Recorded(PlainCodec())
    made.watch(["BTC/USD"], depth=0, channels=["trade"], link="a")
    at_us = made.clock.wall_ns() // 1000
    made.state.apply(trade(1, s=(at_us - at_us % 60_000_000 - T0_US) / 1e6), "a")
    made.clock.advance(seconds - at_us % 60_000_000 / 1e6)

    made.state.tick()

    assert [bar.closed for bar in made.state.bars(NAME, 1)] == [seconds == 63]
    assert [bar.closed for bar in made.events if type(bar) is Bar and bar.interval == 1][-1] == (
        seconds == 63
    )


@pytest.mark.parametrize("heard_first", ["the agreement", "a trade"])
def test_what_passed_before_the_venue_agreed_was_missed(heard_first):
    """Asked for right before a minute began, heard of in it: that minute is not whole."""
    since_us = T0_US - T0_US % 60_000_000
    ours = Bars(NAME, since_us)
    first, second = trade(1, s=0.9), trade(2, s=61)
    made = [replace(each, exchange_us=since_us + us) for each, us in ((first, 900_000), (second, 61_000_000))]
    if heard_first == "a trade":
        ours.add(made[0])
        ours.hole_ends(since_us + 950_000)
    else:
        ours.hole_ends(since_us + 300_000)
        ours.add(made[0])
    ours.add(made[1])

    assert [bar.incomplete for bar in ours.read(1)] == [True, False]


def test_trades_of_one_instant_whose_ids_are_no_numbers_are_in_the_order_in_which_they_came():
    ours = Bars(NAME, 0)
    for name, price in (("f1b0", "100.0"), ("0a3c", "101.0"), ("c77d", "99.5")):
        ours.add(replace(trade(1, price=price), trade_id=name))

    (bar,) = ours.read(1)
    assert (bar.open, bar.high, bar.low, bar.close, bar.trades) == ("100.0", "101.0", "99.5", "99.5", 3)
