"""Recorded traffic ends in the reference's books, trades and bars, to the last digit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from feeds.events import BookDelta, BookSnapshot, Trade
from feeds.venues.kraken.public import KrakenCodec
from tests.feeds.replaying import Recorded, records

DERIVED = "derived-kraken-v2/2021-04-17_10pairs.jsonl.gz"


@pytest.fixture(scope="module")
def golden(captures: Path) -> dict:
    return json.loads((captures / "golden.json").read_text())[DERIVED]


@pytest.fixture(scope="module")
def replayed(captures: Path) -> Recorded:
    recorded = Recorded(KrakenCodec())
    for record in records(captures / DERIVED):
        if record["k"] == "send":
            params = json.loads(record["raw"])["params"]
            recorded.watch(
                params["symbol"],
                depth=params.get("depth", 0),
                channels=[params["channel"]],
                link=record["conn"],
            )
        elif record["k"] == "recv":
            recorded.clock.set_wall(record["ns"])
            recorded.feed(record["raw"].encode(), record["ns"], record["conn"])
    return recorded


def test_every_checksum_holds(replayed):
    checksums = [event.checksum for event in replayed.events if type(event) in (BookSnapshot, BookDelta)]

    assert len(checksums) == 10 + 4269
    assert None not in checksums
    assert replayed.resyncs == []
    assert not replayed.state.counters


def test_books_end_as_the_reference_says(replayed, golden):
    for native, expected in golden["books"].items():
        book = replayed.state.book(f"KRAKEN:{native}")
        bids, asks = book.best(1000)

        assert [list(level) for level in bids[:5]] == expected["bids"], native
        assert [list(level) for level in asks[:5]] == expected["asks"], native
        assert [len(bids), len(asks)] == expected["levels"], native


def test_updates_are_as_many_as_the_reference_says(replayed, golden):
    for native, expected in golden["books"].items():
        name = f"KRAKEN:{native}"
        applied = [event for event in replayed.events if getattr(event, "asks", None) is not None]

        assert sum(event.instrument == name for event in applied) == expected["updates_applied"], native


def test_trades_and_bars_end_as_the_reference_says(replayed, golden):
    for native, expected in golden["trades"].items():
        name = f"KRAKEN:{native}"
        tape = replayed.state.trades(name)
        bars = replayed.state.bars(name, 1)

        assert len(tape) == expected["n"]
        assert [sum(trade.side == side for trade in tape) for side in ("buy", "sell")] == [
            expected["buy"],
            expected["sell"],
        ]
        assert replayed.state.ticker(name)["last"] == expected["last"]
        assert replayed.state.bars(name, 1440)[0].volume == expected["volume"]
        assert {str(bar.start_us // 1000): [*bar[3:8], bar.trades] for bar in bars} == expected["bars_1m"]


def test_trades_are_told_apart_from_what_came_before(replayed):
    assert all(not event.replayed for event in replayed.events if type(event) is Trade)


def test_a_live_recording_verifies_and_ends_in_its_last_book(captures):
    recorded = Recorded(KrakenCodec())
    recorded.watch(["BTC/USD"], depth=10, channels=["book"], link="public.0")

    for frame in (captures / "kraken-v2/2026-08-24_btcusd_book10_8msgs.raw.jsonl").read_bytes().splitlines():
        recorded.feed(frame, recorded.clock.wall_ns())

    bids, asks = recorded.state.book("KRAKEN:BTC/USD").best(1000)
    assert recorded.resyncs == []
    assert (len(bids), len(asks)) == (10, 10)
    assert (bids[0], bids[-1]) == (("78871.5", "0.01266503"), ("78856.8", "0.60870868"))
    assert asks[0] == ("78871.6", "4.21103066")
