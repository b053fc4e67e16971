"""Recorded exchange traffic, where this machine has it, laid out as tapes (``programs/tape.py``)."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from benchmarks.programs.tape import Tape
from benchmarks.rig.processes import ROOT

FILES = {
    "BINANCE": "binance-spot/2021-04-04_btc-eth-dot.jsonl.gz",
    "KRAKEN": "derived-kraken-v2/2021-04-17_10pairs.jsonl.gz",
    "KRAKEN v1": "kraken-v1/2021-04-17_10pairs.jsonl.gz",
    "COINBASE": "coinbase-advanced/2026-08-09_btc-eth_first40pct.jsonl.gz",
}
QUOTES = ("USDT", "USD", "EUR", "BTC")


def folder() -> Path | None:
    """``$CAPTURES``, or the folder beside the checkout; None where there is neither."""
    found = Path(os.environ.get("CAPTURES", ROOT.parent / "shared" / "captures"))
    return found if found.is_dir() else None


def records(name: str) -> Iterator[dict]:
    where = folder()
    assert where is not None
    with gzip.open(where / FILES[name], "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def tape(name: str) -> Tape:
    """One capture as a tape; ``name`` is a key of :data:`FILES`."""
    found: list[tuple[str, str]] = []
    instruments: object = None
    for record in records(name):
        if name == "COINBASE" and record["k"] == "recv" and not _known_to_all(record["raw"]):
            continue
        url = record.get("url", "")
        if record["k"] == "recv" and "raw" in record:
            found.append(("", record["raw"]))
        elif record["k"] == "http" and "depth?" in url:
            found.append((re.search(r"symbol=(\w+)", url)[1], record["raw"]))
        elif record["k"] == "http":
            instruments = json.loads(record["raw"])
    venue = name.split()[0]
    found = renumbered(found) if venue == "COINBASE" else found
    return Tape(venue, _symbols(venue, found), instruments, found)


def renumbered(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Coinbase's link sequence made whole again after frames were left out."""
    number = itertools.count()
    return [
        (rest, re.sub(r'("sequence_num": ?)\d+', lambda m: f"{m[1]}{next(number)}", raw, count=1))
        for rest, raw in found
    ]


def _known_to_all(raw: str) -> bool:
    """Cryptofeed knows books and trades on Coinbase: it is not measured on tickers and heartbeats."""
    return re.search(r'"channel": ?"(l2_data|market_trades|subscriptions)"', raw[:400]) is not None


def _symbols(venue: str, found: list[tuple[str, str]]) -> list[list[str]]:
    if venue == "BINANCE":
        natives = {rest for rest, _ in found if rest}
        return [[native, *_parts(native)] for native in sorted(natives)]
    key = r'"symbol": ?"([^"]+)"' if venue == "KRAKEN" else r'"product_id": ?"([^"]+)"'
    natives = {native for _, raw in found for native in re.findall(key, raw[:400])}
    return [[native, *re.split("[-/]", native)] for native in sorted(natives)]


def _parts(native: str) -> tuple[str, str]:
    quote = next(quote for quote in QUOTES if native.endswith(quote))
    return native[: -len(quote)], quote
