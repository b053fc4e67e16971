"""daphne's transport tells when it is full: then nothing more is given to it, and nothing is read."""

from __future__ import annotations

import asyncio
import json
import socket
import sys

import pytest
from twisted.internet.abstract import FileDescriptor

from marketdash.live.twisted_flow import STALLED_MS, Brake
from tests.socket_site import ROOT


class Transport(FileDescriptor):
    """Twisted's own buffering, on a socket that nobody reads; ``reads`` is whether it would read from it."""

    def __init__(self, end: socket.socket) -> None:
        super().__init__(reactor=object())
        self.connected, self.reads, self._end = 1, True, end

    def getHandle(self) -> socket.socket:
        return self._end

    def startReading(self) -> None:
        self.reads = True

    def stopReading(self) -> None:
        self.reads = False

    def startWriting(self) -> None:
        pass

    stopWriting = startWriting

    def writeSomeData(self, data: bytes) -> int:
        return self._end.send(data[:4096])

    def drain(self) -> None:
        while self._tempDataLen or self.dataBuffer[self.offset :]:
            self.doWrite()
            self._end.setblocking(False)


@pytest.fixture
def transport():
    listener = socket.create_server(("127.0.0.1", 0))
    far = socket.create_connection(listener.getsockname())
    near, _ = listener.accept()
    yield Transport(near)
    for each in (listener, far, near):
        each.close()


async def test_a_full_transport_is_given_nothing_and_reads_nothing(transport) -> None:
    transport.registerProducer(asyncio.Event(), True)  # that of the handshake
    sent = []

    async def send(message) -> None:
        sent.append(message)
        transport.write(b"*" * 40_000)

    brake = Brake(transport, send)
    await brake.send({"n": 1})
    await brake.send({"n": 2})
    assert len(sent) == 2 and not transport.reads
    waiting = asyncio.create_task(brake.send({"n": 3}))
    await asyncio.sleep(0)
    assert len(sent) == 2 and not waiting.done()

    transport.drain()
    await waiting
    assert len(sent) == 3 and transport.reads
    kept_ms = transport.getHandle().getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
    assert kept_ms == STALLED_MS


async def test_nobody_waits_for_a_connection_that_is_lost(transport) -> None:
    async def send(message) -> None:
        transport.write(b"*" * 70_000)

    brake = Brake(transport, send)
    await brake.send({})
    waiting = asyncio.create_task(brake.send({}))
    await asyncio.sleep(0)
    transport.producer.stopProducing()

    await asyncio.wait_for(waiting, 5)


async def test_what_is_to_be_closed_closes_once_it_is_empty(transport, monkeypatch) -> None:
    async def send(message) -> None:
        transport.write(b"*" * 70_000)

    await Brake(transport, send).send({})
    transport.loseConnection()
    transport.drain()

    assert transport.producer is None


async def test_what_daphne_made_for_a_socket_that_ended_waits_for_no_collector() -> None:
    """Else 12 KB of each lie about until it comes: where hundreds come and go it is megabytes."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fakes.ended", "6", cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()

    assert json.loads(said) == {"WebSocketProtocol": 0, "WebRequest": 0, "HTTPChannel": 0}
