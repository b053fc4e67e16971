"""What one channel says of another: trades that are counted elsewhere, best prices that a book has."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.codec import Subscription
from feeds.events import BookDelta, BookSnapshot, Heartbeat, LastTrade, Quote, Stats, Trade
from feeds.symbols import BOOK, OHLC, TICKER, TRADE
from feeds.tally import Tally
from feeds.topics import StateChange
from feeds.venues import codec
from tests.feeds.replaying import Recorded

BINANCE = "BINANCE:BTCUSDT"
NAME, LINK, NS = "COINBASE_EXCHANGE:BTC-USD", "public.0", 1_786_309_548_642_080_000


def trade(number: int, instrument: str = NAME) -> Trade:
    return Trade(instrument, str(number), "buy", "10", "1", NS // 1000 + number, NS)


def recorded(*channels: str) -> Recorded:
    made = Recorded(codec("COINBASE_EXCHANGE"))
    made.clock.set_wall(NS)
    made.watch(["BTC-USD"], depth=100, channels=channels or (TICKER, TRADE, OHLC, BOOK), link=LINK)
    return made


def told(made: Recorded, *events: object) -> list[object]:
    """What comes out."""
    made.events.clear()
    for event in events:
        made.state.apply(event, LINK)
    return made.events


def states(events: list[object], channel: str) -> list[tuple[str, str]]:
    return [(e.state, e.reason) for e in events if type(e) is StateChange and e.channel == channel]


def test_all_trades_that_were_counted_are_no_news():
    made = recorded()
    told(made, trade(7), LastTrade(NAME, 7), LastTrade(NAME, 7))

    assert told(made, trade(8), trade(9), LastTrade(NAME, 9), LastTrade(NAME, 9))[2:] == []
    assert made.state.counters["gaps"] == 0


def test_a_trade_that_is_late_by_less_than_a_count_is_none_that_is_missing():
    made = recorded()
    told(made, trade(7), LastTrade(NAME, 7), LastTrade(NAME, 7), LastTrade(NAME, 8))

    told(made, trade(8), LastTrade(NAME, 8), LastTrade(NAME, 8))

    assert made.state.counters["gaps"] == 0


@pytest.mark.parametrize(("came", "missing"), [((), 2), ((9,), 1)])
def test_trades_that_did_not_come_leave_a_hole_for_candles_to_fill(came: tuple[int, ...], missing: int):
    made = recorded()
    told(made, trade(7), LastTrade(NAME, 7), LastTrade(NAME, 7))

    events = told(made, *map(trade, came), LastTrade(NAME, 9), LastTrade(NAME, 9))

    assert states(events, TRADE) == [("stale", f"{missing} trades did not come"), ("live", "")]
    assert made.state.counters["gaps"] == 1
    made.state.tick()
    assert all(bar.incomplete for bar in made.state.bars(NAME, 1))
    assert states(told(made, LastTrade(NAME, 9)), TRADE) == [], "it is said once"


def numbered() -> tuple[Recorded, Callable[..., list[object]]]:
    made = Recorded(codec("BINANCE"))
    made.clock.set_wall(NS)
    made.watch(["BTCUSDT"], depth=100, channels=(TRADE, OHLC), link=LINK)
    return made, lambda *numbers: told(made, *(trade(each, BINANCE) for each in numbers))


@pytest.mark.parametrize(("came", "missing"), [((7, 8, 12), 3), ((7, 9, 10), 1)])
def test_a_number_that_jumps_leaves_a_hole_from_the_last_trade_on(came: tuple[int, ...], missing: int):
    made, traded = numbered()

    events = traded(*came)

    assert states(events, TRADE)[-2:] == [("stale", f"{missing} trades did not come"), ("live", "")]
    assert made.state.counters["gaps"] == 1
    made.state.tick()
    assert all(bar.incomplete for bar in made.state.bars(BINANCE, 1))
    assert made.state.trades(BINANCE)[-1].trade_id == str(came[-1]), "nothing that came is left out"


def test_numbers_without_a_jump_leave_none_nor_what_was_traded_while_the_link_was_down():
    made, traded = numbered()
    traded(7, 8, 8, 9, 7, 10)
    made.state.link_down(LINK, "reset")
    made.state.confirm([Subscription(each, BINANCE, "BTCUSDT") for each in (TRADE, OHLC)])

    traded(15, 16)

    assert made.state.counters["gaps"] == 0


def test_what_was_traded_while_the_link_was_down_is_not_counted_twice():
    made = recorded()
    told(made, trade(7), LastTrade(NAME, 7), LastTrade(NAME, 7))
    made.state.link_down(LINK, "gone")

    events = told(made, trade(20), LastTrade(NAME, 20), LastTrade(NAME, 20))

    assert states(events, TRADE) == [("live", "")]
    assert made.state.counters["gaps"] == 0


def test_nobody_who_follows_no_trades_hears_of_them():
    made = recorded(TICKER)

    assert told(made, LastTrade(NAME, 7), LastTrade(NAME, 9), LastTrade("COINBASE_EXCHANGE:X", 1)) == []
    assert "unknown:instrument" not in made.state.counters


@given(st.lists(st.tuples(st.integers(1, 30), st.booleans()), max_size=30), st.integers(1, 10**9))
def test_what_is_missing_is_counted_once_and_exactly(steps: list[tuple[int, bool]], first: int):
    """Each step: so many trades, of which the last came or did not."""
    tally, tape, number, missed = Tally(), [], first, 0
    tally.missed(number, tape)
    tally.missed(number, tape)
    expected = 0
    for count, came in steps:
        tape += map(trade, range(number + 1, number + count + came))
        number += count
        expected += not came
        missed += tally.missed(number, tape)
        missed += tally.missed(number, tape)

    assert missed == expected


# Best prices


BEGUN = (
    Quote(NAME, "8", "1", "12", "1", 5, 6),
    Stats(NAME, "10", "", "", "", "", "", 5, 6),
    BookSnapshot(NAME, [("9", "1"), ("8", "2")], [("11", "3")], 0, 0, None, 7, NS),
)


def delta(bids: list[tuple[str, str]], asks: list[tuple[str, str]] | None = None) -> BookDelta:
    return BookDelta(NAME, bids, asks or [], 0, 0, None, None, 8, NS)


def quotes(events: list[object]) -> list[tuple[str, str, str, str]]:
    return [(e.bid, e.bid_qty, e.ask, e.ask_qty) for e in events if type(e) is Quote]


def test_the_best_prices_are_the_books_as_soon_as_there_is_one():
    assert quotes(told(recorded(), *BEGUN)) == [("8", "1", "12", "1"), ("9", "1", "11", "3")]


@pytest.mark.parametrize(
    ("change", "best"),
    [
        (delta([("9", "5")]), [("9", "5", "11", "3")]),
        (delta([("9", "0.00")]), [("8", "2", "11", "3")]),
        (delta([("10", "1")], [("11", "0"), ("10.5", "1")]), [("10", "1", "10.5", "1")]),
        (delta([], [("11", "0")]), [("9", "1", "", "")]),
        (delta([("8", "0"), ("7", "3")], [("14", "1")]), []),
        (delta([("9", "1")]), []),
    ],
)
def test_they_are_said_when_they_change(change: BookDelta, best: list[tuple[str, str, str, str]]):
    made = recorded()
    told(made, *BEGUN)

    assert quotes(told(made, change)) == best


def test_a_ticker_says_older_ones_for_no_longer_than_its_own_message():
    """The first one is of the last trade, which may be hours ago."""
    made = recorded()
    told(made, *BEGUN)

    said = quotes(told(made, *BEGUN[:2]))

    assert said[-1] == ("9", "1", "11", "3")
    assert made.state.ticker(NAME)["bid"] == "9"


def test_a_book_that_is_broken_says_nothing():
    made = recorded()
    told(made, *BEGUN)

    assert quotes(told(made, delta([("12", "1")]))) == [], "crossed"
    made.state.refute(NAME, "an audit")
    assert quotes(told(made, delta([("9", "7")]), *BEGUN[:2])) == [("8", "1", "12", "1")]


@pytest.mark.parametrize("channels", [(BOOK,), (TRADE, BOOK)])
def test_without_a_ticker_there_are_none(channels: tuple[str, ...]):
    assert quotes(told(recorded(*channels), BEGUN[2], delta([("9", "5")]))) == []


def test_other_venues_say_their_own():
    made = Recorded(codec("COINBASE"))
    made.watch(["BTC-USD"], depth=100, channels=(TICKER, BOOK), link=LINK)
    name = "COINBASE:BTC-USD"
    said = Quote(name, "8", "1", "12", "1", 5, 6)

    events = told(made, said, BEGUN[2]._replace(instrument=name), Heartbeat("COINBASE", 1, 1))

    assert quotes(events) == [("8", "1", "12", "1")]


def test_what_rest_tells_proves_no_stream_of_prices():
    """Figures that were asked for come whether the link speaks or not."""
    made, figures = recorded(TICKER), Stats(NAME, "1", "", "", "", "", "", 0, NS)

    made.state.apply(figures, "")
    asked = made.state.topic_state(TICKER, NAME).state
    made.state.apply(figures, LINK)

    assert (asked, made.state.topic_state(TICKER, NAME).state) == ("syncing", "live")
    assert made.state.ticker(NAME)["last"] == "1"
