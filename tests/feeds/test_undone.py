"""Trades that a venue takes back, or corrects: on the tape, in the last price, in bars, in rows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from feeds.events import Bar, TradeUndone
from feeds.log_slots import TradeSlot
from tests.feeds.making import NAME, stats, trade, undone
from tests.feeds.one_market import feed, recorded
from tests.feeds.test_merge import Reader, run

CORRECTED = st.integers(1, 30), st.integers(1, 60)


def tape(made) -> list[tuple[str, str]]:
    return [(each.trade_id, each.price) for each in made.state.trades(NAME)]


def test_it_leaves_the_tape_and_the_last_price_and_does_not_come_back_with_a_repetition():
    made = recorded()
    feed(made, trade(1), trade(2, price="100.5", s=1), trade(3, price="999.0", s=2))
    assert made.state.ticker(NAME)["last"] == "999.0"

    feed(made, undone(3, s=60), trade(3, price="999.0", s=2, replayed=True))

    assert tape(made) == [("1", "100.0"), ("2", "100.5")]
    assert made.state.ticker(NAME)["last"] == "100.5"
    assert made.state.counters["undone"] == made.state.counters["duplicates"] == 1


def test_what_is_told_instead_stands_in_its_place_and_keeps_its_time():
    made = recorded()
    feed(made, trade(1), trade(2, price="999.0", s=1), trade(3, s=2))
    was = made.state.trades(NAME)[1]

    feed(made, undone(2, trade(20, price="100.1", s=60), s=60))

    assert tape(made) == [("1", "100.0"), ("20", "100.1"), ("3", "100.0")]
    assert made.state.trades(NAME)[1].exchange_us == was.exchange_us
    feed(made, trade(20, price="100.1", s=1))
    assert len(tape(made)) == 3


def test_a_last_price_that_was_told_with_the_figures_goes_too():
    made = recorded()
    feed(made, trade(1), stats(last="100.0", volume="7"))

    feed(made, undone(1))

    assert made.state.ticker(NAME)["last"] == ""
    assert made.state.ticker(NAME)["volume"] == "7"


def test_its_bars_are_incomplete_until_the_venues_own_candles_are_in():
    made = recorded()
    start = 3600 - trade(1).exchange_us // 1_000_000 % 3600  # the next full hour
    feed(made, trade(1, s=start), trade(2, price="999.0", s=start + 5), trade(3, s=start + 60))
    candle = Bar(
        NAME, 1, trade(1, s=start).exchange_us, "100.0", "999.0", "100.0", "100.0", "3", 2, True, False
    )
    made.state.backfill([candle])
    made.events.clear()

    feed(made, undone(2, s=90))

    assert type(made.events[0]) is TradeUndone
    changed = {bar.interval: bar.incomplete for bar in made.events[1:]}
    assert changed == dict.fromkeys((1, 5, 15, 60, 240, 1440), True)
    assert (NAME, 1) in made.state.needs_backfill()

    made.state.backfill([candle._replace(high="100.0", volume="1.5", trades=1)])
    first = made.state.bars(NAME, 1, candle.start_us)[0]
    assert (first.high, first.volume, first.incomplete) == ("100.0", "1.5", False)
    assert (NAME, 1) not in made.state.needs_backfill()


def test_one_that_is_not_held_is_counted_and_its_time_is_asked_for_again():
    made = recorded()
    feed(made, trade(1))
    made.events.clear()

    feed(made, undone(7))

    assert tape(made) == [("1", "100.0")]
    assert made.state.counters["undone:not held"] == 1
    assert {bar.incomplete for bar in made.events} == {True}


def test_a_correction_to_no_price_changes_nothing():
    made = recorded()
    feed(made, trade(1))

    feed(made, undone(1, trade(2, price="NaN")))

    assert tape(made) == [("1", "100.0")]
    assert made.state.counters["refused"] == 1


# rows


@given(
    st.lists(
        st.one_of(
            st.builds(trade, st.integers(1, 30)),
            st.builds(undone, st.integers(1, 30)),
            st.builds(
                lambda at, new: undone(at, trade(new, price="7")), st.integers(1, 30), st.integers(1, 60)
            ),
            st.sampled_from(["take", "key"]),
        ),
        max_size=40,
    )
)
def test_rows_of_trades_that_are_taken_back_lead_to_the_keyframe(steps):
    run(Reader(TradeSlot(NAME), "trade"), steps)


def test_a_trade_that_is_taken_back_makes_the_next_row_whole():
    reader = Reader(TradeSlot(NAME), "trade")
    reader.feed(trade(1), trade(2), trade(3))
    reader.take()
    assert not reader.slot.replaces

    reader.feed(undone(2))

    assert [each["trade_id"] for each in reader.take()["trades"]] == ["1", "3"]
    assert reader.slot.replaces
    assert reader.take() is None
