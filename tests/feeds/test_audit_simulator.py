"""Audits of simulated exchanges: ghosts that no checksum sees are found, and nothing else is touched."""

from __future__ import annotations

import contextlib

import pytest

from feeds import venues
from feeds.clock import SystemClock
from feeds.codec import RestRequest, Subscription
from feeds.shared import AuditTiming, Timing
from feeds.simulator import Simulator
from feeds.state import MarketState, StateChange
from feeds.worker import Worker
from tests.fakes.feed import running
from tests.fakes.waiting import wait_until

DEPTH = 100
# Only watched books, at once and again and again; 60 s for an answer that nothing dates: not in these tests.
OFTEN = AuditTiming(
    watched_s=0.2, others_s=3600, before_s=0.1, after_s=0.1, believed_s=60, look_s=0.02, failed_s=0
)


class Changes:
    """A sink that keeps (instrument, state) of books."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    def put(self, venue_state: MarketState, event: object) -> None:
        if isinstance(event, StateChange) and event.channel == "book":
            self.seen.append((event.instrument, event.state))

    async def run(self) -> None:
        """Nothing is brought anywhere."""


def names_of(simulator: Simulator, venue: str) -> list[str]:
    return [name for name in simulator.instruments if name.startswith(f"{venue}:")]


def worker(simulator: Simulator, venue: str, timing: AuditTiming, sink: Changes) -> Worker:
    codec = venues.codec(venue)
    codec.limits = codec.limits._replace(rest_weight=100_000)
    urls = {venue: (simulator.ws_url(venue), simulator.rest_url(venue))}
    made = Worker({venue: codec}, [sink], SystemClock(), urls=urls, timing=Timing(audit=timing))
    names = names_of(simulator, venue)
    made.desire(Subscription("book", name, name.partition(":")[2], DEPTH) for name in names)
    return made


async def all_live(made: Worker, venue: str, names: list[str]) -> None:
    state = made.venues[venue].state
    await wait_until(lambda: all(state.book(name) for name in names), what="all books live")


def ghosts(simulator: Simulator, state: MarketState, name: str) -> set[tuple[str, str]]:
    """What is in our book and not in the true one, of a quantity that Kraken's REST would write."""
    book, true = state.book(name), simulator.book(name)
    if book is None:
        return set()
    ours, theirs = book.best(DEPTH), (true.bids, true.asks)
    extra = {level for held, real in zip(ours, theirs, strict=True) for level in set(held) - set(real)}
    return {(price, qty) for price, qty in extra if float(qty) >= 0.001}


async def haunt(simulator: Simulator, made: Worker, name: str) -> None:
    """Drop removals until one leaves a ghost, and stop the market there."""
    state = made.venues["KRAKEN"].state
    for _ in range(30):
        simulator.fault("ghost", symbol=name)
        link = next(iter(simulator.exchanges["KRAKEN"].links))
        await wait_until(lambda: not link.faults, what="a removal was dropped")  # noqa: B023
        simulator.pause()
        with contextlib.suppress(AssertionError):
            await wait_until(lambda: ghosts(simulator, state, name), within_s=0.3)
            return
        simulator.resume()
    raise AssertionError("no ghost")


@pytest.mark.parametrize("dated", [True, False])
async def test_a_ghost_is_found_and_healed_and_no_other_book_is_touched(dated: bool):
    """``dated``: the market goes on, so that answers show how new they are; else it stands still."""
    async with Simulator(instruments=9, rate=200, seed=3) as simulator:
        changes, names = Changes(), names_of(simulator, "KRAKEN")
        name = names[0]
        made = worker(simulator, "KRAKEN", OFTEN if dated else OFTEN._replace(believed_s=0.5), changes)
        feed = made.venues["KRAKEN"]
        async with running(made.run()):
            await all_live(made, "KRAKEN", names)
            await haunt(simulator, made, name)
            seen = len(changes.seen)
            made.prefer(names, names)

            def refuted() -> int:
                if dated:
                    simulator.step(1, every_ms=100)
                return feed.report().counters.get("audit", 0)

            await wait_until(refuted, what="the audit failed")
            await all_live(made, "KRAKEN", names)
            await wait_until(lambda: not ghosts(simulator, feed.state, name), what="the ghost is gone")
            book, true = feed.state.book(name), simulator.book(name, DEPTH)

            assert tuple(book.best(DEPTH)) == (true.bids, true.asks)
            assert changes.seen[seen:] == [(name, "syncing"), (name, "live")]
            assert feed.counters["crashes"] == 0


async def test_true_books_of_a_busy_market_are_never_doubted_for_long():
    async with Simulator(instruments=9, rate=400, seed=4) as simulator:
        changes, names = Changes(), names_of(simulator, "KRAKEN")
        # Long enough for many levels to move between an answer and the look at it.
        made = worker(simulator, "KRAKEN", OFTEN._replace(after_s=1, believed_s=1), changes)
        made.prefer(names, names)
        async with running(made.run()):
            await wait_until(lambda: made.venues["KRAKEN"].counters["audits"] >= 12, within_s=30)

            assert made.venues["KRAKEN"].report().counters.get("audit", 0) == 0
            assert sorted(changes.seen) == sorted((name, s) for name in names for s in ("syncing", "live"))


@pytest.mark.parametrize("venue", ["BINANCE", "COINBASE"])
async def test_venues_that_prove_every_level_are_asked_for_no_audit(venue: str, monkeypatch):
    async with Simulator(instruments=9, rate=200, seed=3) as simulator:
        names, asked = names_of(simulator, venue), []
        made = worker(simulator, venue, OFTEN._replace(watched_s=0, others_s=0), Changes())
        feed = made.venues[venue]
        get = feed.rest.get

        async def noted(request: RestRequest, **options: bool) -> bytes:
            asked.append(request.path)
            return await get(request, **options)

        monkeypatch.setattr(feed.rest, "get", noted)
        made.prefer(names, names)
        async with running(made.run()):
            await all_live(made, venue, names)
            looks = []
            monkeypatch.setattr(feed.auditor, "begin", lambda begin=feed.auditor.begin: looks.append(begin()))
            await wait_until(lambda: len(looks) >= 10)

    assert set(looks) == {None}
    assert len(asked) == feed.counters["snapshots"] + feed.counters["candles"]
