"""What nobody confirms looks live for three seconds at most, though its venue is heard all the time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from channels.layers import InMemoryChannelLayer

from feeds.symbols import split_topic
from marketdash.live import bus as buses
from marketdash.live import client as clients
from marketdash.live import hub as hubs
from marketdash.live import outgoing, viewers, views
from marketdash.live.client import Subscribed
from marketdash.live.hub import Hub
from tests.fakes.sockets import FakeSocket
from tests.fakes.waiting import wait_until

GROUP, BOOKS, S = "t.00", "d.00", 1_000_000
BTC, ETH = "KRAKEN:BTC/USD", "KRAKEN:ETH/USD"
T_BTC, T_ETH, B_BTC, STATUS = f"ticker:{BTC}", f"ticker:{ETH}", f"book:{BTC}", "status:KRAKEN"
ALL = {"KRAKEN": list(range(12))}
FIRST, SECOND, LESSER = "0002", "0003", "0001"
LIVE_FOR_S, STEP_S = 2.5, 0.1
UNCONFIRMED = ("stale", "not confirmed by its feed")


def group_of(name: str) -> str:
    return buses.group_of(split_topic(name), 1)


class Page(FakeSocket):
    """Shows what ``static/js/core/age.js`` does."""

    def __init__(self, world: World) -> None:
        self.world, self.heard_us, self.feed_us = world, -S * S, -S * S
        super().__init__(world.hub)
        self.client.acknowledge(0)
        self.hub.follow(self.client, "status", Subscribed(0, 0), ["KRAKEN"])
        self.hub.follow(self.client, "ticker", Subscribed(0, 0), [BTC, ETH])

    def _take(self, frame: dict[str, Any]) -> None:
        super()._take(frame)
        if frame.get("type") == "heartbeat":
            self.heard_us = self.world.us
            for row in frame["data"]:
                self.feed_us = self.heard_us - row["age_us"]

    def live(self, symbol: str = BTC) -> str | None:
        """The bid that looks live."""
        young = self.world.us - min(self.heard_us, self.feed_us) <= LIVE_FOR_S * S
        value, status = self.value("ticker", symbol) or {}, self.value("status", "KRAKEN") or {}
        return value.get("bid") if young and value.get("state") == status.get("state") == "live" else None

    def state(self, symbol: str = BTC) -> tuple[str, str]:
        value = self.value("ticker", symbol) or {}
        return value.get("state", ""), value.get("reason", "")


class World:
    """A hub that nothing drives but the test, and writers of which each message is written here."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.us, self.tops, self.asked = 1000 * S, dict[str, dict[str, int]](), list[str]()
        monkeypatch.setattr(hubs, "now_us", lambda: self.us)
        for module in (views, viewers, clients, outgoing):
            monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: self.us / S))
        self.hub = Hub(InMemoryChannelLayer(), shards=1)
        self.hub.presence.listen([GROUP], self.us)
        self.page = Page(self)

    def row(self, epoch: str, name: str, **fields: Any) -> buses.Entry:
        """A keyframe."""
        tops = self.tops.setdefault(epoch, {})
        tops[name] = tops.get(name, 0) + 1
        return (name, 0, tops[name], 0, msgspec.json.encode({"state": "live", **fields}))

    def rows(self, epoch: str, *entries: buses.Entry) -> None:
        self.hub.take(buses.rows(epoch, GROUP, self.us, list(entries)))

    def beat(
        self, epoch: str, *entries: buses.Entry, unnamed: Iterable[str] = (), group: str = GROUP
    ) -> None:
        mine = {name: seq for name, seq in self.tops.get(epoch, {}).items() if group_of(name) == group}
        tops = {name: seq for name, seq in mine.items() if name not in unnamed}
        self.hub.take(buses.beat(buses.rows(epoch, group, self.us, list(entries)), ALL, tops, ""))

    def begins(self, epoch: str, bid: str) -> None:
        self.beat(
            epoch, self.row(epoch, STATUS), *(self.row(epoch, name, bid=bid) for name in (T_BTC, T_ETH))
        )

    def loses(self, epoch: str, name: str) -> None:
        """A row of it."""
        self.tops[epoch][name] += 1

    async def passes(self, seconds: float = STEP_S) -> None:
        """And the hub looks at what is not urgent."""
        self.us += round(seconds * S)
        self.hub._tick(self.us / S)
        self.asked += self.hub.topics.to_ask(self.us / S)
        await asyncio.sleep(0.001)
        if self.hub.word._settling is not None:
            self.hub.word.close()
            self.hub.word._returned(self.hub._hearing.settle)
        await asyncio.sleep(0.001)

    async def live_at(self, seconds: float, each: Callable[[int], None], symbol: str = BTC) -> list[Any]:
        """What looks live at each step of so many seconds; ``each`` is what its writers do in the step."""
        seen = []
        for step in range(round(seconds / STEP_S)):
            each(step)
            await self.passes()
            seen.append(self.page.live(symbol))
        return seen

    def each_second(self, epoch: str = FIRST, **words: Any) -> Callable[[int], None]:
        """A heartbeat."""
        return lambda step: self.beat(epoch, **words) if step % 10 == 0 else None


