"""Ten seconds of Coinbase Advanced, as recorded: whole books in one frame, one sequence over all channels."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from feeds.events import BookDelta, BookSnapshot, LinkSequence, Quote, Trade, Unknown
from feeds.symbols import BOOK, TICKER, TRADE
from feeds.venues.coinbase.public import CoinbaseCodec
from tests.feeds.replaying import Recorded, records

CAPTURE = "coinbase-advanced/2026-08-09_btc-eth_first40pct.jsonl.gz"
CHANNELS = {"level2": BOOK, "market_trades": TRADE, "ticker": TICKER}
NATIVES = ("BTC-USD", "ETH-USD")

Top = tuple[tuple[str, str], tuple[str, str]]


class Replay(Recorded):
    """Keeps what was decoded, and books that are nothing but dictionaries."""

    def __init__(self, path: Path) -> None:
        super().__init__(CoinbaseCodec())
        self.decoded: list[object] = []
        self.books: dict[str, tuple[dict[str, str], dict[str, str]]] = {}
        self.tops: dict[str, list[Top]] = {native: [] for native in NATIVES}
        self.instruments = []
        for record in records(path):
            self.clock.set_wall(record["ns"])
            getattr(self, f"_{record['k']}")(record)

    def _open(self, record: dict) -> None:
        pass

    def _send(self, record: dict) -> None:
        asked = json.loads(record["raw"])
        if channel := CHANNELS.get(asked["channel"]):
            self.watch(asked["product_ids"], depth=0, channels=[channel], link="public.0")

    def _http(self, record: dict) -> None:
        self.instruments = self.codec.decode_instruments(record["raw"].encode())

    def _recv(self, record: dict) -> None:
        frame = record["raw"].encode()
        for event in self.codec.decode(frame, record["ns"]):
            self.decoded.append(event)
            self._follow(event)
        self.feed(frame, record["ns"])

    def _follow(self, event: object) -> None:
        if type(event) is BookSnapshot:
            self.books[event.instrument] = dict(event.bids), dict(event.asks)
        elif type(event) is BookDelta:
            for side, changes in zip(self.books[event.instrument], (event.bids, event.asks), strict=True):
                for price, qty in changes:
                    side[price] = qty
                    if not Decimal(qty):
                        del side[price]
        if type(event) in (BookSnapshot, BookDelta):
            self.tops[event.instrument.partition(":")[2]].append(best(*self.books[event.instrument]))


def quoted(quote: Quote) -> Top:
    return (quote.bid, quote.bid_qty), (quote.ask, quote.ask_qty)


def best(bids: dict[str, str], asks: dict[str, str]) -> Top:
    bid, ask = max(bids, key=float), min(asks, key=float)
    return (bid, bids[bid]), (ask, asks[ask])


@pytest.fixture(scope="module")
def replay(captures: Path) -> Replay:
    return Replay(captures / CAPTURE)


def test_the_sequence_of_the_link_has_no_hole(replay):
    numbers = [event.last for event in replay.decoded if type(event) is LinkSequence]

    assert numbers == list(range(407))
    assert replay.resyncs == []
    assert not replay.state.counters.keys() & {"gaps", "crossed", "refused", "duplicates"}


def test_whole_books_equal_a_plain_replay_of_the_same_events(replay):
    for native in NATIVES:
        bids, asks = replay.books[f"COINBASE:{native}"]
        found = replay.state.book(f"COINBASE:{native}").best(100_000)

        assert found[0] == sorted(bids.items(), key=lambda level: Decimal(level[0]), reverse=True)
        assert found[1] == sorted(asks.items(), key=lambda level: Decimal(level[0]))
        assert len(bids) + len(asks) > 23_000


def test_snapshots_hold_every_level_of_their_frame(replay):
    sizes = {
        event.instrument: len(event.bids) + len(event.asks)
        for event in replay.decoded
        if type(event) is BookSnapshot
    }

    assert sizes == {"COINBASE:BTC-USD": 46_000, "COINBASE:ETH-USD": 23_334}


def test_the_ticker_channel_quotes_what_the_book_had_on_top(replay):
    """The channels are sent apart, some messages before or after each other, and the ticker in batches."""
    quotes = [event for event in replay.decoded if type(event) is Quote]
    found = [quoted(quote) in replay.tops[quote.instrument.partition(":")[2]] for quote in quotes]

    assert len(quotes) == 64
    assert found.count(False) <= 5


def test_the_side_is_the_aggressors(captures):
    """Who buys pays the ask: bought at or above the middle, sold at or below it."""
    replay, right = Replay(captures / CAPTURE), Counter()
    middle: dict[str, Decimal] = {}
    for event in replay.decoded:
        if type(event) is Quote:
            middle[event.instrument] = (Decimal(event.bid) + Decimal(event.ask)) / 2
        elif type(event) is Trade and not event.replayed and event.instrument in middle:
            above = Decimal(event.price) - middle[event.instrument]
            right[above >= 0 if event.side == "buy" else above <= 0] += 1

    assert right[True] > 35
    assert right[True] > 8 * right[False]


def test_trades_of_the_snapshot_are_marked_and_all_come_oldest_first(replay):
    for native in NATIVES:
        trades = [e for e in replay.decoded if type(e) is Trade and e.instrument == f"COINBASE:{native}"]
        numbers = [int(trade.trade_id) for trade in trades]

        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert [trade.replayed for trade in trades] == sorted((t.replayed for t in trades), reverse=True)
        assert sum(trade.replayed for trade in trades) == 100


def test_nothing_but_candles_is_unknown(replay):
    assert {event.kind for event in replay.decoded if type(event) is Unknown} == {"candles"}


def test_aliases_in_the_list_of_products_are_left_out(replay):
    natives = {spec.native for spec in replay.instruments}

    assert len(replay.instruments) == len(natives) == 520
    assert {"BTC-USD", "ETH-USD"} <= natives
    assert "BTC-USDC" not in natives
    assert Counter(spec.status for spec in replay.instruments) == {"trading": 516, "delisted": 4}
