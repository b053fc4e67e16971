"""The proxy that the fault runs break wires with: each thing that it can do, by itself."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.tcp_proxy import TcpProxy
from tests.fakes.waiting import wait_until
from tests.fakes.wire_faults import Slices, corrupted, doubled, sliced

SAID = bytes(range(256)) * 8
SOME, SEED = st.binary(min_size=1, max_size=300), st.integers(0, 999)


class End:
    """One end of a connection: all that it was told, each read by itself."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer
        self.reads: list[bytes] = []
        self.ended = ""

    @property
    def heard(self) -> bytes:
        return b"".join(self.reads)

    async def listen(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            try:
                while data := await self._reader.read(65536):
                    self.reads.append(data)
                self.ended = "end"
            except ConnectionResetError:
                self.ended = "reset"


@contextlib.asynccontextmanager
async def connected(seed: int = 1) -> AsyncIterator[tuple[TcpProxy, End, End]]:
    """A proxy, the client's end and the target's."""
    arrived = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.set_result(end := End(reader, writer))
        await end.listen()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with TcpProxy(server.sockets[0].getsockname()[1], seed=seed) as proxy:
        client = End(*await asyncio.open_connection("127.0.0.1", proxy.port))
        listening = asyncio.ensure_future(client.listen())
        try:
            yield proxy, client, (target := await arrived)
        finally:
            for end in (client, target):
                end.writer.transport.abort()
            await listening
    server.close()


async def test_what_is_said_arrives_as_it_was_both_ways():
    async with connected() as (_, client, target):
        client.writer.write(SAID)
        target.writer.write(SAID[::-1])
        await wait_until(lambda: target.heard == SAID and client.heard == SAID[::-1])


async def test_latency_is_waited_for_once_and_not_by_each_read():
    async with connected() as (proxy, client, target):
        proxy.conditions.latency_s = 0.2
        now_s = asyncio.get_running_loop().time
        began_s = now_s()
        for at in range(10):
            client.writer.write(SAID[at : at + 1])
            await asyncio.sleep(0.01)
        assert target.heard == b""
        await wait_until(lambda: target.heard)
        first_s = now_s() - began_s
        await wait_until(lambda: target.heard == SAID[:10])
        assert first_s >= 0.2 and now_s() - began_s < 0.2 * 5


async def test_slices_arrive_one_by_one():
    async with connected() as (proxy, client, target):
        proxy.conditions.slices = Slices(1, 7)
        client.writer.write(SAID)
        await wait_until(lambda: target.heard == SAID)
        assert max(map(len, target.reads)) <= 7
        assert proxy.conditions.done == {"sliced": len(target.reads)}


async def test_some_bytes_of_each_read_are_sliced_and_the_rest_is_whole():
    async with connected() as (proxy, client, target):
        proxy.conditions.slices = Slices(1, 7, of_each=64)
        client.writer.write(SAID)
        await wait_until(lambda: target.heard == SAID)
        small = [each for each in target.reads if len(each) <= 7]
        assert 64 <= sum(map(len, small)) < 64 + 2 * 7 and len(target.reads) - len(small) <= 2


async def test_of_what_waited_the_last_read_alone_has_bytes_in_slices():
    async with connected() as (proxy, client, target):
        proxy.conditions.slices = Slices(1, 7, of_each=64)
        proxy.fall_silent()
        [way], sent = proxy._ways(["target"]), 0
        while way._due.qsize() < 9:
            client.writer.write(SAID)
            sent += 1
            await asyncio.sleep(0)
        way.flows.set()
        await wait_until(lambda: target.heard == SAID * sent)
        assert 64 / 7 <= proxy.conditions.done["sliced"] <= 64 + 2


@pytest.mark.parametrize("way", ["client", "target"])
async def test_a_half_close_ends_one_way_and_not_the_other(way):
    async with connected() as (proxy, client, target):
        deaf, other = (client, target) if way == "client" else (target, client)
        proxy.half_close([way])
        await wait_until(lambda: deaf.ended == "end")
        other.writer.write(b"lost")
        deaf.writer.write(SAID)
        await wait_until(lambda: other.heard == SAID)
        assert deaf.heard == b"" and other.ended == ""
        assert proxy.conditions.done == {"half closed": 1}


async def test_a_reset_is_one_at_both_ends():
    async with connected() as (proxy, client, target):
        assert proxy.reset() == 1
        await wait_until(lambda: client.ended == target.ended == "reset")


async def test_who_fell_silent_hears_nothing_until_the_reset():
    async with connected() as (proxy, client, target):
        assert proxy.fall_silent() == 1
        client.writer.write(SAID)
        target.writer.close()
        await asyncio.sleep(0.05)
        assert target.heard == b"" and client.ended == ""
        assert proxy.reset_silent() == 1
        await wait_until(lambda: client.ended == "reset")


@pytest.mark.parametrize("way", ["client", "target"])
async def test_a_byte_is_corrupted_that_way_once(way):
    async with connected() as (proxy, client, target):
        hit, other = (client, target) if way == "client" else (target, client)
        proxy.corrupt([way])
        for end in (client, target):
            end.writer.write(SAID)
        await wait_until(lambda: len(hit.heard) == len(SAID) == len(other.heard))
        assert sum(a != b for a, b in zip(hit.heard, SAID, strict=True)) == 1 and other.heard == SAID

        other.writer.write(SAID)
        await wait_until(lambda: len(hit.heard) == 2 * len(SAID))
        assert hit.heard.endswith(SAID) and proxy.conditions.done == {"corrupted": 1}


async def test_bytes_are_doubled_once():
    async with connected() as (proxy, client, target):
        proxy.double(["target"])
        client.writer.write(SAID)
        await wait_until(lambda: len(target.heard) > len(SAID))
        client.writer.write(b"end")
        await wait_until(lambda: target.heard.endswith(SAID[-3:] + b"end"))
        assert proxy.conditions.done == {"doubled": 1}


async def test_who_relents_does_nothing_more():
    async with connected() as (proxy, client, target):
        proxy.conditions.latency_s, proxy.conditions.slices = 60, Slices(1, 1)
        proxy.corrupt()
        proxy.double()
        proxy.relent()
        client.writer.write(SAID)
        await wait_until(lambda: target.heard == SAID)
        assert len(target.reads) < len(SAID) and not proxy.conditions.done


async def altered(seed: int) -> bytes:
    async with connected(seed) as (proxy, client, target):
        proxy.corrupt()
        proxy.double()
        client.writer.write(SAID)
        await wait_until(lambda: len(target.heard) > len(SAID))
        client.writer.close()
        await wait_until(lambda: target.ended)
        return target.heard


async def test_the_same_seed_does_the_same():
    assert await altered(3) == await altered(3) != await altered(4)


@given(SOME, SEED)
def test_corruption_turns_the_top_bit_of_one_byte(data, seed):
    after = corrupted(data, random.Random(seed))
    assert [a ^ b for a, b in zip(data, after, strict=True) if a != b] == [0x80]


@given(SOME, SEED)
def test_doubling_repeats_bytes_that_are_there(data, seed):
    after = doubled(data, random.Random(seed))
    more = len(after) - len(data)
    assert more > 0
    assert any(
        after[: at + more] == data[: at + more] and after[at + more :] == data[at:]
        for at in range(len(data) - more + 1)
    )


@given(SOME, st.integers(1, 9), st.integers(0, 20), st.integers(0, 300), SEED)
def test_slices_are_the_whole_in_pieces_of_the_size_that_is_asked(data, least, more, of_each, seed):
    slices = Slices(least, least + more, of_each)
    pieces = list(sliced(data, slices, random.Random(seed)))
    assert b"".join(pieces) == data and all(pieces)
    whole = [each for each in pieces if len(each) > slices.most]
    left = max(0, len(data) - of_each) if of_each else 0
    assert len(whole) <= 2 and sum(map(len, whole)) <= left
    assert sum(len(each) < least for each in pieces) <= 3
