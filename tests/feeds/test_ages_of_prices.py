"""How old best prices are: as old as what last told them, whatever else the venue has told since.

Else a quote that was lost on the wire looks as young as the figures of a day that go on coming.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from feeds.basics import in_parts
from feeds.codec import Codec, DecodeError, Subscription
from feeds.events import BookDelta, BookSnapshot, Event, Quote, Stats, Trade
from feeds.symbols import BOOK, STATS, TICKER, TRADE
from feeds.venues import VENUES, codec
from tests.feeds.alpaca import frames as alpaca
from tests.feeds.bitstamp.test_requests import DAY
from tests.feeds.making import T0_NS
from tests.feeds.replaying import Recorded
from tests.feeds.samples import samples

LATER_NS = T0_NS + 60_000_000_000
_BOOKS = (BookDelta, BookSnapshot)
# What is asked for by REST: (channel, symbol, answer).
POLLED = {
    "ALPACA": (STATS, "AAPL", alpaca.SNAPSHOT),
    "BITSTAMP": (TICKER, "btcusd", json.dumps(DAY | {"timestamp": str(LATER_NS // 10**9)}).encode()),
}
# What each venue is known to say of a market beside its best prices, and without them.
BESIDE = {
    "ALPACA": {Stats, Trade},
    "BINANCE": {Trade},
    "BINANCE_COINM": {Stats, Trade},
    "BINANCE_USDM": {Stats, Trade},
    "BITFINEX": {Trade},
    "BITSTAMP": {Stats, Trade},
    "BYBIT": {Stats, Trade},
    "BYBIT_INVERSE": {Trade},
    "BYBIT_LINEAR": {Stats, Trade},
    "BYBIT_OPTION": {Trade},
    "COINBASE": {Stats, Trade},
    "COINBASE_EXCHANGE": {Stats, Trade},
    "DERIBIT": {Stats, Trade},
    "GEMINI": {Trade},
    "KRAKEN": {Trade},
    "KRAKEN_FUTURES": {Trade},
    "OANDA": set(),
    "OKX": {Trade},
    "PYTH": {Stats},
}
# https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels, ticker_batch
BATCH = {
    "channel": "ticker_batch",
    "timestamp": "2023-02-09T20:19:35.39625135Z",
    "sequence_num": 0,
    "events": [{"type": "update", "tickers": [{"product_id": "BTC-USD", "price": "21932.98"}]}],
}


def messages(venue: str, captures: Path) -> Iterator[list[Event]]:
    """What comes from a venue, in its own order; of each sort the first few."""
    told, seen = codec(venue).for_link(), Counter()
    for frame in [*samples(venue, captures), json.dumps(BATCH).encode()]:
        try:
            events = told.decode(frame, LATER_NS)
        except DecodeError:  # of another codec, or a sample of what cannot be read
            continue
        sort = tuple(sorted({type(event).__name__ for event in events}))
        seen[sort] += 1
        if seen[sort] < 20:
            yield events
    if venue in POLLED:
        channel, native, body = POLLED[venue]
        yield told.decode_poll(Subscription(channel, f"{venue}:{native}", native), body, LATER_NS)


def priced(made: Codec, native: str) -> Recorded:
    """A market whose best prices came a minute ago."""
    recorded = Recorded(made)
    name = f"{made.venue}:{native}"
    wanted = [Subscription(channel, name, native, 10) for channel in (TICKER, BOOK, TRADE)]
    recorded.state.watch(in_parts(made, wanted), "link.0")
    recorded.state.apply(Quote(name, "0.0001", "1", "0.0002", "1", 0, T0_NS), "link.0")
    return recorded


def tells_best(events: list[Event], name: str, made: Codec) -> bool:
    """Whether best prices are in it, or a book from which this venue's are taken."""
    own = [event for event in events if getattr(event, "instrument", "") == name]
    return any(
        type(event) is Quote
        or (type(event) is Stats and event.quote is not None)
        or (made.quotes_at_trades and type(event) in _BOOKS)
        for event in own
    )


def names_of(events: list[Event]) -> set[str]:
    return {event.instrument for event in events if getattr(event, "instrument", "")}


@pytest.mark.parametrize("venue", VENUES)
def test_no_message_without_best_prices_makes_them_look_younger(venue: str, captures: Path):
    made, beside = codec(venue), set()
    for events in messages(venue, captures):
        for name in names_of(events):
            if tells_best(events, name, made):
                continue
            recorded = priced(made, name.partition(":")[2])
            for event in events:
                recorded.state.apply(event, "link.0")
            assert recorded.state.received_ns(TICKER, name) == T0_NS, events
            beside |= {type(event) for event in events} & {Stats, Trade}
    assert beside == BESIDE[venue]
