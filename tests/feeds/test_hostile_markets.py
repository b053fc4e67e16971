"""Frames with wrong values in them, through codec and state: nothing raises, and nothing wrong can be read.

Seeded, so that a failure comes again; the wrong values are those that venues or attackers were seen to send.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from copy import deepcopy
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random

import pytest

from feeds.codec import Codec, DecodeError
from feeds.events import BookDelta, BookSnapshot, Liquidation
from feeds.frames import LIVE
from feeds.symbols import CHANNELS, DERIVATIVES, is_number
from feeds.venues import VENUES, codec
from tests.feeds.replaying import Recorded
from tests.feeds.samples import samples
from tests.feeds.test_codec_conformance import NS, places

RUNS, FRAMES = 6, 120
ODD: list[object] = [
    *(None, True, 0, -1, 2**53 + 1, 2**64, 10**30, 1.5, -0.0, 1e308, [], {}, [[]], [None], [["1"]]),
    *(
        "",
        "0",
        "0.0",
        "-1",
        "NaN",
        "Infinity",
        "1E999",
        "1e-9",
        "0x10",
        "１２",
        "1_000",
        " 1",
        "+1",
        "00012.50",
    ),
    *(".5", "5.", "1" * 21, "1,5", "null", "x" * 5000, "<img src=x>", "\u202e", "btcusdt", "BTC/USD", "sell"),
    *("9999-12-31T23:59:59Z", "2026-13-01T00:00:00Z", "2026-08-09T24:00:00.0Z", "0001-01-01T00:00:00Z"),
]
# Written into the frame as they stand: venues send bare numbers, and JSON knows no NaN.
BARE = ["1e5", "1E-7", "1e400", "1e-400", "0.1e1", "-0", "-5.5", "1e39", "1e41", "NaN", "1e99999999", "0e5"]


@cache
def kinds(venue: str, captures: Path) -> list[list[str]]:
    """Small frames by their beginning, so that rare kinds are drawn as often as the others."""
    found: dict[str, list[str]] = {}
    for raw in samples(venue, captures):
        found.setdefault(raw[:24].decode(), []).append(raw.decode())
    return list(found.values())


def altered(random: Random, raw: str) -> bytes:
    message = json.loads(raw)
    bare = random.choice(BARE)
    for _ in range(random.randint(1, 2)):
        holder, key = random.choice(list(places(message)) or [({}, "channel")])
        holder[key] = deepcopy(random.choice([*ODD, "bare", "bare", "deep", "gone"]))
        if holder[key] == "gone":
            del holder[key]
    text = json.dumps(message, separators=(",", ":"), ensure_ascii=random.random() < 0.5)
    text = text.replace('"bare"', bare).replace('"deep"', "[" * 1100 + "]" * 1100)
    return text.encode()[: random.choice([None, None, None, len(text) // 2])]


def frames(random: Random, source: list[list[str]]) -> Iterator[bytes]:
    for _ in range(FRAMES):
        raw = random.choice(random.choice(source))
        yield altered(random, raw) if random.random() < 0.4 else raw.encode()


@pytest.fixture(params=VENUES)
def venue(request: pytest.FixtureRequest) -> Codec:
    return codec(request.param)


@pytest.mark.parametrize("seed", range(RUNS))
def test_nothing_wrong_can_be_read(venue: Codec, captures: Path, seed: int):
    random, made = Random(seed), Recorded(venue)
    names: set[str] = set()
    for frame in frames(random, kinds(venue.venue, captures)):
        made.clock.advance(0.5)
        try:
            events = venue.decode(frame, made.clock.wall_ns())
        except DecodeError:
            continue
        for event in events:
            follow(made, event, names)
            made.state.apply(event, "public.0")
        made.state.tick()

    assert names
    for name in names:
        check(made, name)


def follow(made: Recorded, event: object, names: set[str]) -> None:
    """Watch what it is of; a book that only changes are told of gets something that they change."""
    name = getattr(event, "instrument", "")
    if name and name not in names:
        names.add(name)
        made.watch([name.partition(":")[2]], depth=100, channels=(*CHANNELS, *DERIVATIVES), link="public.0")
        if type(event) is BookDelta:
            before = max(0, event.first - 1)
            levels = [("0.2", "1"), ("0.1", "2")], [("99999999", "1")]
            made.state.apply(BookSnapshot(name, *levels, 0, before, None, 0, NS), "public.0")


def check_contract(mark: dict, funding: dict, liquidations: Sequence[Liquidation]) -> None:
    prices = [mark[key] for key in ("index", "settle") if key in mark]
    assert all(is_number(text) and Decimal(text) > 0 for text in prices), mark
    assert is_number(mark.get("mark", "0")), mark
    rates = [funding[key] for key in ("rate", "predicted") if key in funding]
    assert all(is_number(text.lstrip("+-")) for text in rates), funding
    for each in liquidations:
        told = [text for text in (each.price, each.average, each.filled) if text]
        assert all(map(is_number, [each.qty, *told])), each


def check_option(row: dict) -> None:
    volatilities = [row[key] for key in ("bid_iv", "ask_iv", "mark_iv", "underlying_price") if key in row]
    greeks = [row[key] for key in ("delta", "gamma", "vega", "theta", "rho", "rate") if key in row]
    assert all(map(is_number, volatilities)), row
    assert all(is_number(text.lstrip("+-")) for text in greeks), row


def check(made: Recorded, name: str) -> None:
    state, row = made.state, made.state.ticker(name)
    assert all(row[key] == "" or is_number(row[key]) for key in ("bid", "bid_qty", "ask") if key in row), row
    assert all(Decimal(row[key]) > 0 for key in ("bid", "ask", "last") if row.get(key)), row
    if row.get("bid") and row.get("ask"):
        assert Decimal(row["bid"]) <= Decimal(row["ask"])
    check_contract(state.mark(name), state.funding(name), state.liquidations(name))
    check_option(state.option(name))
    for trade in state.trades(name):
        assert is_number(trade.price) and is_number(trade.qty) and Decimal(trade.price) > 0, trade  # noqa: PT018
    for bar in state.bars(name, 1):
        low, *between, high = map(Decimal, (bar.low, bar.open, bar.close, bar.high))
        assert low <= min(between) <= max(between) <= high, bar
    book = state.book(name)
    if book is None:
        assert state.topic_state("book", name).state != LIVE
        return
    bids, asks = book.best(100)
    assert all(is_number(text) and Decimal(text) > 0 for level in (*bids, *asks) for text in level)
    prices = [Decimal(price) for price, _ in (*bids[::-1], *asks)]
    assert prices == sorted(set(prices)), name
