"""The doctor tells what a venue acknowledged, refused, and said that we do not understand."""

from __future__ import annotations

import asyncio

import pytest

from feeds.clock import SystemClock
from feeds.codec import Limits
from feeds.doctor import Findings, examine
from tests.fakes.feed import running
from tests.fakes.venue_codec import FakeCodec
from tests.fakes.venue_server import Answer, VenueServer
from tests.fakes.waiting import wait_until


async def strange_words(server: VenueServer) -> None:
    await wait_until(lambda: len(server.asked()) >= 9)  # what was refused is asked for again, alone
    await server.send(t="novelty")
    await server.links[-1].send("garbage")
    await server.send(t="trade", s="ETH/USD", id=1)
    await asyncio.Event().wait()


async def strange_findings(within_s: float) -> Findings:
    async with VenueServer() as server:
        server.answers = {"/instruments": Answer(200, b'["LTC/EUR","ETH/USD","XRP/USD","BTC/USD"]')}
        server.refused = {"book|BTC/USD": "not today"}
        codec = FakeCodec(Limits(idle_s=60))
        urls = {"FAKE": (server.ws_url, server.rest_url)}
        async with running(strange_words(server)):
            [found] = await examine({"FAKE": codec}, SystemClock(), urls=urls, within_s=within_s)
    return found


@pytest.mark.acceptance
async def test_findings_tell_what_was_and_was_not_understood():
    # The time is that of the machine: a starved one is given more of it.
    for within_s in (1.5, 6, 24):
        found = await strange_findings(within_s)
        if found.unknown and found.undecodable:
            break

    assert (found.listed, found.wanted, found.acknowledged) == (4, 9, 8)
    assert found.refused == {"book FAKE:BTC/USD": "not today"}
    assert found.unknown == {"novelty": 1}
    assert found.undecodable == 1
    assert 0 <= found.offset_us < 1_000_000


async def test_a_venue_out_of_reach_is_a_finding():
    codec = FakeCodec(Limits(idle_s=60))
    codec.rest_url = "http://127.0.0.1:1"

    [found] = await examine({"FAKE": codec}, SystemClock(), within_s=0.3)

    assert "instruments: GET 127.0.0.1:1/instruments: ConnectError" in found.problem
    assert (found.acknowledged, found.messages, found.offset_us) == (0, 0, None)
