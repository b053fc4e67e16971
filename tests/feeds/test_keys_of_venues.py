"""Venues that tell nothing without a key: shown first, judged by them, and never seen anywhere else."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import logging
from pathlib import Path

import msgspec
import pytest

from feeds.clock import SystemClock
from feeds.codec import Limits, RestRequest
from feeds.credentials import Credentials
from feeds.doctor import examine, written
from feeds.events import Event, LoggedIn
from feeds.recorder import Recorder
from feeds.rest import Refused, Rest
from feeds.venuefeed import VenueFeed
from feeds.worker import probe
from tests.fakes.feed import Feed, running
from tests.fakes.venue_codec import FakeCodec, subscription
from tests.fakes.venue_server import Answer, VenueServer
from tests.fakes.waiting import wait_until

BTC = "FAKE:BTC/USD"
TRADES = [subscription("trade", "BTC/USD")]
KEY = Credentials("PK-a-key-of-sixteen", "s3cret-of-the-operator")


class Keyed(FakeCodec):
    """``{"t":"in"}`` lets in; ``{"t":"out","why":…}`` refuses, and wants to be left alone for 0.4 s."""

    key_parts, needs_key = ("KEY", "SECRET"), True

    def __init__(self, credentials: Credentials | None = KEY) -> None:
        super().__init__(Limits(idle_s=60))
        self.credentials = credentials

    def login(self, credentials: Credentials) -> str:
        return msgspec.json.encode(
            {"op": "auth", "key": credentials.key, "secret": credentials.secret}
        ).decode()

    def key_headers(self, credentials: Credentials) -> dict[str, str]:
        return {"X-Key": credentials.key, "X-Secret": credentials.secret}

    def _events(self, body: dict, ns: int) -> list[Event]:
        if body["t"] == "in":
            return [LoggedIn(True)]
        if body["t"] == "out":
            return [LoggedIn(False, body["why"], 0.4)]
        return super()._events(body, ns)


def ops(server: VenueServer) -> list[str]:
    return [heard.body["op"] for heard in server.heard]


async def test_the_key_goes_first_and_nothing_is_asked_for_before_the_answer():
    async with VenueServer() as server:
        feed = Feed(server, TRADES, codec=Keyed())
        async with running(feed.session.run()):
            await wait_until(lambda: server.heard)
            await asyncio.sleep(10 * feed.venue.timing.tick_s)
            assert ops(server) == ["auth"]
            await server.send(t="in")
            await wait_until(lambda: feed.shown("trade", BTC)[0] == "live")

    assert server.heard[0].body == {"op": "auth", "key": KEY.key, "secret": KEY.secret}
    assert ops(server) == ["auth", "sub"]


async def test_a_refused_key_is_said_and_shown_again_when_the_venue_wants_it():
    async def refuse(server: VenueServer) -> None:
        for number in itertools.count(1):
            await wait_until(lambda least=number: len(server.heard) >= least)
            await server.send(t="out", why="auth failed")

    async with VenueServer() as server:
        feed = Feed(server, TRADES, codec=Keyed())
        async with running(feed.session.run(), refuse(server)):
            await wait_until(lambda: len(server.connects) == 3)
            assert "the venue refused the key: auth failed" in feed.health.last_error

    assert all(later - earlier >= 0.4 for earlier, later in itertools.pairwise(server.connects))
    assert set(ops(server)) == {"auth"}


async def test_the_secret_is_in_no_recording_no_log_and_no_repr(tmp_path: Path, caplog):
    caplog.set_level(logging.INFO)
    path = tmp_path / "x.jsonl.gz"
    async with VenueServer() as server:
        server.answers = {"/instruments": Answer(401, b"who are you")}
        with Recorder(path) as recorder:
            feed = Feed(server, TRADES, codec=Keyed(), tee=recorder)
            async with running(feed.session.run()):
                await wait_until(lambda: server.heard)
                await server.send(t="in")
                await wait_until(lambda: feed.shown("trade", BTC)[0] == "live")
                await server.send(t="out", why="no more")
                await wait_until(lambda: len(server.connects) == 2)
            async with Rest(feed.codec, SystemClock(), url=server.rest_url, tee=recorder) as rest:
                try:
                    await rest.get(RestRequest("/instruments"))
                except Refused as refused:
                    caplog.records.append(logging.makeLogRecord({"msg": repr(refused)}))

    recorded = gzip.decompress(path.read_bytes()).decode()
    seen = recorded + caplog.text + repr(feed.codec.credentials) + repr(feed.health) + repr(vars(feed.codec))
    assert '"op\\":\\"sub' in recorded
    assert KEY.secret not in seen
    assert KEY.key not in seen


async def test_requests_by_rest_show_the_key_in_their_headers():
    async with VenueServer() as server:
        server.answers = {"/a": Answer(200, b"1")}
        async with Rest(Keyed(), SystemClock(), url=server.rest_url) as rest:
            assert await rest.get(RestRequest("/a")) == b"1"

    [headers] = server.headers
    assert (headers["X-Key"], headers["X-Secret"]) == KEY


class Headed(FakeCodec):
    """The key is shown in the handshake, and judged by its answer."""

    key_parts = ("KEY",)
    credentials = Credentials("k-of-the-operator", "")

    def key_headers(self, credentials: Credentials) -> dict[str, str]:
        return {"Authorization": f"Bearer {credentials.key}"}


async def test_a_key_without_a_message_is_shown_when_a_link_is_opened():
    async with VenueServer() as server:
        feed = Feed(server, TRADES, codec=Headed(Limits(idle_s=60)))
        async with running(feed.session.run()):
            await wait_until(lambda: feed.shown("trade", BTC)[0] == "live")

    assert server.opened[0]["Authorization"] == "Bearer k-of-the-operator"
    assert ops(server) == ["sub"]


@pytest.mark.parametrize("status", [401, 403])
async def test_a_key_that_a_handshake_refuses_is_said_and_left_alone_for_long(status: int):
    async with VenueServer() as server:
        server.handshake = Answer(status, b"no")
        feed = Feed(server, TRADES, codec=Headed(Limits(idle_s=60)))
        async with running(feed.session.run()):
            await wait_until(lambda: f"refused the key (HTTP {status})" in feed.health.reason)

    assert "next try in 600" in feed.health.reason
    assert len(server.connects) == 1


async def test_without_a_key_nothing_is_opened_and_everything_says_why():
    words = "not configured: set VENUE_FAKE_KEY and VENUE_FAKE_SECRET"
    async with VenueServer() as server:
        codec = Keyed(None)
        urls = (server.ws_url, server.rest_url)
        feed = VenueFeed(codec, [], SystemClock(), urls=urls)
        feed.desire(TRADES)
        async with running(feed.run()):
            await asyncio.sleep(0.1)
            report = feed.report()
        [found] = await examine({"FAKE": codec}, SystemClock(), urls={"FAKE": urls}, within_s=0.1)
        reached = await probe({"FAKE": codec}, urls={"FAKE": urls})

    assert (report.state, report.reason) == ("down", words)
    assert feed.state.topic_state("trade", BTC)[:2] == ("down", words)
    assert written(found) == [f"FAKE: {words}"]
    assert not (reached or server.connects or server.fetched)
