"""Frames too large, broken, or beyond us: counted and named, and the others go on."""

from __future__ import annotations

import asyncio

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.frames import Opcode

from feeds.codec import Limits
from feeds.events import Trade
from tests.fakes.feed import TIMING, Feed, running
from tests.fakes.venue_codec import subscription
from tests.fakes.venue_server import VenueServer
from tests.fakes.waiting import wait_until

BTC, ETH = "FAKE:BTC/USD", "FAKE:ETH/USD"
TRADES = [subscription("trade", "BTC/USD"), subscription("trade", "ETH/USD")]
BOOKS = [subscription("book", "BTC/USD"), subscription("book", "ETH/USD")]
PATIENT = Limits(idle_s=60)


@pytest.mark.fault("F18", "A frame over the limit", goal="the link begins anew, with the error's name")
async def test_a_frame_over_the_limit_ends_the_link_with_its_name():
    async with VenueServer() as server:
        feed = Feed(server, TRADES, limits=PATIENT._replace(max_frame_bytes=10_000))
        async with running(feed.session.run()):
            await wait_until(lambda: feed.shown("trade", BTC)[0] == "live")
            await server.send(t="x", filling="x" * 20_000)
            await wait_until(lambda: len(server.links) == 2)
            await wait_until(lambda: feed.shown("trade", BTC)[0] == "live")

    assert "1009" in feed.health.last_error


@pytest.mark.fault("F18", "A frame of 12 MB, whole, and one in parts", goal="both are taken")
async def test_a_frame_of_many_megabytes_is_taken_in_fragments_or_whole():
    async with VenueServer() as server:
        feed = Feed(server, TRADES, limits=PATIENT)
        async with running(feed.session.run()):
            await wait_until(lambda: feed.shown("trade", BTC)[0] == "live")
            await server.send(t="large", filling="x" * 12_000_000)
            await wait_until(lambda: feed.state.counters["unknown:large"] == 1)
            await server.links[-1].send(['{"t":"trade",', '"s":"BTC/USD",', '"id":5}'])
            await wait_until(lambda: feed.state.trades(BTC))

    assert len(server.connects) == 1


@pytest.mark.fault(
    "F18",
    "Broken text, 50,000 brackets, empty frames, a fault of our decoder",
    goal="counted; the link lives",
)
async def test_garbage_is_counted_and_the_link_lives():
    garbage = [b"\xff\xfe\x00", '{"t":', "[" * 50_000, "null", "{}", '{"t":"trade","s":"BTC/USD"}', "", "NaN"]
    async with VenueServer() as server:
        feed = Feed(server, TRADES, limits=PATIENT)
        async with running(feed.session.run()):
            await wait_until(lambda: feed.shown("trade", BTC)[0] == "live")
            for frame in garbage:
                await server.links[0].send(frame)
            await server.send(t="bug")
            await server.send(t="novelty")
            await server.send(t="trade", s="BTC/USD", id=3)
            await wait_until(lambda: feed.state.trades(BTC))

    assert feed.health.decode_errors == len(garbage) + 1
    assert feed.state.counters["unknown:novelty"] == 1
    assert len(server.connects) == 1


@pytest.mark.parametrize("in_parts", [False, True])
async def test_a_frame_that_is_longer_on_its_way_than_a_venue_may_be_silent_is_taken(in_parts: bool):
    async with VenueServer() as server:
        feed = Feed(server, TRADES, limits=Limits(idle_s=0.4))
        async with running(feed.session.run()):
            await wait_until(lambda: server.links)
            async with running(server.beat()):
                await wait_until(lambda: feed.shown("trade", BTC)[0] == "live")
            text = b'{"t":"trade","s":"BTC/USD","id":5,"x":"%s"}' % (b"x" * 400_000)
            pieces = [text[at : at + 10_000] for at in range(0, len(text), 10_000)]
            for piece in _parts(pieces) if in_parts else _whole(pieces):
                server.links[-1].transport.write(piece)
                await asyncio.sleep(0.03)
            await wait_until(lambda: feed.state.trades(BTC))

    assert len(server.connects) == 1
    assert feed.changes("trade", BTC)[:4] == ["syncing", "live", "stale", "live"]


