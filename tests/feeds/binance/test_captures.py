"""Recorded traffic ends in the reference's books, trades and bars, to the last digit."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from feeds.codec import InstrumentSpec
from feeds.events import BookDelta, BookSnapshot, Quote, Trade, Unknown
from feeds.venues.binance.futures import UsdmCodec
from feeds.venues.binance.public import BinanceCodec
from tests.feeds.binance.recorded import USDM, Played

QUOTED = "binance-spot/2021-10-12_4pairs.jsonl.gz"
CAPTURES = {
    "binance-spot/2021-04-04_btc-eth-dot.jsonl.gz": BinanceCodec,
    QUOTED: BinanceCodec,
    USDM: UsdmCodec,
}


@pytest.fixture(scope="module", params=CAPTURES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def golden(captures: Path, name: str) -> dict:
    return json.loads((captures / "golden.json").read_text())[name]


@pytest.fixture(scope="module")
def replay(captures: Path, name: str) -> Played:
    return Played(CAPTURES[name](), captures / name)


def test_no_update_is_missing_and_no_snapshot_is_asked_again(replay):
    assert replay.resyncs == []
    counted = {name for name, count in replay.state.counters.items() if count}
    assert not counted & {"gaps", "crossed", "refused", "old snapshots"}


def test_books_end_as_the_reference_says(replay, golden):
    for native, expected in golden["books"].items():
        bids, asks = replay.state.book(replay.name(native)).best(5)

        assert [list(level) for level in bids] == expected["bids"], native
        assert [list(level) for level in asks] == expected["asks"], native


def test_whole_books_equal_a_plain_replay_of_the_same_events(replay, golden):
    """All levels, from the best to the last one that the snapshot proves."""
    for native, expected in golden["books"].items():
        plain = PlainBook(replay.snapshots[native])
        for event in replay.decoded:
            if type(event) is BookDelta and event.instrument == replay.name(native):
                plain.apply(event)
        bids, asks = replay.state.book(replay.name(native)).best(10_000)

        assert [len(plain.bids), len(plain.asks)] == expected["levels"], native
        assert bids == plain.best(plain.bids, reverse=True)[: len(bids)]
        assert asks == plain.best(plain.asks, reverse=False)[: len(asks)]
        assert min(len(bids), len(asks)) > 150


def is_older(delta: BookDelta, last: int) -> bool:
    """Than what ends at ``last``. Futures' documentation keeps the one that ends where the snapshot does: it
    changes nothing, and the reference counts it."""
    return delta.last < last if delta.previous is not None else delta.last <= last


class PlainBook:
    def __init__(self, snapshot: BookSnapshot) -> None:
        self.last = snapshot.last
        self.bids, self.asks = dict(snapshot.bids), dict(snapshot.asks)

    def apply(self, delta: BookDelta) -> None:
        if is_older(delta, self.last):
            return
        assert delta.previous is not None or delta.first <= self.last + 1
        self.last = delta.last
        for side, changes in ((self.bids, delta.bids), (self.asks, delta.asks)):
            side.update(changes)
            for price in [price for price, qty in changes if not Decimal(qty)]:
                side.pop(price, None)

    def best(self, side: dict[str, str], *, reverse: bool) -> list[tuple[str, str]]:
        return sorted(side.items(), key=lambda level: Decimal(level[0]), reverse=reverse)


def test_updates_are_as_many_as_the_reference_says(replay, golden):
    applied = Counter(
        event.instrument.partition(":")[2]
        for event in replay.decoded
        if type(event) is BookDelta
        and not is_older(event, replay.snapshots[event.instrument.partition(":")[2]].last)
    )

    assert applied == {native: expected["updates_applied"] for native, expected in golden["books"].items()}


def test_trades_end_as_the_reference_says(replay, golden):
    for native, expected in golden["trades"].items():
        trades = [e for e in replay.events if type(e) is Trade and e.instrument == replay.name(native)]
        sides = Counter(trade.side for trade in trades)

        assert (len(trades), sides["buy"], sides["sell"]) == (
            expected["n"],
            expected["buy"],
            expected["sell"],
        )
        assert str(sum(Decimal(trade.qty) for trade in trades)) == expected["volume"]
        assert trades[-1].price == replay.state.ticker(replay.name(native))["last"] == expected["last"]


def test_bars_end_as_the_reference_says(replay, golden):
    for native, expected in golden["trades"].items():
        bars = replay.state.bars(replay.name(native), 1)

        found = {str(bar.start_us // 1000): [*bar[3:8], bar.trades] for bar in bars}
        assert found == expected["bars_1m"], native


def test_nothing_but_candles_of_the_venue_is_unknown(replay):
    assert {event.kind for event in replay.decoded if type(event) is Unknown} <= {"kline_1m"}


def test_the_book_and_its_own_best_prices_agree(captures):
    """The recorded book tickers: the last of each symbol is the top of the book at the end."""
    replay = Played(BinanceCodec(), captures / QUOTED)

    last = {event.instrument: event for event in replay.decoded if type(event) is Quote}

    assert last
    for instrument, quote in last.items():
        bids, asks = replay.state.book(instrument).best(1)
        assert ((quote.bid, quote.bid_qty), (quote.ask, quote.ask_qty)) == (bids[0], asks[0])


def test_the_recorded_list_of_instruments_is_understood(captures):
    replay = Played(BinanceCodec(), captures / QUOTED)

    found = {spec.native: spec for spec in replay.instruments}

    assert len(found) == len(replay.instruments) == 1695
    assert found["BTCUSDT"] == InstrumentSpec(
        "BINANCE", "BTCUSDT", "spot", "BTC", "USDT", "USDT", "0.01000000", "0.00001000", "trading",
    )  # fmt: skip
    assert Counter(spec.status for spec in replay.instruments) == {"trading": 1262, "halted": 433}
