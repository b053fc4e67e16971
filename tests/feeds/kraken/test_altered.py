"""A change of a book of which one byte was altered: the book is right, or not live, or its audit's to find.

Kraken numbers nothing, and its checksum is over the best ten levels: what a change of others has lost, it
does not show.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds import venues
from feeds.codec import LinkPlan, Subscription
from feeds.events import Level
from feeds.health import LinkHealth
from feeds.link import Link
from feeds.roster import Roster
from feeds.shared import Venue
from feeds.state import MarketState
from feeds.symbols import BOOK, TICKER, TRADE
from feeds.venues.kraken.messages import checksum
from feeds.watchdog import Doubts, Gaps
from tests.fakes.clock import FakeClock

NATIVES = ("BTC/USD", "ETH/USD", "SOL/USD")
NAME = "KRAKEN:BTC/USD"
BIDS: list[Level] = [(f"{100 - at}.5", "1.25000000") for at in range(25)]
ASKS: list[Level] = [(f"{101 + at}.5", "2.50000000") for at in range(25)]
CHANGES: dict[str, tuple[list[Level], list[Level]]] = {
    "one beyond the best ten": ([("85.5", "7.00000000")], []),
    "one of the best ten": ([("99.5", "3.00000000")], []),
    "several": ([("98.5", "3.10000000"), ("84.5", "0.70000000")], [("120.5", "4.00000000")]),
    "one that goes": ([], [("119.5", "0.00000000")]),
}
LATER: list[Level] = [("97.5", "9.00000000")]


def changed(side: list[Level], changes: list[Level], *, best: int) -> list[Level]:
    levels = {price: qty for price, qty in [*side, *changes] if float(qty)}
    gone = {price for price, qty in changes if not float(qty)}
    kept = [(price, qty) for price, qty in levels.items() if price not in gone]
    return sorted(kept, key=lambda level: best * float(level[0]))[:25]


def message(kind: str, native: str, bids: list[Level], asks: list[Level], digest: int) -> bytes:
    sides = [",".join(f'{{"price":{price},"qty":{qty}}}' for price, qty in side) for side in (bids, asks)]
    return (
        f'{{"channel":"book","type":"{kind}","data":[{{"symbol":"{native}","bids":[{sides[0]}],'
        f'"asks":[{sides[1]}],"checksum":{digest},"timestamp":"2026-08-09T21:05:48.123456Z"}}]}}'
    ).encode()


def after(bids: list[Level], asks: list[Level]) -> tuple[list[Level], list[Level], bytes]:
    """The book after a change, and the message of it."""
    now = changed(BIDS, bids, best=-1), changed(ASKS, asks, best=1)
    return *now, message("update", "BTC/USD", bids, asks, checksum(now[0][:10], now[1][:10]))


class World:
    """One link, and what is shown of it: three books that are right. ``ended``: its text was none."""

    def __init__(self) -> None:
        codec, clock = venues.codec("KRAKEN"), FakeClock()
        self.state = MarketState(codec, clock, emit=lambda event: None, resync=lambda resync: None)
        wanted = [
            Subscription(channel, f"KRAKEN:{native}", native, 25 * (channel == BOOK))
            for native in NATIVES
            for channel in (TICKER, TRADE, BOOK)
        ]
        self.state.watch(wanted, "link")
        venue, plan = Venue(codec, self.state, clock, ""), LinkPlan("link", "", tuple(wanted))
        roster = Roster(codec, wanted, ack_s=5, retry_s=60, counters=Counter())
        health = LinkHealth("link", "KRAKEN")
        self.link = Link("link", plan, venue, roster, health, Gaps(), Doubts(self.state))
        for native in NATIVES:
            self.link.receive(message("snapshot", native, BIDS, ASKS, checksum(BIDS[:10], ASKS[:10])))

    def best(self, count: int) -> list[list[Level]] | None:
        """None where the book is not live."""
        book = self.state.book(NAME)
        return None if book is None else [list(side) for side in book.best(count)]


def is_text(frame: bytes) -> bool:
    try:
        return bool(frame.decode())
    except UnicodeDecodeError:
        return False  # the connection ends: tests/feeds/test_session_frames.py


async def _shown(frame: bytes, bids: list[Level], asks: list[Level]) -> list[list[list[Level]] | None]:
    """The best ten and all levels, after the altered change and a right one of the best ten."""
    world = World()
    world.link.receive(frame)
    bids = changed(bids, LATER, best=-1)
    world.link.receive(message("update", "BTC/USD", LATER, [], checksum(bids[:10], asks[:10])))
    return [world.best(10), world.best(25), [bids, asks]]


@given(st.sampled_from(sorted(CHANGES)), st.integers(0, 1 << 16), st.integers(1, 255))
def test_a_byte_that_was_altered_is_noticed_unless_it_is_a_levels(change: str, at: int, bits: int):
    bids, asks, frame = after(*CHANGES[change])
    at %= len(frame)
    altered = frame[:at] + bytes((frame[at] ^ bits,)) + frame[at + 1 :]
    if not is_text(altered):
        return

    best, every, truth = asyncio.run(_shown(altered, bids, asks))

    assert best in (None, [side[:10] for side in truth])
    levels = range(frame.index(b'"bids":') + 7, frame.index(b',"checksum"'))
    assert at in levels or every in (None, truth)


async def _wrong() -> list[bytes]:
    """After which alterations of one bit, outside of levels, a wrong book is live."""
    bids, asks, frame = after(*CHANGES["one beyond the best ten"])
    places = [*range(frame.index(b'"bids":') + 7), *range(frame.index(b',"checksum"'), len(frame))]
    wrong = []
    for at, bit in itertools.product(places, range(7)):
        altered = frame[:at] + bytes((frame[at] ^ (1 << bit),)) + frame[at + 1 :]
        _, every, truth = await _shown(altered, bids, asks)
        if every not in (None, truth):
            wrong.append(altered)
    return wrong


def test_no_bit_outside_of_levels_is_altered_unnoticed():
    assert asyncio.run(_wrong()) == []


async def _again(frames: list[bytes]) -> list[bool]:
    """After each, whether the book is live; it is brought again at once."""
    world, live = World(), []
    for frame in frames:
        world.link.receive(frame)
        live.append(world.best(10) is not None)
        world.link.receive(message("snapshot", "BTC/USD", BIDS, ASKS, checksum(BIDS[:10], ASKS[:10])))
    return live


NEW = b'{"channel":"imbalance","type":"update","data":[{"symbol":"BTC/USD","ratio":0.%d}]}'


@pytest.mark.parametrize(
    "kind",
    [NEW, NEW.replace(b"imbalance", b"book").replace(b"BTC/USD", b"XMR/USD").replace(b"ratio", b"bids")],
    ids=["a channel", "a symbol that makes no sense"],
)
def test_a_new_kind_of_message_surprises_once(kind: bytes):
    assert asyncio.run(_again([kind % at for at in range(9)])) == [False, *[True] * 8]


def test_a_book_that_was_left_surprises_nobody():
    async def left() -> bool:
        world = World()
        gone = [Subscription(BOOK, "KRAKEN:SOL/USD", "SOL/USD", 25)]
        world.state.unwatch([*gone, *(s._replace(channel=c, depth=0) for c in (TICKER, TRADE) for s in gone)])
        world.link.receive(message("update", "SOL/USD", LATER, [], 1))
        return world.best(10) is not None

    assert asyncio.run(left())


def test_what_names_nobody_surprises_nobody():
    garbage = [b"\xff\xfe{", b"{", b"null", b'{"a":1}', b'{"channel":"news","data":[{"text":"BTC"}]}']

    assert asyncio.run(_again(garbage)) == [True] * len(garbage)
