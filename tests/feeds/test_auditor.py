"""Audits in turn: watched books first, within the weight, and what a failed one does to whom."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import msgspec

from feeds.auditor import Auditor
from feeds.clock import SystemClock
from feeds.codec import Limits, RestRequest, Subscription
from feeds.rest import Rest
from feeds.shared import AuditTiming
from feeds.state import MarketState, StateChange
from feeds.worker import Worker
from tests.fakes.clock import FakeClock
from tests.fakes.feed import TIMING, running
from tests.fakes.venue_codec import FakeCodec, subscription
from tests.fakes.venue_server import Answer, VenueServer
from tests.fakes.waiting import wait_until
from tests.feeds.making import PlainCodec, snapshot

BTC, ETH = "FAKE:BTC/USD", "FAKE:ETH/USD"
SOON = AuditTiming(0.05, 0.05, 0.02, 0.02, 0.06, 0.01, 60, 60)
TRUE = {"bids": [["99.0", "1.0"]], "asks": [["101.0", "1.0"]], "last": 10}
GHOST = {"bids": [["99.0", "1.0"], ["98.0", "0.5"]], "asks": [["101.0", "1.0"]], "last": 10}


@dataclass
class Changes:
    """A sink that keeps which book went into which state, and why."""

    seen: list[StateChange] = field(default_factory=list)

    def put(self, venue_state: MarketState, event: object) -> None:
        if isinstance(event, StateChange) and event.reason != "the link was stopped":
            self.seen.append(event)

    async def run(self) -> None:
        """Nothing is brought anywhere."""

    def of(self, name: str) -> list[str]:
        return [change.state for change in self.seen if change.instrument == name]


def answer(body: dict) -> Answer:
    return Answer(200, msgspec.json.encode(body))


def worker(server: VenueServer, sink: Changes, timing: AuditTiming = SOON, **codec: object) -> Worker:
    made = FakeCodec(Limits(idle_s=60, **codec.pop("limits", {})), audits=True, **codec)
    urls = {"FAKE": (server.ws_url, server.rest_url)}
    return Worker({"FAKE": made}, [sink], SystemClock(), urls=urls, timing=TIMING._replace(audit=timing))


def books(*names: str) -> list[Subscription]:
    return [subscription("book", name.partition(":")[2]) for name in names]


def counted(made: Worker) -> dict[str, int]:
    return made.venues["FAKE"].report().counters


async def test_a_book_with_a_ghost_is_brought_again_and_no_other_one():
    async with VenueServer() as server:
        server.book, server.answers["/audit"] = GHOST, answer(TRUE)
        sink = Changes()
        made = worker(server, sink)
        made.desire(books(BTC, ETH))
        # Only one of the two is wrong.
        server.answers["/audit"] = lambda path: answer(TRUE if "BTC" in path else GHOST)
        async with running(made.run()):
            await wait_until(lambda: sink.of(BTC)[-1:] == sink.of(ETH)[-1:] == ["live"])
            server.book = TRUE
            await wait_until(lambda: sink.of(BTC) == ["syncing", "live", "syncing", "live"])
            done = counted(made).get("audits", 0)
            await wait_until(lambda: counted(made)["audits"] > done + 6)

    reason = next(change.reason for change in sink.seen[::-1] if change.state == "syncing")
    assert reason == "1 levels differ from the venue's REST answer"
    assert sink.of(ETH) == ["syncing", "live"]
    assert server.asked("unsub") == ["book|BTC/USD"]
    assert counted(made)["audit"] == 1
    assert made.venues["FAKE"].counters["crashes"] == 0


async def test_what_only_one_answer_says_is_not_believed():
    async with VenueServer() as server:
        server.book, asked = GHOST, []

        def every_third_lies(path: str) -> Answer:
            asked.append(path)
            return answer(TRUE if len(asked) % 3 == 0 else GHOST)

        server.answers["/audit"] = every_third_lies
        sink = Changes()
        made = worker(server, sink)
        made.desire(books(BTC))
        async with running(made.run()):
            await wait_until(lambda: len(asked) > 12)

    assert sink.of(BTC) == ["syncing", "live"]
    assert counted(made)["audit doubts"] >= 3


async def test_the_same_quarrel_brings_no_second_resync():
    async with VenueServer() as server:
        server.book, server.answers["/audit"] = GHOST, answer(TRUE)
        sink = Changes()
        made = worker(server, sink)
        made.desire(books(BTC))
        async with running(made.run()):
            await wait_until(lambda: counted(made).get("audits contested", 0) >= 2)

    assert sink.of(BTC) == ["syncing", "live", "syncing", "live"]


async def test_an_old_quarrel_is_taken_up_again():
    async with VenueServer() as server:
        server.book, server.answers["/audit"] = GHOST, answer(TRUE)
        sink = Changes()
        made = worker(server, sink, SOON._replace(contested_s=0.2))
        made.desire(books(BTC))
        async with running(made.run()):
            await wait_until(lambda: counted(made).get("audit", 0) >= 2)


async def test_no_answer_harms_no_book_and_is_not_asked_for_again_soon():
    async with VenueServer() as server:
        server.answers["/audit"] = lambda path: Answer(500) if "BTC" in path else answer(server.book)
        sink = Changes()
        made = worker(server, sink)
        made.desire(books(BTC, ETH))
        async with running(made.run()):
            await wait_until(lambda: counted(made).get("audits", 0) >= 4)

    assert sink.of(BTC) == sink.of(ETH) == ["syncing", "live"]
    assert [path for _, path in server.fetched if "BTC" in path] == ["/audit?symbol=BTC/USD"]
    assert counted(made)["fetch errors"] == 1


async def test_a_ban_stops_audits():
    async with VenueServer() as server:
        server.answers["/audit"] = Answer(429, b"", {"Retry-After": "50"})
        sink = Changes()
        made = worker(server, sink, SOON._replace(look_s=0.1, failed_s=0))
        made.desire(books(BTC, ETH))
        async with running(made.run()):
            await wait_until(lambda: made.venues["FAKE"].rest.banned_s)
            feed = made.venues["FAKE"]
            await wait_until(lambda: not feed.auditor._under_way)
            assert feed.auditor.begin() is None


async def test_audits_leave_two_thirds_of_the_weight():
    names = [f"FAKE:S{at}/USD" for at in range(12)]
    async with VenueServer() as server:
        server.answers["/audit"] = answer(server.book)
        made = worker(server, Changes(), limits={"rest_weight": 15, "rest_window_s": 0.5})
        made.desire(books(*names))
        async with running(made.run()):
            await wait_until(lambda: len(server.fetched) >= 14)

    # 15 less a fifth for others, and of that a third.
    times = [at for at, _ in server.fetched]
    # Three windows lie between; the first request may have come late by most of one.
    assert times[12] - times[0] > 2 * 0.5


# whose turn it is


class Turns:
    """An auditor that is asked whose turn it is, with a clock to move."""

    def __init__(self, *names: str) -> None:
        self.clock = FakeClock()
        codec = PlainCodec(limits=Limits(), rest_url="http://127.0.0.1:1")
        codec.audit_request = lambda book: RestRequest("/") if book.depth > 10 else None
        self.state = MarketState(codec, self.clock, emit=lambda event: None, resync=lambda resync: None)
        self.auditor = Auditor(
            codec, self.state, Rest(codec, self.clock), self.clock, Counter(), AuditTiming(20, 600)
        )
        for name in names:
            self.add(name)

    def add(self, name: str, depth: int = 100) -> None:
        self.state.watch([Subscription("book", name, name.partition(":")[2], depth)], "link")
        self.state.apply(snapshot([("99", "1")], [("101", "1")])._replace(instrument=name), "link")

    def taken(self, count: int, every_s: float) -> list[str]:
        """Who is audited, one look each ``every_s``, "" for nobody; each audit is done at once."""
        found = []
        for _ in range(count):
            self.clock.advance(every_s)
            subscription = self.auditor.begin()
            found.append("" if subscription is None else subscription.instrument)
            if subscription is not None:
                self.auditor.end(subscription)
        return found


def test_a_new_book_is_proven_and_waits_for_its_first_audit():
    turns = Turns("FAKE:A", "FAKE:B")
    turns.auditor.watched = frozenset({"FAKE:A"})

    assert turns.taken(8, 10) == ["", "", "FAKE:A", "", "FAKE:A", "", "FAKE:A", ""]


def test_those_that_nobody_watches_come_now_and_then():
    names = [f"FAKE:W{at}" for at in range(9)]
    turns = Turns(*names, "FAKE:X", "FAKE:Y")
    turns.auditor.watched = frozenset(names)
    turns.taken(1, 0)
    turns.clock.advance(600)

    found = turns.taken(32, 10)

    assert found.count("FAKE:X") == found.count("FAKE:Y") == 1
    assert all(found.count(name) >= 3 for name in names)


def test_of_those_that_nobody_reads_preferred_instruments_come_first():
    turns = Turns("FAKE:A", "FAKE:B", "FAKE:C")
    turns.state.preferred = frozenset({"FAKE:C"})
    turns.taken(1, 0)
    turns.clock.advance(600)

    assert turns.taken(4, 1) == ["FAKE:C", "FAKE:A", "FAKE:B", ""]


def test_only_books_that_need_it_and_are_live_are_audited():
    turns = Turns("FAKE:A", "FAKE:B")
    turns.add("FAKE:SHALLOW", depth=10)
    turns.auditor.watched = frozenset({"FAKE:A", "FAKE:B", "FAKE:SHALLOW"})
    turns.taken(1, 0)
    turns.state.refute("FAKE:B", "wrong")

    assert set(turns.taken(20, 10)) == {"", "FAKE:A"}
