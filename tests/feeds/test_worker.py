"""The worker: what is wanted reaches the links and nothing else moves; faults stay where they happen."""

from __future__ import annotations

import asyncio

from feeds.clock import SystemClock
from feeds.codec import Limits, Subscription
from feeds.events import Bar, BookSnapshot, Trade
from feeds.sinks import VenueReport
from feeds.state import MarketState, StateChange
from feeds.worker import Worker, probe
from tests.fakes.feed import TIMING, running
from tests.fakes.venue_codec import FakeCodec, subscription
from tests.fakes.venue_server import Answer, VenueServer
from tests.fakes.waiting import wait_until

BTC, ETH, LTC = (f"FAKE:{base}/USD" for base in ("BTC", "ETH", "LTC"))


class Tape:
    """A sink that keeps everything."""

    def __init__(self) -> None:
        self.events: list[object] = []

    def put(self, venue_state: MarketState, event: object) -> None:
        self.events.append(event)

    async def run(self) -> None:
        await asyncio.Event().wait()

    def of(self, kind: type) -> list:
        return [event for event in self.events if isinstance(event, kind)]


class Broken(Tape):
    """Takes nothing, and its task fails."""

    def put(self, venue_state: MarketState, event: object) -> None:
        raise RuntimeError("no room")

    async def run(self) -> None:
        raise RuntimeError("no way out")


def worker(server: VenueServer, *sinks: Tape, codec: FakeCodec | None = None) -> Worker:
    made = codec or FakeCodec(Limits(idle_s=60))
    urls = {"FAKE": (server.ws_url, server.rest_url)}
    return Worker({"FAKE": made}, sinks, SystemClock(), urls=urls, timing=TIMING)


def trades(*names: str) -> list[Subscription]:
    return [subscription("trade", name.partition(":")[2]) for name in names]


def shown(made: Worker, name: str, channel: str = "trade") -> str:
    return made.venues["FAKE"].state.topic_state(channel, name).state


def book_states(tape: Tape) -> list[str]:
    changes = tape.of(StateChange)
    return [change.state for change in changes if (change.channel, change.instrument) == ("book", BTC)]


async def test_what_is_wanted_goes_out_and_events_come_in():
    async with VenueServer() as server:
        tape = Tape()
        made = worker(server, tape)
        made.desire(trades(BTC))
        async with running(made.run()):
            await wait_until(lambda: shown(made, BTC) == "live")
            await server.send(t="trade", s="BTC/USD", id=4)
            await wait_until(lambda: tape.of(Trade))

    assert tape.of(Trade)[0].trade_id == "4"


async def test_a_change_of_the_wanted_set_moves_nothing_else():
    async with VenueServer() as server:
        tape = Tape()
        made = worker(server, tape, codec=FakeCodec(Limits(idle_s=60), per_link=2))
        made.desire(trades(BTC, ETH, LTC))
        async with running(made.run()):
            await wait_until(lambda: all(shown(made, name) == "live" for name in (BTC, ETH, LTC)))
            made.desire(trades(ETH, LTC, "FAKE:XRP/USD"))
            await wait_until(lambda: shown(made, "FAKE:XRP/USD") == "live")
            await wait_until(lambda: server.asked("unsub"))

    assert server.asked("unsub") == ["trade|BTC/USD"]
    assert sorted(server.asked()) == [f"trade|{base}/USD" for base in ("BTC", "ETH", "LTC", "XRP")]
    assert len(server.connects) == 2


async def test_a_link_with_nothing_left_is_closed_and_the_others_stay():
    async with VenueServer() as server:
        made = worker(server, Tape(), codec=FakeCodec(Limits(idle_s=60), per_link=1))
        made.desire(trades(BTC, ETH))
        async with running(made.run()):
            await wait_until(lambda: shown(made, BTC) == shown(made, ETH) == "live")
            made.desire(trades(ETH))
            await wait_until(lambda: any(link.close_code for link in server.links))
            assert shown(made, ETH) == "live"

    assert list(made.venues["FAKE"].sessions) == ["link1"]


