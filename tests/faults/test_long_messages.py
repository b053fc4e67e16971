"""Messages that take longer on their way than a venue may be silent, in a time of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes import virtual_time
from tests.fakes.inside import Inside, inside
from tests.fakes.line import Line, now_s
from tests.faults.attack import names_of
from tests.faults.test_silence import ALL, EACH_KIND, NOTICED_S, NotLive, live_of

pytestmark = pytest.mark.timeout(1800)
RATE = 40


class Narrow:
    """All that comes on these lines waits behind a message of which ``bytes_s`` arrive."""

    def __init__(self, lines: list[Line], bytes_s: int) -> None:
        self.lines, self._bytes_s, self._began_s = lines, bytes_s, now_s()
        self._held: list[tuple[Line, bytes]] = []

    def between(self, line: Line, payload: bytes, symbol: str, channel: str) -> None:
        if line in self.lines and channel != "reply":
            self._held.append((line, payload))
        else:
            line.deliver(payload)

    def arrive(self) -> None:
        for line in self.lines:
            line.silent = True  # pongs wait too
            line.under_way = round((now_s() - self._began_s) * self._bytes_s)

    def whole(self) -> None:
        for line in self.lines:
            line.silent, line.under_way = False, 0
        for line, payload in self._held:
            line.deliver(payload)
        self.lines = []


async def _narrowed(seed: int, venue: str, seconds: float, bytes_s: int) -> tuple[float, int, float]:
    """When nothing looked live any more, how many new connections there were, and how long until all was."""
    told = NotLive()
    async with inside(names_of(venue, 3), seed=seed, sinks=[told]) as world:
        world.desire(*ALL, depth=25)
        await world.wait(lambda: world.live(*ALL), 60, RATE)
        await world.trade(40, RATE)
        topics, connects, narrow = live_of(world, venue), len(world.connects), _narrow(world, bytes_s)
        told.since_s.clear()
        began_s = now_s()
        for _ in _ticks(began_s, seconds):
            narrow.arrive()
            await world.trade(0.1, RATE, step_s=0.1)
        gone_s = max(told.since_s.get(topic, float("inf")) for topic in topics) - began_s
        came = len(world.connects) - connects
        narrow.whole()
        healed_s = await world.wait(lambda: world.live(*ALL), 60, RATE)
        assert world.violations() == {}
        return gone_s, came, healed_s


def _narrow(world: Inside, bytes_s: int) -> Narrow:
    narrow = Narrow(list(world.lines), bytes_s)
    world.between = narrow.between
    return narrow


def _ticks(began_s: float, seconds: float) -> Iterator[None]:
    while now_s() - began_s < seconds:
        yield


@pytest.mark.parametrize("venue", EACH_KIND)
@pytest.mark.fault(
    "F18",
    "{venue}: a message of 400 kB/s takes 30 s",
    goal="not live when silence would be noticed; live again with it, on the same links",
)
def test_a_long_message_keeps_its_link_and_looks_live_in_nothing(score, venue):
    for run in range(score.times(20)):
        gone_s, came, healed_s = virtual_time.run(_narrowed(score.seed + run, venue, 30, 400_000))
        assert gone_s <= NOTICED_S[venue]
        assert came == 0
        score.took(healed_s)
        score.note("not live after at most", gone_s)

    assert max(score.took_s) <= 1


@pytest.mark.parametrize("venue", EACH_KIND)
@pytest.mark.fault(
    "F18",
    "{venue}: a message drips in, 400 bytes a second",
    goal="not live when silence would be noticed; another link is opened",
)
def test_a_drip_is_silence(score, venue):
    for run in range(score.times(20)):
        gone_s, came, _ = virtual_time.run(_narrowed(score.seed + run, venue, 30, 400))
        assert gone_s <= NOTICED_S[venue]
        assert came > 0
        score.took(gone_s)


async def _first(venue: str) -> tuple[int, int]:
    """How often it was connected, and what was asked for again, until a first message of 30 s was here."""
    async with inside(names_of(venue, 3)) as world:
        narrow = _narrow(world, 400_000)
        narrow.lines = world.lines
        world.desire(*ALL, depth=25)
        for _ in _ticks(now_s(), 30):
            narrow.lines = world.lines
            for line in world.lines:
                line.under_way = round((now_s() - line.opened_s) * 400_000)
            await world.trade(0.1, RATE, step_s=0.1)
        connects = len(world.connects)
        narrow.whole()
        for line in world.lines:
            line.under_way = 0
        await world.wait(lambda: world.live(*ALL), 60, RATE)
        assert len(world.connects) == connects
        return connects, world.feed.report().counters.get("reasks", 0)


@pytest.mark.parametrize("venue", ("KRAKEN", "COINBASE"))
def test_what_is_on_its_way_is_not_asked_for_again(venue):
    assert virtual_time.run(_first(venue)) == (1, 0)
