"""A venue that lets us wait hears nothing until the time that it named, and topics say until when."""

from __future__ import annotations

import random

import pytest

from feeds.symbols import BOOK
from tests.by_venue import by_venue
from tests.fakes import virtual_time
from tests.fakes.inside import inside
from tests.fakes.line import now_s
from tests.faults.attack import names_of
from tests.faults.told import ALL, RATE, begun

pytestmark = pytest.mark.timeout(1800)


async def banned(seed: int, venue: str) -> None:
    """REST and handshakes are refused for a time that the venue names."""
    async with inside(names_of(venue, 4), seed=seed) as world:
        await begun(world)
        feed, exchange = world.feed, world.simulator.exchanges[venue]
        world.simulator.fault("refuse", n=1, value="429", seconds=90)
        for line in world.lines:
            line.reset()
        began_s = now_s()
        await world.wait(lambda: exchange.trouble.refuse == 0, 30, RATE)
        refused_s, reasons = now_s(), set[str]()
        while not world.live(*ALL):
            reasons |= {feed.state.topic_state(BOOK, name).reason for name in world.names}
            await world.trade(0.25, RATE)
            assert now_s() - began_s < 200
        asked = [at_s for at_s, _ in world.connects if at_s > refused_s + 0.1]
        assert min(asked) - refused_s >= 90
        assert any(words.startswith("the exchange limits us until ") for words in reasons), reasons
        assert world.violations() == {}


@pytest.mark.parametrize("venue", by_venue("BINANCE"))
@pytest.mark.fault(
    "F13",
    "{venue}: a handshake is refused with 429 and Retry-After: 90",
    goal="no request inside the ban; topics say until when; live after it",
)
def test_no_connection_is_tried_inside_a_ban(score, venue):
    for run in range(score.times(20)):
        virtual_time.run(banned(score.seed + run, venue))
    score.runs = score.times(20)


def test_links_that_were_not_told_of_the_ban_say_it_too():
    """With this seed the handshake that is refused is not that of the link of the books."""
    virtual_time.run(banned(2, "OKX"))


async def rest_banned(seed: int, seconds: int) -> None:
    async with inside(names_of("BINANCE", 4), seed=seed) as world:
        await begun(world)
        feed = world.feed
        world.simulator.fault("rate_limit", n=1, seconds=seconds)
        for line in world.lines:
            line.reset()
        await world.wait(lambda: feed.rest.banned_s, 30, RATE)
        began_s, asked = now_s(), len(world.asked)
        report = feed.report()
        assert abs((report.limited_until_us - report.wall_us) / 1e6 - seconds) < 2
        reasons = set[str]()
        while not world.live(*ALL):
            reasons.add(feed.report().reason)
            await world.trade(0.25, RATE)
            assert now_s() < began_s + seconds + 60
        assert any(words.startswith("the exchange limits us until ") for words in reasons), reasons
        inside_ban = [path for at_s, path in world.asked[asked:] if at_s < began_s + seconds - 1.5]
        assert inside_ban == []
        # Three at once: two were on their way when the answer came that forbade them.
        assert world.violations().pop("BINANCE requests_while_banned", 0) <= 2


@pytest.mark.fault(
    "F13",
    "BINANCE: REST answers 429 with Retry-After while all books need pictures",
    goal="no request inside the ban; the report says until when; live after it",
)
def test_nothing_is_asked_inside_a_ban(score):
    for run in range(score.times(20)):
        virtual_time.run(rest_banned(score.seed + run, random.Random(run).choice([5, 30, 120])))
    score.runs = score.times(20)
