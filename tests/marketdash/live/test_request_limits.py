"""What one request, one socket and one person may cost: counted, not timed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer

from marketdash.live import protocol
from marketdash.live.consumers import cost_of
from marketdash.live.hub import Hub
from marketdash.live.levels import MAX_LEVELS
from marketdash.live.limits import BURST, PER_S, Rate
from marketdash.live.protocol import MERGED_MS, merged_ms
from marketdash.live.requests import Requests
from tests.fakes.sockets import FakeSocket

BOOKS = [f"KRAKEN:C{n}/USD" for n in range(500)]
ROOT = Path(__file__).parents[3]


class Listing:
    """Of instruments with books. It counts how often it was walked."""

    def __init__(self, symbols: Iterable[str]) -> None:
        one = {"venue": "KRAKEN", "kind": "spot", "book_depth": 1000}
        self._by_symbol = {symbol: SimpleNamespace(symbol=symbol, **one) for symbol in symbols}
        self.walked = 0

    async def ensure(self) -> None: ...

    def get(self, symbol: str) -> Any:
        return self._by_symbol.get(symbol)

    def all(self) -> list[Any]:
        self.walked += 1
        return list(self._by_symbol.values())

    def renamed(self, symbol: str) -> None: ...


class Asking(FakeSocket):
    """A socket whose requests are answered at once."""

    def __init__(self, hub: Hub, address: str = "10.0.0.1", user: int | None = None) -> None:
        self.listing = Listing(BOOKS)
        super().__init__(hub, address=address, user=user)
        assert self.client in hub.viewers.clients

    async def ask(self, method: str, channel: str, **params: Any) -> list[dict[str, Any]]:
        asked = {"method": method, "params": {"channel": channel, **params}}
        before = len(self.replies)
        request = protocol.parse(json.dumps(asked))
        await Requests(self.hub, self.client, self.listing).answer(request)  # type: ignore[arg-type]
        return self.replies[before:]

    async def follow(self, count: int, depth: int, *, first: int = 0) -> list[str]:
        """How each was refused."""
        symbols = BOOKS[first : first + count]
        return [
            each["error"]
            for each in await self.ask("subscribe", "book", symbol=symbols, depth=depth)
            if not each["success"]
        ]


@pytest.fixture
async def hub() -> Hub:
    return Hub(InMemoryChannelLayer(), shards=2)


# what one request has looked through


@pytest.mark.parametrize("channel", ["status", "health"])
async def test_venues_are_gathered_once_for_a_request(hub: Hub, channel: str) -> None:
    socket = Asking(hub)
    replies = await socket.ask("subscribe", channel, symbol=["KRAKEN", *(f"V{n}" for n in range(900))])

    assert [each["success"] for each in replies] == [True] + [False] * 900
    assert "V1 is not a venue" in replies[2]["error"]
    assert socket.listing.walked == 1


async def test_topics_are_looked_through_once_however_many_groups_a_request_touches(hub: Hub) -> None:
    class Topics(dict[Any, Any]):
        walked = 0

        def items(self) -> Any:
            self.walked += 1
            return super().items()

    socket = Asking(hub)
    for at, interval_ms in enumerate(MERGED_MS):
        await socket.ask("subscribe", "ticker", symbol=BOOKS[at : at + 1], interval_ms=interval_ms)
    assert len(socket.client.views) == len(MERGED_MS)
    socket.client.topics = Topics(socket.client.topics)

    await socket.ask("subscribe", "ticker", symbol=BOOKS[: len(MERGED_MS)], interval_ms=250)

    assert socket.client.topics.walked == 1
    assert [view.key.symbols for view in socket.client.views.values()] == [frozenset(BOOKS[: len(MERGED_MS)])]
    assert len(hub.viewers.views) == 1


# paces


def test_a_pace_is_rounded_down_to_one_of_a_few() -> None:
    found = {merged_ms(asked) for asked in range(protocol.MAX_INTERVAL_MS + 1)}

    assert found == set(MERGED_MS)
    assert (merged_ms(9), merged_ms(10), merged_ms(199), merged_ms(999)) == (0, 10, 100, 500)
    assert all(merged_ms(each) == each for each in MERGED_MS)
    assert {protocol.DEFAULT_INTERVAL_MS, protocol.PORTFOLIO_INTERVAL_MS} <= set(MERGED_MS)


def test_what_our_own_pages_ask_for_is_kept_exactly() -> None:
    texts = [path.read_text() for path in (ROOT / "static/js").rglob("*.js")]
    names = {name for text in texts for name in re.findall(r"interval_ms: #?([A-Z_]+|\d+)", text)}
    named = {
        each for text in texts for name in names for each in re.findall(rf"const {name} = ([\d_]+);", text)
    }
    found = {int(each.replace("_", "")) for each in named | {name for name in names if name.isdigit()}}

    assert {0, 50, 100, 200, 250, 500, 1000} <= found <= set(MERGED_MS)


async def test_sockets_that_ask_for_nearly_the_same_pace_share_their_view_and_books(hub: Hub) -> None:
    sockets = [Asking(hub, f"10.0.0.{n}") for n in range(40)]
    for at, socket in enumerate(sockets):
        await socket.ask("subscribe", "book", symbol=BOOKS[:2], depth=1000, interval_ms=50 + at)

    assert len(hub.viewers.views) == 1
    assert [len(topic.cuts) for topic in hub.topics.values()] == [1, 1]


# depth


async def test_books_of_one_person_have_so_many_levels_at_most(hub: Hub) -> None:
    """By all sockets, and free again when they are left."""
    first, second, other = Asking(hub), Asking(hub), Asking(hub, "10.0.0.2")
    assert await first.follow(150, 1000) == []
    assert (
        await second.follow(60, 1000)
        == [f"depth: books of at most {MAX_LEVELS} levels together, for all sockets of one person or address"]
        * 10
    )
    assert len(second.client.topics) == 50 and await other.follow(200, 1000) == []
    assert await second.follow(1, 10, first=499), "not one level more"

    assert await second.follow(10, 10) == []  # less deep than before
    assert await second.follow(9, 1000, first=300) == []
    await first.ask("unsubscribe", "book", symbol=BOOKS[:100])
    assert await second.follow(100, 1000, first=310) == []
    assert await second.follow(2, 1000, first=480)

    hub.viewers.leave(first.client)
    assert await second.follow(50, 1000, first=410) == []
    for socket in (second, other):
        hub.viewers.leave(socket.client)
    assert not hub.viewers.levels._of and not hub.viewers.levels._of_socket


async def test_who_is_signed_in_counts_by_himself(hub: Hub) -> None:
    visitor, ann, bob = Asking(hub), Asking(hub, user=1), Asking(hub, user=2)
    for socket in (visitor, ann, bob):
        assert await socket.follow(200, 1000) == []


async def test_a_bot_that_follows_all_books_is_far_from_the_limit(hub: Hub) -> None:
    for _ in range(4):
        assert await Asking(hub).follow(500, 100) == []


async def test_levels_are_taken_before_the_answer_is_sent(hub: Hub) -> None:
    """Two sockets that ask in the same moment."""
    first, second = Asking(hub), Asking(hub)
    say = first.client._wire.send

    async def meanwhile(message: Any) -> None:
        if len(first.replies) == 0:
            assert len(await second.follow(200, 1000)) == 150
        await say(message)

    first.client._wire = SimpleNamespace(send=meanwhile, flow_control=True)  # type: ignore[assignment]
    assert await first.follow(150, 1000) == []
    assert sum(hub.viewers.levels._of.values()) == MAX_LEVELS


# cost


def request(method: str, params: dict[str, Any]) -> protocol.Request:
    return protocol.parse(json.dumps({"method": method, "params": params}))


@pytest.mark.parametrize(
    ("method", "params", "cost"),
    [
        ("subscribe", {"channel": "ticker", "symbol": ["A"] * 49}, 1),
        ("subscribe", {"channel": "ticker", "symbol": ["A"] * 500}, 11),
        ("subscribe", {"channel": "ticker", "symbol": ["A"] * 1000}, 21),
        ("subscribe", {"channel": "portfolio", "id": [1] * 100}, 3),
        ("subscribe", {"channel": "status"}, 1),
        ("unsubscribe", {"channel": "ticker", "symbol": ["A"] * 500}, 3),
        ("ack", {"frame": 1}, 1),
    ],
)
def test_a_request_costs_by_what_it_names(method: str, params: dict[str, Any], cost: int) -> None:
    assert cost_of(request(method, params)) == cost


def test_large_requests_are_fewer_in_a_second() -> None:
    rate, large = Rate(100.0), 21

    assert [rate.allows(100.0, large) for _ in range(3)] == [True, False, False]
    assert rate.allows(100.0), "a small one has room yet"
    assert not rate.allows(100.0 + 2 / PER_S, large) and rate.allows(100.0 + 4 / PER_S, large)


def loads() -> Iterable[list[tuple[float, protocol.Request]]]:
    """What our pages ask for at most, and when. They have 12,000 bytes a request."""
    head = [(0.0, request("subscribe", {"channel": "status"}))]
    chunk = [f"KRAKEN:SYMBOL{n:04}/USDT" for n in range(500)]
    half = ("subscribe", {"channel": "ticker", "symbol": chunk})
    yield [*head, *[(0.0, request(*half))] * 2]
    other = [("trade", {}), ("book", {"depth": 100}), ("ohlc", {}), ("mark", {}), ("funding", {})]
    panel = [(0.1, request("subscribe", {"channel": each, "symbol": ["A"], **more})) for each, more in other]
    yield [*head, (0.0, request(*half)), *panel * 3]
    # paging through a chain of thousands: 50 lines ten times a second; of 500 those out of view are left
    steps = [(n / 10, request("subscribe", {"channel": "option", "symbol": ["A"] * 50})) for n in range(40)]
    left = [(n / 10, request("unsubscribe", {"channel": "option", "symbol": ["A"] * 370})) for n in range(40)]
    yield [*head, *sorted(steps + left[9::7], key=lambda each: each[0])]


@pytest.mark.parametrize("asked", list(loads()))
def test_our_pages_never_ask_for_more_than_they_may(asked: list[tuple[float, protocol.Request]]) -> None:
    rate = Rate(0.0)

    assert all(rate.allows(at_s, cost_of(each)) for at_s, each in asked)
    assert sum(cost_of(each) for at_s, each in asked if at_s == 0) <= BURST