def old_for_s(seen: list[Any], bid: str = "100") -> float:
    """Until this looked live for the last time."""
    return max((step + 1 for step, each in enumerate(seen) if each == bid), default=0) * STEP_S


@pytest.fixture
async def world(monkeypatch: pytest.MonkeyPatch) -> Any:
    """One writer, and a page that shows what it wrote."""
    made = World(monkeypatch)
    made.begins(FIRST, "100")
    await made.passes()
    await wait_until(lambda: made.page.value("ticker", ETH) is not None)
    await made.passes()
    made.asked.clear()
    made.hub.topics.changed = False
    assert made.page.live() == made.page.live(ETH) == "100"
    yield made
    made.hub.word.close()


async def test_a_row_that_is_missing_and_does_not_come_when_asked_for(world: World) -> None:
    world.loses(FIRST, T_BTC)

    assert old_for_s(await world.live_at(20, world.each_second())) <= 3


async def test_a_row_that_is_missing_while_no_heartbeat_says_so_and_rows_of_others_come(world: World) -> None:
    world.loses(FIRST, T_BTC)
    seen = await world.live_at(8, lambda n: world.rows(FIRST, world.row(FIRST, T_ETH, bid=str(n))))

    assert old_for_s(seen) <= 3


async def test_a_topic_of_which_its_writer_forgot_that_it_is_needed(world: World) -> None:
    seen = await world.live_at(2, world.each_second(unnamed=[T_BTC]))
    assert world.hub.topics.changed, "the demand is told again"
    seen += await world.live_at(18, world.each_second(unnamed=[T_BTC]))

    assert old_for_s(seen) <= 3


async def test_what_a_new_writer_does_not_bring_lapses_and_its_venue_goes_on(world: World) -> None:
    """What its predecessor said was true until it died."""
    await world.live_at(2, world.each_second())
    world.beat(SECOND, world.row(SECOND, STATUS), world.row(SECOND, T_ETH, bid="200"))
    seen = await world.live_at(20, world.each_second(SECOND))

    assert old_for_s(seen) <= 3 and world.page.state() == UNCONFIRMED
    assert world.page.live(ETH) == "200"

    world.beat(SECOND, world.row(SECOND, T_BTC, bid="200"))
    await world.passes()
    assert world.page.live() == "200"


async def test_what_lapsed_is_live_again_when_its_writer_confirms_it(world: World) -> None:
    await world.live_at(10, world.each_second(unnamed=[T_BTC]))
    assert world.page.state() == UNCONFIRMED and world.page.live(ETH) == "100"
    world.beat(FIRST)
    await world.passes()

    assert world.page.live() == "100"
    world.beat(FIRST, (T_BTC, 1, 2, 0, b'{"bid":"101"}'))
    await world.passes()
    assert world.page.live() == "101" and world.page.holes == []


async def test_a_state_that_is_told_anew_is_news_to_who_kept_the_one_before(world: World) -> None:
    """As a page does whose connection was gone for ten seconds."""
    for number in range(5):
        world.beat(FIRST, world.row(FIRST, STATUS, reason=str(number)))
        await world.passes()
    world.hub.viewers.leave(world.page.client)
    for _ in range(10):
        await world.passes(1)
    assert STATUS not in world.hub.topics
    kept, world.page = world.page.stores, Page(world)
    world.page.stores = kept
    world.beat(FIRST, world.row(FIRST, STATUS, state="down", reason="link is gone"))
    await world.passes()

    assert world.page.value("status", "KRAKEN")["state"] == "down"  # type: ignore[index]


