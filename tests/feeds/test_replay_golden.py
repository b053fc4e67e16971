"""Whole recordings through `replay`: every figure of the reference, to the last digit."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from feeds import venues
from feeds.events import Trade
from feeds.recorder import read
from feeds.replay import Replay, ReplayClock
from feeds.state import MarketState

VENUES = {
    "binance-spot/2021-04-04_btc-eth-dot.jsonl.gz": "BINANCE",
    "binance-spot/2021-10-12_4pairs.jsonl.gz": "BINANCE",
    "binance-usdm/2021-07-22_4pairs.jsonl.gz": "BINANCE_USDM",
    "coinbase-exchange/2021-04-17_10pairs.jsonl.gz": "COINBASE_EXCHANGE",
    "deribit-v2/2021-04-17_options.jsonl.gz": "DERIBIT",
    "derived-kraken-v2/2021-04-17_10pairs.jsonl.gz": "KRAKEN",
    "okx-v5/2022-05-13_books.jsonl.gz": "OKX",
}


class Trades:
    """A sink that keeps them: the tape is shorter than some recordings."""

    def __init__(self) -> None:
        self.of: dict[str, list[Trade]] = {}

    def put(self, venue_state: MarketState, event: object) -> None:
        if type(event) is Trade:
            self.of.setdefault(event.instrument.partition(":")[2], []).append(event)

    async def run(self) -> None:
        return


@pytest.fixture(params=VENUES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def golden(captures: Path, name: str) -> dict:
    return json.loads((captures / "golden.json").read_text())[name]


async def test_every_figure_of_the_reference_is_reached(captures: Path, name: str, golden: dict):
    venue, trades = VENUES[name], Trades()
    replay = Replay(captures / name, {venue: venues.codec(venue)}, ReplayClock())
    await replay.play(0, [trades])
    state = replay.states[venue]

    for native, expected in golden["books"].items():
        book = state.book(f"{venue}:{native}")
        bids, asks = book.best(5)
        assert [list(level) for level in bids] == expected["bids"], native
        assert [list(level) for level in asks] == expected["asks"], native
        assert [len(book.bids.rows), len(book.asks.rows)] == expected["levels"], native
    assert trades.of.keys() == golden["trades"].keys()
    for native, expected in golden["trades"].items():
        assert _figures(state, f"{venue}:{native}", trades.of[native]) == expected, native
    for native, expected in golden.get("last_option_tickers", {}).items():
        assert _option(state, f"{venue}:{native}") == expected, native


_OPTION = ("mark_iv", "bid_iv", "ask_iv", "underlying_price", "open_interest")


def _option(state: MarketState, instrument: str) -> dict[str, object]:
    row = state.option(instrument)
    return {
        **{name: row[name] for name in _OPTION},
        "mark_price": row["mark"],
        "index_price": row["index"],
        "greeks": {name: row[name] for name in ("vega", "theta", "rho", "gamma", "delta")},
    }


def _figures(state: MarketState, instrument: str, trades: list[Trade]) -> dict[str, object]:
    sides = Counter(trade.side for trade in trades)
    bars = {str(bar.start_us // 1000): [*bar[3:8], bar.trades] for bar in state.bars(instrument, 1)}
    volume = sum(Decimal(trade.qty) for trade in trades)
    days = state.bars(instrument, 1440)
    assert sum(Decimal(bar.volume) for bar in days) == volume
    assert sum(bar.trades for bar in days) == len(trades)
    return {
        "n": len(trades),
        "buy": sides["buy"],
        "sell": sides["sell"],
        "volume": str(volume),
        "last": state.ticker(instrument)["last"],
        "bars_1m": bars,
    }


def test_frames_come_as_fast_as_the_reference_says(captures: Path, name: str, golden: dict):
    times = [record["ns"] for record in read(captures / name) if record["k"] == "recv"]
    seconds = Counter(ns // 1_000_000_000 for ns in times)

    assert max(seconds.values()) == golden["peak_msgs_per_s"]
    # From the first record to the last, which for some are not frames.
    assert len(times) / (times[-1] - times[0]) * 1e9 == pytest.approx(golden["mean_msgs_per_s"], rel=0.03)