async def test_another_depth_is_asked_for_on_the_same_link():
    async with VenueServer() as server:
        made = worker(server, Tape())
        made.desire([subscription("book", "BTC/USD", 10)])
        async with running(made.run()):
            await wait_until(lambda: shown(made, BTC, "book") == "live")
            made.desire([subscription("book", "BTC/USD", 100)])
            await wait_until(lambda: len(server.asked()) == 2)
            await wait_until(lambda: shown(made, BTC, "book") == "live")

    assert server.asked("unsub") == ["book|BTC/USD"]
    assert len(server.connects) == 1


async def test_a_broken_sink_costs_the_others_nothing():
    async with VenueServer() as server:
        tape, broken = Tape(), Broken()
        made = worker(server, broken, tape)
        made.desire(trades(BTC))
        async with running(made.run()):
            await wait_until(lambda: shown(made, BTC) == "live")
            await server.send(t="trade", s="BTC/USD", id=4)
            await wait_until(lambda: tape.of(Trade))

    assert made.venues["FAKE"].counters["sink errors"] > 0
    assert made.counters["crashes"] > 0
    assert len(server.connects) == 1


async def test_a_crash_in_one_venue_leaves_the_other_alone(monkeypatch):
    async with VenueServer() as server, VenueServer() as other:
        codecs = {name: FakeCodec(Limits(idle_s=60), venue=name) for name in ("FAKE", "OTHER")}
        urls = {"FAKE": (server.ws_url, server.rest_url), "OTHER": (other.ws_url, other.rest_url)}
        made = Worker(codecs, [], SystemClock(), urls=urls, timing=TIMING)
        made.desire([*trades(BTC), subscription("trade", "BTC/USD", venue="OTHER")])
        feed = made.venues["FAKE"]
        calm, tries = feed._match_tasks, []

        def match_tasks(group: asyncio.TaskGroup) -> None:
            tries.append(1)
            if len(tries) == 1:
                raise RuntimeError("a fault of ours")
            calm(group)

        monkeypatch.setattr(feed, "_match_tasks", match_tasks)
        async with running(made.run()):
            await wait_until(lambda: shown(made, BTC) == "live")
            await wait_until(
                lambda: made.venues["OTHER"].state.topic_state("trade", "OTHER:BTC/USD").state == "live"
            )

    assert made.counters["crashes"] == 1
    assert len(other.connects) == 1


async def test_an_instrument_of_an_unknown_venue_is_counted():
    async with VenueServer() as server:
        made = worker(server)
        made.desire([subscription("trade", "BTC/USD", venue="NOWHERE")])

    assert made.counters["unknown venue"] == 1


async def test_snapshots_come_by_rest_with_watched_books_first():
    names = [f"S{at}/USD" for at in range(12)]
    body = b'{"bids":[["99","1"]],"asks":[["101","1"]],"last":10}'
    async with VenueServer() as server:
        server.pushes_books = False
        server.answers = {"/depth": Answer(200, body), "/candles": Answer(200, b"[]")}
        tape = Tape()
        made = worker(server, tape, codec=FakeCodec(Limits(idle_s=60), snapshots="rest"))
        made.desire([subscription("book", name) for name in names])
        made.prefer(["FAKE:S7/USD", "FAKE:S9/USD"])
        async with running(made.run()):
            await wait_until(lambda: len(tape.of(BookSnapshot)) >= 12)

    first = {path.rpartition("=")[2] for _, path in server.fetched[:2]}
    assert first == {"S7/USD", "S9/USD"}
    assert {event.instrument for event in tape.of(BookSnapshot)} == {f"FAKE:{name}" for name in names}