async def test_a_writer_whose_clock_was_set_back_is_believed_though_rows_are_wanted(world: World) -> None:
    def speaks(step: int) -> None:
        if step % 10 == 0:
            world.begins(LESSER, "200")

    seen = await world.live_at(20, speaks)
    assert old_for_s(seen) <= 3 and seen[-1] == "200"


async def test_one_that_slept_confirms_nothing_of_its_dead_successor(world: World) -> None:
    world.begins(SECOND, "100")
    await world.passes()
    await world.passes()
    # The second one is killed now, and the first one wakes up.
    seen = await world.live_at(12, world.each_second(FIRST))

    assert old_for_s(seen) <= 3


async def test_who_reads_a_value_once_is_not_told_that_it_is_live_either(world: World) -> None:
    world.loses(FIRST, T_BTC)
    for seconds in (4, 6):  # held back, and lapsed
        await world.live_at(seconds, world.each_second())
        row = (await world.hub.read([T_BTC], 0.0))[T_BTC]
        assert row.state == "stale"
    assert (row.state, row.reason) == UNCONFIRMED


async def test_a_book_that_lapses_has_no_levels_until_it_is_confirmed(world: World) -> None:
    world.hub.presence.listen([GROUP, BOOKS], world.us)
    world.hub.follow(world.page.client, "book", Subscribed(10, 0), [BTC])
    levels = {"bids": [["100", "1"]], "asks": [["101", "1"]]}
    world.beat(FIRST, world.row(FIRST, B_BTC, **levels), group=BOOKS)

    def beats(step: int, unnamed: Iterable[str] = (B_BTC,)) -> None:
        if step % 10 == 0:
            world.beat(FIRST)
            world.beat(FIRST, unnamed=unnamed, group=BOOKS)

    await world.live_at(10, beats)
    book = world.page.value("book", BTC, 10)
    assert book == {"state": UNCONFIRMED[0], "reason": UNCONFIRMED[1]}
    assert (await world.hub.read([B_BTC], 0.0))[B_BTC].body == {}

    await world.live_at(1, lambda step: beats(step, ()))
    book = world.page.value("book", BTC, 10)
    assert book is not None and book["state"] == "live" and book["bids"] == levels["bids"]
    assert world.page.live() == "100"


async def test_a_state_of_a_venue_that_nobody_confirms_is_stale(world: World) -> None:
    seen = await world.live_at(10, world.each_second(unnamed=[STATUS]))
    status = world.page.value("status", "KRAKEN") or {}
    assert old_for_s(seen) <= 3 and (status["state"], status["reason"]) == UNCONFIRMED

    world.beat(FIRST)
    await world.passes()
    assert world.page.live() == "100"


async def test_a_quiet_market_looks_live_all_the_time(world: World) -> None:
    seen = await world.live_at(20, world.each_second())

    assert seen == ["100"] * len(seen) and world.asked == [] and not world.hub.topics.changed


async def test_one_heartbeat_that_was_lost_makes_nobody_ask_for_anything(world: World) -> None:
    def beats(step: int) -> None:
        if step % 10 == 0 and step != 50:
            world.beat(FIRST)

    seen = await world.live_at(10, beats)
    assert seen == ["100"] * len(seen) and world.asked == []


async def test_what_waited_while_this_process_stood_is_taken_before_anything_is_doubted(world: World) -> None:
    world.beat(FIRST)
    await world.passes(0.3)
    world.rows(FIRST, world.row(FIRST, T_ETH, bid="100"))
    await world.passes(1.4)  # it had to look after a second
    assert not world.hub._hearing.waits and world.page.live() == "100"


async def test_what_was_just_followed_and_has_no_value_holds_nothing_up(world: World) -> None:
    world.hub.follow(world.page.client, "ticker", Subscribed(0, 250), ["KRAKEN:ADA/USD"])
    seen = await world.live_at(10, world.each_second())

    assert seen == ["100"] * len(seen)
