"""Markets that close: halted with words, not stale, not connected to again and again."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.clock import SystemClock
from feeds.codec import DecodeError, Limits, RestRequest
from feeds.events import CLOSED, OPEN, POST, PRE, Phase
from feeds.hours import RETRY_S, Hours
from feeds.phases import phase_at, words_at
from feeds.rest import Unreachable
from feeds.venuefeed import VenueFeed
from tests.fakes.feed import TIMING, running
from tests.fakes.venue_codec import FakeCodec, subscription
from tests.fakes.venue_server import Answer, VenueServer
from tests.fakes.virtual_time import WALL_NS, LoopClock, run
from tests.fakes.waiting import wait_until

BTC = "FAKE:BTC/USD"
NEW_YORK = "America/New_York"


def us(text: str) -> int:
    return round(datetime.fromisoformat(text).astimezone(UTC).timestamp()) * 1_000_000


# Friday before a weekend in winter time, and the Monday after it.
WEEK = [
    Phase(us("2026-11-27T04:00-05:00"), PRE),
    Phase(us("2026-11-27T09:30-05:00"), OPEN),
    Phase(us("2026-11-27T13:00-05:00"), POST),
    Phase(us("2026-11-27T17:00-05:00"), CLOSED),
    Phase(us("2026-11-30T04:00-05:00"), PRE),
    Phase(us("2026-11-30T09:30-05:00"), OPEN),
    Phase(us("2026-11-30T16:00-05:00"), POST),
    Phase(us("2026-11-30T20:00-05:00"), CLOSED),
]


@pytest.mark.parametrize(
    ("at", "phase", "words"),
    [
        ("2026-11-27T03:59-05:00", "", ""),
        ("2026-11-27T04:00-05:00", PRE, "before the opening, opens Fri 09:30 New York"),
        ("2026-11-27T09:29:59-05:00", PRE, "before the opening, opens Fri 09:30 New York"),
        ("2026-11-27T09:30-05:00", OPEN, ""),
        ("2026-11-27T13:00-05:00", POST, "after the close, opens Mon 09:30 New York"),
        ("2026-11-28T12:00-05:00", CLOSED, "closed, opens Mon 09:30 New York"),
        ("2026-11-30T15:59:59-05:00", OPEN, ""),
        ("2026-11-30T19:59-05:00", POST, "after the close"),
        ("2026-11-30T20:00-05:00", "", ""),
    ],
)
def test_the_phase_and_its_words(at: str, phase: str, words: str):
    assert (phase_at(WEEK, us(at)), words_at(WEEK, us(at), NEW_YORK)) == (phase, words)


def test_an_opening_far_away_has_a_date_and_summer_time_its_own_hours():
    phases = [Phase(us("2026-03-06T20:00-05:00"), CLOSED), Phase(us("2026-03-16T09:30-04:00"), OPEN)]
    words = words_at([*phases, Phase(us("2026-03-16T16:00-04:00"), CLOSED)], phases[0].from_us, NEW_YORK)

    assert words == "closed, opens Mon 16 Mar 09:30 New York"


@given(st.lists(st.integers(0, 10**6), unique=True), st.integers(-10, 10**6 + 10))
def test_nothing_is_said_of_a_time_that_no_phase_covers(starts: list[int], now: int):
    phases = [Phase(at, (PRE, OPEN, POST, CLOSED)[place % 4]) for place, at in enumerate(sorted(starts))]

    known = bool(phases) and phases[0].from_us <= now < phases[-1].from_us
    assert bool(phase_at(phases, now)) == known


class Closing(FakeCodec):
    zone = NEW_YORK

    def hours_requests(self, now_us: int) -> Sequence[RestRequest]:
        return (RestRequest("/hours"),)

    def decode_hours(self, bodies: Sequence[bytes]) -> list[Phase]:
        try:
            return [Phase(*each) for each in json.loads(bodies[0])]
        except ValueError as error:
            raise DecodeError(str(error), bodies[0]) from error


class FakeRest:
    """Answers, or fails, and notes when it was asked."""

    banned_s = 0.0

    def __init__(self, *answers: Any) -> None:
        self.answers, self.asked = list(answers), []

    async def get(self, request: RestRequest, *, low: bool) -> bytes:
        self.asked.append(LoopClock().mono_ns() / 1e9)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def looked(rest: FakeRest, seconds: float) -> tuple[list[tuple[float, str]], Counter[str]]:
    """What was told, and how long after the start."""

    async def play() -> tuple[list[tuple[float, str]], Counter[str]]:
        told, counters, clock = [], Counter(), LoopClock()
        started_ns = clock.mono_ns()
        hours = Hours(
            Closing(), rest, clock, counters,
            lambda phase, words: told.append(((clock.mono_ns() - started_ns) / 1e9, phase)),
        )  # fmt: skip
        task = asyncio.create_task(hours.run())
        await asyncio.sleep(seconds)
        task.cancel()
        return told, counters

    return run(play())


def body(*phases: tuple[float, str]) -> bytes:
    """Seconds after the start of virtual time."""
    start_us = WALL_NS // 1000 + 1_000_000_000
    return json.dumps([(start_us + round(s * 1e6), name) for s, name in phases]).encode()


def test_a_market_opens_by_our_clock_between_two_questions():
    told, _ = looked(FakeRest(body((-10, CLOSED), (100, OPEN), (200, CLOSED), (999, OPEN))), 250)

    assert [(round(at), phase) for at, phase in told] == [(0, CLOSED), (100, OPEN), (200, CLOSED)]


def test_an_answer_that_fails_keeps_what_is_known_and_is_asked_for_again_soon():
    whole = body((-10, CLOSED), (5000, OPEN), (9000, CLOSED))
    rest = FakeRest(Unreachable("no route"), b"garbage", whole, Unreachable("no route"))
    told, counters = looked(rest, Closing.hours_every_s + 3 * RETRY_S)

    gaps = [round(later - earlier) for earlier, later in zip(rest.asked, rest.asked[1:], strict=False)]
    assert gaps[:3] == [RETRY_S, RETRY_S, Closing.hours_every_s]
    assert [phase for _, phase in told] == [CLOSED]
    assert counters["fetch errors"] == 3


def test_hours_that_cannot_be_read_are_counted_and_said(caplog):
    rest = FakeRest(body((-10, CLOSED), (5000, OPEN), (9000, CLOSED)))
    with patch.object(Closing, "unread_hours", ("one: expected a day", "another")):
        told, counters = looked(rest, 10)

    assert [phase for _, phase in told] == [CLOSED]
    assert counters == {"unread hours": 2}
    assert "FAKE: 2 hours cannot be read: one: expected a day" in caplog.text


def test_nothing_is_asked_for_while_nobody_needs_to_know():
    rest = FakeRest(body((-10, CLOSED), (5000, OPEN), (9000, CLOSED)))
    with patch.object(Closing, "hours_requests", lambda codec, now_us: () if now_us else (RestRequest("/"),)):
        told, _ = looked(rest, 100)

    assert (rest.asked, told) == ([], [])


async def test_closed_is_not_stale_and_open_is_live_again():
    now_us = time.time_ns() // 1000
    closed = [(now_us - 10_000_000, CLOSED), (now_us + 10**10, OPEN), (now_us + 2 * 10**10, CLOSED)]
    opened = [(now_us - 10_000_000, OPEN), *closed[1:]]
    codec = Closing(Limits(idle_s=60, data_idle_s=0.3))
    async with VenueServer() as server:
        server.answers = {"/hours": Answer(200, json.dumps(closed).encode())}
        urls = (server.ws_url, server.rest_url)
        feed = VenueFeed(codec, [], SystemClock(), urls=urls, timing=TIMING)
        feed.desire([subscription("trade", "BTC/USD")])
        async with running(feed.run()):
            await wait_until(lambda: feed.state.topic_state("trade", BTC).state == "halted")
            assert feed.state.topic_state("trade", BTC).reason.startswith("closed, opens ")
            await wait_until(lambda: feed.report().state == "halted")
            await asyncio.sleep(1)
            assert len(server.connects) == 1
            assert (feed.report().phase, feed.report().reason) == (CLOSED, feed.hours.words)

            feed.hours._phases = [Phase(*each) for each in opened]
            feed.hours.look()
            await server.send(t="trade", s="BTC/USD", id=1)
            await wait_until(lambda: feed.state.topic_state("trade", BTC).state == "live")
            assert feed.report().phase == OPEN
