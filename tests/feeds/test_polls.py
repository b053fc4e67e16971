"""What no stream tells is asked for in turn: watched ones more often, never past its share of the weight."""

from __future__ import annotations

import asyncio
from collections import Counter

from feeds.codec import DecodeError, Limits, RestRequest, Subscription
from feeds.events import BASE_UNITS, Event, OpenInterest
from feeds.polls import OTHERS_S, SHARE, WATCHED_S, Polls
from feeds.ratelimit import RateWindow
from feeds.rest import Refused
from feeds.state import MarketState
from tests.fakes.virtual_time import LoopClock, run
from tests.feeds.making import PlainCodec


class Codec(PlainCodec):
    limits = Limits(rest_weight=1000, rest_window_s=60)

    polled = ("mark",)

    def poll_request(self, subscription: Subscription) -> RestRequest | None:
        return RestRequest(subscription.native, 1) if subscription.channel in self.polled else None

    def decode_poll(self, subscription: Subscription, body: bytes, received_ns: int) -> list[Event]:
        if body != b"7":
            raise DecodeError("expected 7", body)
        return [OpenInterest(subscription.instrument, "7", BASE_UNITS, 0, received_ns)]


class FakeRest:
    """Answers at once, and notes when it was asked for what."""

    banned_s = 0.0

    def __init__(self, clock: LoopClock) -> None:
        self._clock = clock
        self.asked: list[tuple[float, str]] = []
        self.answers: dict[str, bytes] = {}

    def part(self, share: float) -> RateWindow:
        return RateWindow(Codec.limits.rest_weight * 0.8 * share, 60, self._clock)

    async def get(self, request: RestRequest, *, low: bool = False) -> bytes:
        assert low
        self.asked.append((self._clock.mono_ns() / 1e9, request.path))
        answer = self.answers.get(request.path, b"7")
        if not answer:
            raise Refused("no such symbol", 400)
        return answer


def polled(names: list[str], seconds: float, preferred: tuple[str, ...] = (), **answers: bytes):
    async def play() -> tuple[FakeRest, MarketState, Counter[str]]:
        clock, counters = LoopClock(), Counter()
        codec, rest = Codec(), FakeRest(clock)
        rest.answers = answers
        state = MarketState(codec, clock, emit=lambda event: None, resync=lambda resync: None)
        state.preferred = frozenset(preferred)
        wanted = [
            Subscription(channel, f"FAKE:{name}", name) for name in names for channel in ("mark", "book")
        ]
        state.watch(wanted, "link")
        polls = Polls(codec, state, rest, clock, counters)
        polls.follow(wanted)
        task = asyncio.create_task(polls.run())
        await asyncio.sleep(seconds)
        task.cancel()
        return rest, state, counters

    return run(play())


def test_watched_ones_are_asked_for_more_often():
    rest, state, counters = polled(["A", "B"], 121, ("FAKE:A",))

    asked = Counter(name for _, name in rest.asked)
    assert abs(asked["A"] - 121 / WATCHED_S) <= 1.5
    assert abs(asked["B"] - 121 / OTHERS_S) <= 1.5
    assert state.mark("FAKE:A")["open_interest"] == "7"
    assert counters["polls"] == asked.total()


def test_each_channel_of_an_instrument_has_a_request_of_its_own(monkeypatch):
    monkeypatch.setattr(Codec, "polled", ("mark", "book"))

    rest, _, counters = polled(["A"], 59)

    assert [name for _, name in rest.asked] == ["A", "A"]
    assert counters["polls"] == 2


def test_five_hundred_instruments_share_the_weight_and_all_get_their_turn():
    names = [f"N{number}" for number in range(500)]
    rest, _, _ = polled(names, 200)

    allowed = Codec.limits.rest_weight * 0.8 * SHARE
    times = [at for at, _ in rest.asked]
    assert all(sum(at <= other < at + 60 for other in times) <= allowed for at in times)
    assert {name for _, name in rest.asked} == set(names)


def test_a_refusal_and_nonsense_cost_nobody_else_a_turn():
    rest, state, counters = polled(["A", "B", "C"], 61, A=b"", B=b"<html>")

    assert Counter(name for _, name in rest.asked) == {"A": 2, "B": 2, "C": 2}
    assert (counters["fetch errors"], counters["polls"]) == (4, 2)
    assert state.mark("FAKE:A") == {} != state.mark("FAKE:C")