@pytest.mark.parametrize(
    "raw",
    [b'\x81\x0c{"t":"nov\xe9l"', b'\x01\x04{"t"\x80\x05:"\xc3"}'],
    ids=["whole", "in parts"],
)
async def test_text_that_is_not_utf_8_ends_the_link(raw: bytes):
    """RFC 6455, section 8.1: what it was before it was altered nobody knows."""
    async with VenueServer() as server:
        feed = Feed(server, TRADES, limits=PATIENT)
        async with running(feed.session.run()):
            await wait_until(lambda: feed.shown("trade", BTC)[0] == "live")
            trade = b'{"t":"trade","s":"BTC/USD","id":3}'
            server.links[0].transport.write(raw + bytes((0x81, len(trade))) + trade)
            await wait_until(lambda: len(server.links) == 2)
            assert not feed.state.trades(BTC)

    assert feed.health.last_error == "1007: a text of the venue is not UTF-8"
    assert feed.health.decode_errors == 0


async def test_a_letter_may_be_parted():
    text = '{"t":"nov\u00e9l"}'.encode()
    at = text.index(b"\xc3") + 1
    async with VenueServer() as server:
        feed = Feed(server, TRADES, limits=PATIENT)
        async with running(feed.session.run()):
            await wait_until(lambda: feed.shown("trade", BTC)[0] == "live")
            first, last = text[:at], text[at:]
            server.links[0].transport.write(bytes((1, len(first))) + first + bytes((128, len(last))) + last)
            await wait_until(lambda: feed.state.counters["unknown:nov\u00e9l"] == 1)

    assert len(server.connects) == 1


def _whole(pieces: list[bytes]) -> list[bytes]:
    """One frame, cut."""
    head = b"\x81\x7f" + sum(map(len, pieces)).to_bytes(8)
    return [head, *pieces]


def _parts(pieces: list[bytes]) -> list[bytes]:
    """A frame each."""
    last = len(pieces) - 1
    return [
        bytes((bool(at == 0) | bool(at == last) << 7, 126)) + len(piece).to_bytes(2) + piece
        for at, piece in enumerate(pieces)
    ]


async def test_a_fault_of_ours_starts_that_link_anew(monkeypatch, caplog):
    async with VenueServer() as server:
        feed = Feed(server, TRADES, limits=PATIENT)

        def broken(event: object, link: str) -> None:
            raise RuntimeError("no such thing")

        feed.state._handlers[Trade] = broken
        async with running(feed.session.run()):
            await wait_until(lambda: feed.shown("trade", BTC)[0] == "live")
            await server.send(t="trade", s="BTC/USD", id=3)
            await wait_until(lambda: len(server.links) == 2)

    assert "internal error: RuntimeError: no such thing" in feed.health.last_error


@pytest.mark.parametrize("pinged", [True, False])
async def test_a_venue_that_wants_pings_is_pinged_on_a_link_that_is_never_quiet(pinged: bool, monkeypatch):
    pings: list[object] = []
    heard = ServerConnection.process_event

    def noted(connection: ServerConnection, event: object) -> None:
        if getattr(event, "opcode", None) is Opcode.PING:
            pings.append(event)
        heard(connection, event)

    monkeypatch.setattr(ServerConnection, "process_event", noted)
    timing = TIMING._replace(ping_every_s=0.05)
    async with VenueServer() as server:
        feed = Feed(server, TRADES, limits=PATIENT._replace(data_idle_s=60, pinged=pinged), timing=timing)
        async with running(feed.session.run(), server.beat()):
            await wait_until(lambda: feed.health.messages > 12)

    assert bool(pings) is pinged
