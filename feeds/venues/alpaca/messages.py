"""What Alpaca's messages mean: https://docs.alpaca.markets/docs/real-time-stock-pricing-data

Nobody says who came to whom in a trade. Sizes of quotes are as they come: round lots by the documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from feeds.bare import digits
from feeds.events import (
    UNTOLD,
    Ack,
    Event,
    Heartbeat,
    InstrumentStatus,
    LoggedIn,
    Quote,
    Stats,
    Trade,
    TradeUndone,
    Unknown,
)
from feeds.symbols import OHLC, STATS, TICKER, TRADE, instrument_name
from feeds.venues.alpaca import shapes
from feeds.venues.alpaca.shapes import micros

VENUE = "ALPACA"
# Of the tapes A and B (CTS), then of C (UTDF); Q lets quotes come again, and no trades yet.
_HALTS, _RESUMES = frozenset("2HP"), frozenset("3T")
_TOLD = frozenset("56789ACDEFQ")
"""Said of a stock that goes on trading, or goes on not to."""
_WRONG_KEY_S, _TAKEN_S, _AGAIN_S = 600.0, 60.0, 30.0
_DENIED = {
    401: _AGAIN_S,  # not authenticated
    402: _WRONG_KEY_S,  # auth failed
    404: _AGAIN_S,  # auth timeout
    406: _TAKEN_S,  # connection limit exceeded: another program has the one that there may be
    408: _WRONG_KEY_S,  # v2 not enabled
    409: _WRONG_KEY_S,  # insufficient subscription: a feed that the plan does not have
}
_REFUSED = {400: "400 the request was not understood", 405: "405 the plan has no more symbols"}
_DAY_US, _EAST_US = 86_400_000_000, 18_000_000_000


def events_of(message: Any, received_ns: int) -> Iterator[Event]:
    """Raises ValueError for a time, a number or a name that is none."""
    reader = _READERS.get(type(message))
    if reader is not None:
        yield from reader(message, received_ns)


def _name(symbol: str) -> str:
    return instrument_name(VENUE, symbol)


def trade_id(us: int, tape: str, exchange: str, number: int) -> str:
    """The venue's numbers are its own for a day, a tape and an exchange. No day of trading ends by 05:00 UTC
    of its own, so that one is a day in New York, summer and winter."""
    return f"{(us - _EAST_US) // _DAY_US}-{tape}{exchange}-{number}"


def _trade(found: shapes.Trade, ns: int) -> Iterator[Event]:
    us = micros(found.time)
    number = trade_id(us, found.tape, found.exchange, found.id)
    yield Trade(_name(found.symbol), number, UNTOLD, digits(found.price), digits(found.size), us, ns)


def _correction(found: shapes.Correction, ns: int) -> Iterator[Event]:
    us, name = micros(found.time), _name(found.symbol)
    was, now = (trade_id(us, found.tape, found.exchange, number) for number in (found.was, found.id))
    instead = Trade(name, now, UNTOLD, digits(found.price), digits(found.size), us, ns)
    yield TradeUndone(name, was, instead, us, ns)


def _cancel(found: shapes.Cancel, ns: int) -> Iterator[Event]:
    us = micros(found.time)
    number = trade_id(us, found.tape, found.exchange, found.id)
    yield TradeUndone(_name(found.symbol), number, None, us, ns)


def _quote(found: shapes.Quote, ns: int) -> Iterator[Event]:
    """A side without a price is empty: 0."""
    bid, ask = _side(found.bid, found.bid_size), _side(found.ask, found.ask_size)
    yield Quote(_name(found.symbol), *bid, *ask, micros(found.time), ns)


def _side(price: Any, size: Any) -> tuple[str, str]:
    told = digits(price), digits(size)
    return told if told[0].strip("0.") else ("", "")


def _day(found: shapes.DailyBar, ns: int) -> Iterator[Event]:
    """The last price is that of the last trade, not of a bar. A bar's time is the day's beginning."""
    micros(found.time)
    volume, high, low = digits(found.volume), digits(found.high), digits(found.low)
    yield Stats(_name(found.symbol), "", volume, high, low, "", "", 0, ns)


def _alive(found: Any, ns: int) -> Iterator[Event]:
    """Understood, and shown nowhere: bars are made of trades, bands and imbalances have no place."""
    yield Heartbeat(VENUE, micros(found.time), ns)


def _status(found: shapes.Status, ns: int) -> Iterator[Event]:
    name, us = _name(found.symbol), micros(found.time)
    if found.code in _HALTS:
        words = ": ".join(filter(None, (found.words, found.reason)))
        yield InstrumentStatus(name, "halted", (words or f"status {found.code}")[:200], ns)
    elif found.code in _RESUMES:
        yield InstrumentStatus(name, "trading", "", ns)
    elif found.code in _TOLD:
        yield Heartbeat(VENUE, us, ns)
    else:
        yield Unknown(f"status {found.code:.20}")


def _success(found: shapes.Success, ns: int) -> Iterator[Event]:
    if found.msg == "authenticated":
        yield LoggedIn(True)
    elif found.msg == "connected":
        yield Heartbeat(VENUE, 0, ns)
    else:
        yield Unknown(f"success {found.msg:.40}")


def _error(found: shapes.Error, ns: int) -> Iterator[Event]:
    """Words without an address: of what was asked for the longest time ago, as the roster has it."""
    words = f"{found.code} {found.msg}"[:200].strip()
    if found.code in _DENIED:
        yield LoggedIn(False, words, _DENIED[found.code])
    elif found.code in _REFUSED:
        yield Ack(False, _REFUSED[found.code], "", "", 0)
    else:
        yield Unknown(f"error {found.code}")


def _subscribed(found: shapes.Subscribed, ns: int) -> Iterator[Event]:
    yield Heartbeat(VENUE, 0, ns)
    told = ((TICKER,), found.quotes), ((TRADE, OHLC), found.trades), ((STATS,), found.daily)
    for channels, symbols in told:
        for symbol in (each for each in symbols or () if each != "*"):
            yield from (Ack(True, "", channel, _name(symbol), 0) for channel in channels)


def _unread(found: shapes.Unread, ns: int) -> Iterator[Event]:
    yield Unknown(f"T {found.kind:.40}")


_READERS: dict[type, Callable[[Any, int], Iterator[Event]]] = {
    shapes.Trade: _trade,
    shapes.Quote: _quote,
    shapes.DailyBar: _day,
    shapes.Correction: _correction,
    shapes.Cancel: _cancel,
    shapes.Status: _status,
    shapes.MinuteBar: _alive,
    shapes.UpdatedBar: _alive,
    shapes.Band: _alive,
    shapes.Imbalance: _alive,
    shapes.Success: _success,
    shapes.Error: _error,
    shapes.Subscribed: _subscribed,
    shapes.Unread: _unread,
}
