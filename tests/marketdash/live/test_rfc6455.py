"""The server's framing by bytes of our own: what is allowed is answered, all else ends that one socket."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator

import psutil
import pytest

from tests.fakes.raw_socket import CLOSE, PONG, RawSocket, frame, upgrade
from tests.fakes.waiting import wait_until
from tests.marketdash.live.rfc6455_cases import ALIVE, ASK, NOT_UTF8, PROTOCOL, TOO_BIG, Case, cases
from tests.scoreboard import Score
from tests.socket_site import SocketSite

OF_ONE_ADDRESS = 15
REQ = 4711


async def outcome(raw: RawSocket, case: Case) -> tuple[int, tuple[bytes, ...]]:
    """The close code, 1006 where there was none, ALIVE; and the pongs until then."""
    for piece in case.sent:
        await raw.send(piece)
        if len(case.sent) > 1:
            await asyncio.sleep(0)
    if case.ends in (ALIVE, 1):
        await raw.send(frame(json.dumps({"method": "ping", "req_id": REQ}).encode()))
    pongs = []
    while (found := await raw.receive()) is not None:
        if found.opcode == PONG:
            pongs.append(found.payload)
        elif found.opcode == CLOSE:
            return found.code, tuple(pongs)
        elif json.loads(found.payload).get("req_id") == REQ:
            return ALIVE, tuple(pongs)
    return 1006, tuple(pongs)


def expected(case: Case, server: str) -> set[int]:
    """daphne's library hangs up on what it calls a violation, and tells the reason of some others only."""
    if case.ends == 1:
        return {ALIVE, *range(1000, 5000)}
    closed = {case.ends, 1006} if case.ends in (PROTOCOL, NOT_UTF8, TOO_BIG) else {case.ends}
    if case.ends == TOO_BIG:
        closed |= {PROTOCOL}
    return closed


@pytest.mark.fault(
    "F45",
    "frames that RFC 6455 allows and forbids, byte by byte, {site}",
    goal="what is allowed is answered, all else ends that socket and no other",
)
async def test_every_case_of_the_standard(site: SocketSite, score: Score) -> None:
    every, wrong = cases(), []
    assert len(every) >= 120
    began_s = time.monotonic()
    for number, case in enumerate(every):
        raw = await RawSocket.opened(site.port, address=f"127.0.1.{1 + number // OF_ONE_ADDRESS}")
        try:
            async with asyncio.timeout(20):
                code, pongs = await outcome(raw, case)
        except TimeoutError:
            wrong.append((case.name, "nothing happens"))
            continue
        finally:
            raw.abort()
        if code not in expected(case, site.server) or code == ALIVE and pongs != case.pongs:
            wrong.append((case.name, code, pongs))
    assert wrong == []
    score.took(time.monotonic() - began_s)
    score.note("cases", len(every), "")
    await wait_until(lambda: connections(site) == 0, what="all sockets were given back")


def connections(site: SocketSite) -> int:
    """That it holds, with what is still to be closed."""
    held = psutil.Process(site.process.pid).net_connections("tcp")
    return sum(each.status != psutil.CONN_LISTEN for each in held)


def handshakes(host: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """None of them is one."""
    usual = dict(upgrade(host))
    for name in ("Upgrade", "Connection", "Sec-WebSocket-Version", "Sec-WebSocket-Key"):
        yield f"without {name}", [each for each in usual.items() if each[0] != name]
    for name, value in (
        ("Sec-WebSocket-Version", "8"),
        ("Sec-WebSocket-Version", "13, 13"),
        ("Sec-WebSocket-Key", "short"),
        ("Sec-WebSocket-Key", "*" * 24),
        ("Upgrade", "h2c"),
        ("Connection", "close"),
    ):
        yield f"{name}: {value}", [*(usual | {name: value}).items()]


async def test_what_is_no_handshake_opens_nothing(site: SocketSite) -> None:
    for name, headers in handshakes(f"127.0.0.1:{site.port}"):
        if (site.server, name) == ("daphne", "Sec-WebSocket-Version: 8"):
            continue  # its library speaks the draft that became the standard
        raw = await RawSocket.connected(site.port)
        assert await raw.shake(headers) != 101, name
        raw.abort()


async def test_nothing_is_compressed_that_was_not_agreed(site: SocketSite) -> None:
    raw = await RawSocket.opened(site.port)
    assert raw.status == 101 and b"permessage-deflate" not in raw.head.lower()

    await raw.send(frame(b"\xaa\x56" + ASK, reserved=4))
    ended = await raw.ended()
    assert ended is None or ended.code == PROTOCOL
    raw.abort()
