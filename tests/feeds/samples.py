"""All that is known to come from each venue, recorded and documented."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path

import pytest

from feeds.survey import Whose
from feeds.venues import codec
from tests.feeds.alpaca import frames as alpaca
from tests.feeds.binance import futures_frames as documented
from tests.feeds.bitfinex import frames as bitfinex
from tests.feeds.bitstamp import frames as bitstamp
from tests.feeds.bybit import frames as bybit
from tests.feeds.coinbase import exchange_frames as coinbase
from tests.feeds.deribit import frames as deribit
from tests.feeds.gemini import frames as gemini
from tests.feeds.kraken_futures import frames as kraken_futures
from tests.feeds.oanda import frames as oanda
from tests.feeds.okx import frames as okx
from tests.feeds.pyth import frames as pyth

# A recording of each venue.
RECORDED = {
    "BINANCE": "binance-spot/2021-04-04_btc-eth-dot.jsonl.gz",
    "BINANCE_USDM": "binance-usdm/2021-07-22_4pairs.jsonl.gz",
    "BYBIT": "bybit-v5/2026-08-09_linear-spot_first40pct.jsonl.gz",
    "BYBIT_LINEAR": "bybit-v5/2026-08-09_linear-spot_first40pct.jsonl.gz",
    "COINBASE": "coinbase-advanced/2026-08-09_btc-eth_first40pct.jsonl.gz",
    "COINBASE_EXCHANGE": "coinbase-exchange/2021-04-17_10pairs.jsonl.gz",
    "DERIBIT": "deribit-v2/2021-04-17_options.jsonl.gz",
    "KRAKEN": "derived-kraken-v2/2021-04-17_10pairs.jsonl.gz",
    "OKX": "okx-v5/2022-05-13_books.jsonl.gz",
}
# What a venue's documentation shows and no recording has.
DOCUMENTED = {
    "ALPACA": alpaca.ALL,
    "BINANCE_USDM": documented.of("BTCUSDT"),
    "BINANCE_COINM": documented.of("BTCUSD_PERP"),
    "BITSTAMP": bitstamp.ALL,
    "BITFINEX": bitfinex.ALL,
    **bybit.OF,
    "COINBASE_EXCHANGE": coinbase.ALL,
    "DERIBIT": deribit.ALL,
    "GEMINI": gemini.ALL,
    "KRAKEN_FUTURES": kraken_futures.ALL,
    "OANDA": oanda.ALL,
    "OKX": okx.ALL,
    "PYTH": pyth.ALL,
}


def samples(venue: str, captures: Path) -> list[bytes]:
    """All that is known to come from a venue; what is documented as often as what is recorded."""
    frames = recorded(captures / RECORDED[venue], venue) if venue in RECORDED else []
    shown = DOCUMENTED.get(venue, [])
    if not frames and not shown:
        pytest.skip(f"no recording of {venue}")
    return frames + shown * max(1, len(frames) // max(1, len(shown)))


@cache
def recorded(path: Path, venue: str) -> list[bytes]:
    """The venue's frames below 20 KB, the answers to requests included."""
    whose = Whose({venue: codec(venue)})
    with gzip.open(path, "rt") as lines:
        rows = [row for row in map(json.loads, lines) if whose(row)]
    raws = [row["raw"].encode() for row in rows if row["k"] == "recv"]
    return [raw for raw in raws if len(raw) < 20_000]
