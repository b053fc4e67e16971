"""Links whose wire is lines over HTTP: cut anywhere, broken anyhow, refused, and changed while they run."""

from __future__ import annotations

import asyncio
import gzip
import logging
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.codec import Limits, Request, Subscription
from feeds.credentials import Credentials
from feeds.lines import Lines, LineTooLong
from feeds.recorder import Recorder
from feeds.recorder import read as recorded
from feeds.worker import probe
from tests.fakes.feed import TIMING, Feed, running
from tests.fakes.line_server import LineServer, refusal
from tests.fakes.venue_codec import FakeCodec, subscription
from tests.fakes.waiting import wait_until

BTC, ETH = "FAKE:BTC/USD", "FAKE:ETH/USD"
WANTED = [subscription("ticker", "BTC/USD")]
BOTH = [*WANTED, subscription("ticker", "ETH/USD")]
KEY = Credentials("a-token-of-sixteen", "101-004/7")
QUOTE = b'{"t":"quote","s":"BTC/USD","b":"1","a":"2"}'
OTHER = QUOTE.replace(b"BTC", b"ETH")
BEAT = b'{"t":"hb"}'


class Lined(FakeCodec):
    """What a link carries stands in its address; a key opens it, and a part of that is in the address too."""

    lines = True
    key_parts = ("KEY", "SECRET")

    def __init__(self, limits: Limits | None = None, credentials: Credentials | None = None) -> None:
        super().__init__(limits or Limits(idle_s=60))
        self.credentials = credentials

    def key_headers(self, credentials: Credentials) -> dict[str, str]:
        return {"Authorization": f"Bearer {credentials.key}"}

    def query(self, subscriptions: Sequence[Subscription]) -> str:
        names = ",".join(sorted(item.native.replace("/", "_") for item in subscriptions))
        return f"?of={{secret}}&names={names}"

    def subscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return []

    unsubscribe = subscribe


# lines


@given(
    lines=st.lists(st.binary(max_size=12).map(lambda each: each.replace(b"\n", b"x"))),
    cuts=st.lists(st.integers(0, 200)),
)
def test_lines_are_whole_however_they_were_cut(lines: list[bytes], cuts: list[int]):
    found: list[bytes] = []
    whole, reader = b"".join(line + b"\r\n" for line in lines), Lines(100, found.append)

    places = sorted({min(cut, len(whole)) for cut in cuts} | {0, len(whole)})
    for start, stop in zip(places, places[1:], strict=False):
        reader.feed(whole[start:stop])

    assert found == [line.strip(b" \t\r") for line in lines if line.strip(b" \t\r")]
    assert reader.under_way == 0


@pytest.mark.parametrize("parts", [[b"x" * 101], [b"x" * 60, b"x" * 60], [b"ok\n" + b"x" * 101 + b"\n"]])
def test_a_line_without_an_end_is_bounded(parts: list[bytes]):
    reader = Lines(100, lambda line: None)

    with pytest.raises(LineTooLong):
        for part in parts:
            reader.feed(part)


def test_what_has_no_end_yet_is_no_line():
    found: list[bytes] = []
    reader = Lines(100, found.append)

    reader.feed(b'{"a":1}\n{"b"')

    assert found == [b'{"a":1}']
    assert reader.under_way == 4


# links


async def live(feed: Feed, name: str = BTC) -> None:
    await wait_until(lambda: feed.shown("ticker", name)[0] == "live", what=f"{name} live")


async def test_prices_come_line_by_line_cut_over_chunks_and_several_in_one():
    async with LineServer() as server:
        feed = Feed(server, WANTED, codec=Lined())
        async with running(feed.session.run()):
            await wait_until(lambda: server.streams)
            stream = server.newest
            assert stream.path == "/ws?of={secret}&names=BTC_USD"
            stream.chunk(QUOTE[:7])
            stream.chunk(QUOTE[7:] + b"\n" + BEAT + b"\n\n" + QUOTE.replace(b'"1"', b'"1.5"')[:9])
            await live(feed)
            stream.chunk(QUOTE.replace(b'"1"', b'"1.5"')[9:] + b"\r\n")
            await wait_until(lambda: feed.state.ticker(BTC).get("bid") == "1.5")

        assert feed.health.messages == 3
        assert feed.health.decode_errors == 0


async def test_a_line_that_cannot_be_read_takes_its_price_off_the_air_and_no_more():
    async with LineServer() as server:
        server.first = [QUOTE, OTHER]
        feed = Feed(server, BOTH, codec=Lined())
        async with running(feed.session.run()):
            await live(feed)
            await live(feed, ETH)
            server.newest.say(b'{"t":"quote","s":"BTC/USD","b":', b"<html>502", b"\xff\xfe{")
            await wait_until(lambda: feed.health.decode_errors == 3)
            assert feed.shown("ticker", BTC)[0] == "stale"
            assert feed.shown("ticker", ETH)[0] == "live"
            server.newest.say(QUOTE)
            await live(feed)

        assert len(server.streams) == 1


async def _stall(server: LineServer) -> None:
    """It says nothing more."""


async def _half_close(server: LineServer) -> None:
    server.newest.half_close()


async def _reset(server: LineServer) -> None:
    server.newest.reset()


async def _end(server: LineServer) -> None:
    server.newest.end()


async def _cut(server: LineServer) -> None:
    server.newest.chunk(QUOTE[:20])
    server.newest.end()


