"""Bars that trades missed are the venue's own candles, as soon as it says them."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from feeds.bars import KEPT, Bars
from feeds.events import Bar
from feeds.missed import MINUTE_US
from tests.feeds.making import NAME, trade
from tests.feeds.one_days_bars import DAY_US, S0, bars, complete


def candle(
    start_s: int, *, closed: bool = True, interval: int = 1, volume: str = "9.0", trades: int = 9
) -> Bar:
    start_us = DAY_US + start_s * 1_000_000
    return Bar(NAME, interval, start_us, "1.0", "200.0", "0.5", "2.0", volume, trades, closed, not closed)


def test_the_venues_candles_replace_incomplete_bars_and_only_those():
    made = bars(since_us=DAY_US + 60_000_000)
    for at in (10, 70, 130):
        made.add(trade(at, s=S0 + at))

    changed = made.backfill([candle(-60), candle(0), candle(60)])

    assert [bar.start_us - DAY_US for bar in changed] == [-60_000_000, 0]
    assert [bar.close for bar in made.read(1)] == ["2.0", "2.0", "100.0", "100.0"]
    assert complete(made) == [True] * 4


def test_a_late_trade_is_not_added_to_the_venues_own_candle():
    made = bars(since_us=DAY_US + 60_000_000)
    made.add(trade(1, s=S0 + 70))
    made.backfill([candle(0)])

    made.add(trade(2, s=S0 + 30))

    assert made.read(1)[0].volume == "9.0"


def test_the_running_day_builds_on_the_venues_candle():
    made = bars(since_us=DAY_US + 3_600_000_000)
    made.add(trade(1, s=S0 + 3700))

    made.backfill([candle(0, closed=False, interval=1440)])
    made.add(trade(2, qty="1.25", price="300.0", s=S0 + 3800))

    (day,) = made.read(1440)
    assert day[3:8] == ("1.0", "300.0", "0.5", "300.0", "10.25")
    assert (day.trades, day.closed, day.incomplete) == (10, False, True)


def test_trades_that_a_running_candle_had_may_come_again_with_the_hole_filled():
    made = bars()
    made.add(trade(1, s=S0 + 10))
    made.hole_begins(DAY_US + 12_000_000)
    made.backfill([candle(60, closed=False)])
    made.add(trade(2, s=S0 + 61))  # in that candle too

    made.hole_filled()
    made.add(trade(3, s=S0 + 130))

    assert complete(made) == [True, False, True] and made.wanting() == [1]
    made.backfill([candle(60, volume="1.0")])
    assert made.read(1)[1].volume == "1.0" and complete(made) == [True] * 3


def test_bars_that_closed_incomplete_are_wanted_until_asked_for():
    made = bars(since_us=DAY_US + 30_000_000)
    made.add(trade(1, s=S0 + 40))
    assert made.wanting() == []
    made.add(trade(2, s=S0 + 70))
    assert made.wanting() == [1]

    made.backfill([candle(0)])
    assert made.wanting() == []

    made.add(trade(3, s=S0 + 310))
    assert made.wanting() == [5]


def test_a_minute_that_may_be_missing_whole_is_wanted_once_it_is_over():
    made = bars()
    made.add(trade(1, s=S0 + 10))
    made.advance(DAY_US + 60_000_000)
    made.hole_begins(DAY_US + 70_000_000)
    made.hole_ends(DAY_US + 250_000_000)
    assert made.wanting() == []

    made.advance(DAY_US + 300_000_000)

    assert made.wanting() == [1, 5]
    changed = made.backfill([candle(0), candle(120)])
    assert [bar.start_us - DAY_US for bar in changed] == [120_000_000]
    assert made.wanting() == [5]
    made.backfill([candle(0, interval=5)])
    assert made.wanting() == []
    made.advance(DAY_US + 900_000_000)
    assert made.wanting() == [15]


def test_a_minute_whose_hole_was_filled_is_not_missing():
    made = bars()
    made.add(trade(1, s=S0 + 10))
    made.hole_begins(DAY_US + 70_000_000)
    made.hole_ends(DAY_US + 80_000_000)
    made.hole_filled()
    made.advance(DAY_US + 300_000_000)

    assert made.wanting() == []


SECONDS = st.integers(0, 1800)
DEEDS: st.SearchStrategy[Callable[[Bars], object]] = st.one_of(
    SECONDS.map(lambda s: lambda made: made.add(trade(s, s=S0 + s))),
    SECONDS.map(lambda s: lambda made: made.advance(DAY_US + s * 1_000_000)),
    SECONDS.map(lambda s: lambda made: made.hole_begins(DAY_US + s * 1_000_000)),
    SECONDS.map(lambda s: lambda made: made.hole_ends(DAY_US + s * 1_000_000)),
    SECONDS.map(lambda s: lambda made: made.doubt(DAY_US + s * 1_000_000)),
    st.just(lambda made: made.hole_filled()),
    st.tuples(st.integers(0, 29), st.booleans(), st.sampled_from((1, 5))).map(
        lambda the: (
            lambda made: made.backfill(
                [candle(60 * (the[0] - the[0] % the[2]), closed=the[1], interval=the[2])]
            )
        )
    ),
)


@given(st.lists(DEEDS, max_size=30))
def test_what_is_wanted_is_the_same_whether_it_was_asked_before_or_not(deeds: list[Callable[[Bars], object]]):
    asked, silent = bars(since_us=DAY_US + 30_000_000), bars(since_us=DAY_US + 30_000_000)
    for deed in deeds:
        deed(asked)
        deed(silent)
        asked.wanting()

    assert asked.wanting() == silent.wanting()


def test_candles_from_before_what_is_kept_change_nothing():
    made = bars()
    made.backfill([candle(60 * minute) for minute in range(KEPT)])

    changed = made.backfill([candle(60 * minute) for minute in range(-3, KEPT + 1)])

    assert [bar.start_us - DAY_US for bar in changed] == [KEPT * MINUTE_US]
    assert len(made.read(1)) == KEPT