async def test_a_gap_brings_one_snapshot_of_that_book():
    async with VenueServer() as server:
        server.pushes_books = False
        server.answers = {"/depth": Answer(200, b'{"bids":[["99","1"]],"asks":[["101","1"]],"last":10}')}
        tape = Tape()
        made = worker(server, tape, codec=FakeCodec(Limits(idle_s=60), snapshots="rest"))
        made.desire([subscription("book", "BTC/USD"), subscription("book", "ETH/USD")])
        async with running(made.run()):
            await wait_until(lambda: shown(made, BTC, "book") == shown(made, ETH, "book") == "live")
            del server.fetched[:], tape.events[:]
            server.answers["/depth"] = Answer(200, b'{"bids":[["98","1"]],"asks":[["101","1"]],"last":30}')
            await server.send(t="delta", s="BTC/USD", first=20, last=21, bids=[], asks=[])
            await wait_until(lambda: book_states(tape)[-2:] == ["syncing", "live"])

    assert [path for _, path in server.fetched] == ["/depth?symbol=BTC/USD"]


async def test_a_book_whose_snapshot_was_lost_is_asked_for_again():
    async with VenueServer() as server:
        server.pushes_books = False
        made = worker(server, Tape())
        made.desire([subscription("book", "BTC/USD")])
        async with running(made.run(), server.beat()):
            await wait_until(lambda: server.asked())
            await server.send(t="delta", s="BTC/USD", first=20, last=21, bids=[], asks=[])
            server.pushes_books = True
            await wait_until(lambda: shown(made, BTC, "book") == "live")

    assert server.asked() == ["book|BTC/USD"] * 2
    assert server.asked("unsub") == ["book|BTC/USD"]
    assert len(server.connects) == 1


async def test_a_ban_stops_all_requests_and_is_reported():
    async with VenueServer() as server:
        server.pushes_books = False
        server.answers = {"/depth": Answer(429, b"", {"Retry-After": "50"})}
        tape = Tape()
        made = worker(server, tape, codec=FakeCodec(Limits(idle_s=60), snapshots="rest"))
        made.desire([subscription("book", f"S{at}/USD") for at in range(9)])
        async with running(made.run()):
            report = await wait_until(
                lambda: next((r for r in tape.of(VenueReport) if r.limited_until_us), None)
            )

    assert len(server.fetched) <= 3
    assert 45_000_000 < report.limited_until_us - report.wall_us <= 50_000_000


async def test_history_is_fetched_once_for_what_is_traded():
    candles = b'[[1700000000000000,"1","2","0.5","1.5","10"],[1700000060000000,"1","2","0.5","1.5","10"]]'
    async with VenueServer() as server:
        server.answers = {"/candles": Answer(200, candles)}
        tape = Tape()
        made = worker(server, tape)
        made.desire(trades(BTC, ETH))
        made.prefer([ETH])
        made.backfill(ETH, 60)
        made.backfill("nonsense", 1)
        async with running(made.run()):
            await wait_until(lambda: len(tape.of(Bar)) >= 6)

    paths = [path.partition("?")[2] for _, path in server.fetched]
    assert paths == ["symbol=ETH/USD&interval=60", "symbol=ETH/USD&interval=1", "symbol=BTC/USD&interval=1"]


async def test_each_link_is_reported_in_words():
    async with VenueServer() as server:
        tape = Tape()
        made = worker(server, tape)
        made.desire(trades(BTC))
        async with running(made.run(), server.beat()):
            report = await wait_until(
                lambda: next((r for r in tape.of(VenueReport) if r.state == "live"), None)
            )

    link = report.links[0]
    assert (report.venue, report.title, report.reason) == ("FAKE", "Fake", "")
    assert (link.name, link.state, link.topics, link.reconnects) == ("link0", "live", 1, 0)
    assert link.messages > 0


async def test_probing_tells_who_answers():
    async with VenueServer() as server:
        codecs = {"FAKE": FakeCodec(), "OTHER": FakeCodec(venue="OTHER")}
        urls = {"FAKE": (server.ws_url, ""), "OTHER": ("ws://127.0.0.1:9", "")}
        reached = await probe(codecs, urls=urls, within_s=20)

    assert reached == {"FAKE": True, "OTHER": False}