async def _endless(server: LineServer) -> None:
    for _ in range(30):
        server.newest.chunk(b"[" * 100)


async def _nonsense(server: LineServer) -> None:
    server.newest.writer.write(b"zz\r\nno chunk\r\n")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_stall, "nothing received for"),
        (_half_close, "the connection broke: RemoteProtocolError"),
        (_reset, "the connection broke: ReadError"),
        (_end, "the venue ended the stream"),
        (_cut, "the venue ended the stream, in the middle of a line"),
        (_endless, "a line of more than 1000 bytes"),
        (_nonsense, "the connection broke: RemoteProtocolError"),
    ],
)
async def test_a_stream_that_breaks_is_said_to_be_broken_and_opened_again(damage, words: str):
    async with LineServer() as server:
        server.first = [QUOTE]
        codec = Lined(Limits(idle_s=0.3, max_frame_bytes=1000))
        feed = Feed(server, WANTED, codec=codec)
        async with running(feed.session.run()):
            await live(feed)
            await damage(server)
            await wait_until(lambda: len(server.streams) > 1, what="another stream")
            assert feed.health.last_error.startswith(words)
            await live(feed)

    assert "stale" in feed.changes("ticker", BTC)


@pytest.mark.parametrize(
    ("status", "headers", "words", "wait_s"),
    [
        (401, {}, "refused the key (HTTP 401)", 600),
        (403, {}, "refused the key (HTTP 403)", 600),
        (429, {}, "the exchange limits us until", 60),
        (429, {"Retry_After": "100"}, "the exchange limits us until", 100),
        (503, {}, "StreamRefused: HTTP 503 no token of ours", 0),
    ],
)
async def test_a_refusal_is_said_and_its_time_is_kept(status: int, headers: dict, words: str, wait_s: float):
    async with LineServer() as server:
        server.refusal = refusal(status, "no token of ours", **headers)
        feed = Feed(server, WANTED, codec=Lined(credentials=KEY))
        async with running(feed.session.run()):
            await wait_until(lambda: feed.health.last_error)
            assert words in feed.health.last_error
            assert feed.session._wait_s >= wait_s or feed.venue.banned_s >= wait_s

    assert len(server.connects) <= (1 if wait_s else 20)


async def test_a_server_that_says_nothing_at_all_is_given_up():
    async with LineServer() as server:
        server.refusal = b"HTTP/1.1 200 OK\r\n"  # the head has no end, and then the connection has one
        feed = Feed(server, WANTED, codec=Lined(), timing=TIMING._replace(open_s=0.3))
        async with running(feed.session.run()):
            await wait_until(lambda: len(server.connects) > 1)

    assert feed.health.last_error.startswith("RemoteProtocolError")


async def test_another_set_is_another_stream_and_no_price_is_lost_in_between():
    async with LineServer() as server:
        server.first = [QUOTE, OTHER]
        feed = Feed(server, WANTED, codec=Lined())
        async with running(feed.session.run()):
            await live(feed)
            feed.session.want(BOTH)
            await live(feed, ETH)
            feed.session.want(WANTED)
            await wait_until(lambda: feed.session.counters["rolled over"] == 2)
            assert feed.changes("ticker", BTC) == ["syncing", "live"]

        assert [stream.path.partition("&")[2] for stream in server.streams] == [
            "names=BTC_USD",
            "names=BTC_USD,ETH_USD",
            "names=BTC_USD",
        ]
        assert feed.health.reconnects == 0


async def test_the_key_opens_it_and_is_in_no_recording_no_log_and_no_reason(tmp_path: Path, caplog):
    caplog.set_level(logging.DEBUG, logger="feeds")
    path = tmp_path / "x.jsonl.gz"
    async with LineServer() as server:
        server.first = [QUOTE]
        with Recorder(path) as recorder:
            feed = Feed(server, WANTED, codec=Lined(credentials=KEY), tee=recorder)
            async with running(feed.session.run()):
                await live(feed)
                server.newest.reset()
                await wait_until(lambda: len(server.streams) == 2)

    assert server.newest.headers["authorization"] == "Bearer a-token-of-sixteen"
    assert server.newest.path == "/ws?of=101-004%2F7&names=BTC_USD"
    seen = gzip.decompress(path.read_bytes()).decode() + caplog.text + repr(feed.health)
    assert KEY.key not in seen
    assert "101-004" not in seen
    kinds = [(each["k"], each.get("raw", "")) for each in recorded(path)]
    assert kinds[:2] == [("open", ""), ("recv", QUOTE.decode())]


async def test_whether_a_stream_can_be_opened_is_found_out_with_the_key():
    async with LineServer() as server:
        codec = Lined(credentials=KEY)
        codec.venue = "FAKE"
        urls = {"FAKE": (server.ws_url, "")}
        assert await probe({"FAKE": codec}, urls=urls) == {"FAKE": True}
        server.refusal = refusal(401)
        assert await probe({"FAKE": codec}, urls=urls) == {"FAKE": False}
    assert await probe({"FAKE": codec}, urls=urls, within_s=0.5) == {"FAKE": False}


async def test_a_stream_that_is_left_is_closed():
    async with LineServer() as server:
        server.first = [QUOTE]
        feed = Feed(server, WANTED, codec=Lined())
        async with running(feed.session.run()):
            await live(feed)
            writer = server.newest.writer
        async with asyncio.timeout(5):
            while not writer.transport.is_closing():
                writer.write(b"1\r\n\n\r\n")
                await asyncio.sleep(0.01)
