"""Recordings played again: the same books, trades and times; recorded again, the same bytes."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from pathlib import Path

import pytest

from feeds import venues
from feeds.codec import Limits
from feeds.events import Trade
from feeds.recorder import Recorder
from feeds.replay import Replay, ReplayClock
from feeds.state import MarketState
from tests.fakes.feed import Feed, running
from tests.fakes.venue_codec import FakeCodec, subscription
from tests.fakes.venue_server import VenueServer
from tests.fakes.waiting import wait_until

KRAKEN = "derived-kraken-v2/2021-04-17_10pairs.jsonl.gz"
BINANCE = "binance-spot/2021-04-04_btc-eth-dot.jsonl.gz"


class Tape:
    def __init__(self) -> None:
        self.events: list[object] = []

    def put(self, venue_state: MarketState, event: object) -> None:
        self.events.append(event)

    async def run(self) -> None:
        await asyncio.Event().wait()


async def played(path: Path, venue: str, *, speed: float = 0, recorder: Recorder | None = None) -> Replay:
    replay = Replay(path, {venue: venues.codec(venue)}, ReplayClock(), recorder=recorder)
    await replay.play(speed)
    return replay


@pytest.mark.parametrize(("name", "venue"), [(KRAKEN, "KRAKEN"), (BINANCE, "BINANCE")])
async def test_books_end_as_the_reference_says(captures: Path, name: str, venue: str):
    golden = json.loads((captures / "golden.json").read_text())[name]

    state = (await played(captures / name, venue)).states[venue]

    for native, expected in golden["books"].items():
        bids, asks = state.book(f"{venue}:{native}").best(5)
        assert [list(level) for level in bids] == expected["bids"], native
        assert [list(level) for level in asks] == expected["asks"], native


async def test_recorded_again_it_is_the_same(captures: Path, tmp_path: Path):
    with Recorder(tmp_path / "again.jsonl.gz") as recorder:
        await played(captures / KRAKEN, "KRAKEN", recorder=recorder)

    with gzip.open(captures / KRAKEN) as before, gzip.open(tmp_path / "again.jsonl.gz") as after:
        assert after.read() == before.read()


async def test_our_own_recording_brings_the_same_events_at_the_same_times(tmp_path: Path):
    path = tmp_path / "own.jsonl.gz"
    wanted = [subscription("trade", "BTC/USD"), subscription("book", "BTC/USD")]
    async with VenueServer() as server:
        with Recorder(path) as recorder:
            feed = Feed(server, wanted, limits=Limits(idle_s=60), tee=recorder)
            async with running(feed.session.run()):
                await wait_until(lambda: feed.state.book("FAKE:BTC/USD"))
                for number in range(5):
                    await server.send(t="trade", s="BTC/USD", id=number)
                await wait_until(lambda: len(feed.state.trades("FAKE:BTC/USD")) == 5)
    tape = Tape()

    await Replay(path, {"FAKE": FakeCodec()}, ReplayClock()).play(0, [tape])
    with Recorder(tmp_path / "again.jsonl.gz") as again:
        await Replay(path, {"FAKE": FakeCodec()}, ReplayClock(), recorder=again).play(0)

    trades = [event for event in tape.events if isinstance(event, Trade)]
    assert trades == [event for event in feed.events if isinstance(event, Trade)]
    assert (tmp_path / "again.jsonl.gz").read_bytes() == path.read_bytes()


async def test_a_roll_over_is_played_as_it_was(tmp_path: Path):
    path = tmp_path / "own.jsonl.gz"
    wanted = [subscription("trade", "BTC/USD"), subscription("book", "BTC/USD")]
    async with VenueServer() as server:
        with Recorder(path) as recorder:
            feed = Feed(server, wanted, limits=Limits(idle_s=60), tee=recorder)
            async with running(feed.session.run(), server.beat()):
                await wait_until(lambda: feed.health.state == "live")
                await server.send(t="trade", s="BTC/USD", id=1)
                await server.send(t="bye", why="soon")
                await wait_until(lambda: feed.session.counters["rolled over"])
                await server.send(t="trade", s="BTC/USD", id=2)
                await wait_until(lambda: len(feed.state.trades("FAKE:BTC/USD")) == 2)

    replay = Replay(path, {"FAKE": FakeCodec()}, ReplayClock())
    await replay.play(0)

    state = replay.states["FAKE"]
    assert [trade.trade_id for trade in state.trades("FAKE:BTC/USD")] == ["1", "2"]
    assert state.book("FAKE:BTC/USD") is not None


async def test_speed_is_kept(tmp_path: Path):
    path = tmp_path / "x.jsonl.gz"
    with Recorder(path) as recorder:
        recorder.opened("FAKE.a", 1_000_000_000, "ws://x")
        for at in range(1, 5):
            text = f'{{"t":"trade","s":"BTC/USD","id":{at}}}'
            recorder.received("FAKE.a", (1 + 10 * at) * 1_000_000_000, text.encode())
    started_s = time.monotonic()

    await Replay(path, {"FAKE": FakeCodec()}, ReplayClock()).play(100)

    assert 0.4 <= time.monotonic() - started_s < 20


async def test_records_of_other_venues_are_counted_and_left_out(tmp_path: Path):
    path = tmp_path / "x.jsonl.gz"
    with Recorder(path) as recorder:
        recorder.received("ELSEWHERE.a", 1, b"{}")
        recorder.received("FAKE.a", 2, b"not json")
        recorder.received("FAKE.a", 3, b'{"t":"trade","s":"BTC/USD","id":1}')
    codecs = {"FAKE": FakeCodec(), "OTHER": FakeCodec(venue="OTHER")}

    replay = Replay(path, codecs, ReplayClock())
    await replay.play(0)

    assert replay.counters["of no venue"] == 1
    assert replay.counters["undecodable"] == 1
