"""Whoever may not read any more is told nothing more: seconds after, and half a minute if Redis is away."""

from __future__ import annotations

import asyncio
import signal
import time
from typing import Any

import psutil
import pytest
import websockets

from tests.fakes.site_shell import SiteShell
from tests.marketdash.live.test_canaries import MAKE, moving
from tests.scoreboard import Score
from tests.socket_site import SYMBOLS, SocketSite

DEEDS = {
    "signs out": "session = SessionStore(key)\nsession.flush()\n"
    "from django.contrib.auth.signals import user_logged_out\n"
    "user_logged_out.send(User, request=None, user=user)",
    "gets another password": "user.set_unusable_password()\nuser.save()",
    "is disabled": "user.is_active = False\nuser.save()",
    "is deleted": "user.delete()",
    "loses the token": "tokens.revoke([token])",
}
PERSON = f"""{MAKE}
from marketdash.accounts import tokens
"""
NEW = """
user, key = person("leaves ")
token, secret = tokens.make(user, "bot", ("read:markets",))
said = [key, secret]
"""
UP_S, DOWN_S = 2.0, 30.0


async def opened(site: SocketSite, shell: SiteShell, deed: str) -> Any:
    _, (key, secret) = await shell.run(NEW)
    if "token" in deed:
        return site.connect(headers={"Authorization": f"Bearer {secret}"})
    return site.connect(session=key)


async def told_until(socket: Any) -> tuple[float, int]:
    """When the last frame came, and the close code."""
    last_s = 0.0
    await socket.send('{"method":"subscribe","params":{"channel":"ticker","symbol":["' + SYMBOLS[0] + '"]}}')
    try:
        while True:
            await socket.recv()
            last_s = time.monotonic()
    except websockets.ConnectionClosed as closed:
        return last_s, closed.rcvd.code if closed.rcvd else 1006


@pytest.mark.fault(
    "F44",
    "people sign out, get a new password, are disabled, deleted, lose a token while sockets are open, {site}",
    goal="p99 of closing ≤ 2 s, nothing told after",
)
async def test_a_socket_ends_with_the_right_to_it(site: SocketSite, market: Any, score: Score) -> None:
    moves, names = asyncio.create_task(moving(market)), list(DEEDS)
    async with SiteShell(site) as shell:
        await shell.run(PERSON)
        for number in range(score.times(1000, few=len(DEEDS))):
            deed = names[number % len(names)]
            async with await opened(site, shell, deed) as socket:
                reading = asyncio.create_task(told_until(socket))
                done_s, _ = await shell.run(DEEDS[deed])
                last_s, code = await asyncio.wait_for(reading, 40)
                score.took(max(0.0, time.monotonic() - done_s))
                assert code == 4001 and last_s - done_s <= UP_S, deed
    moves.cancel()
    assert sorted(score.took_s)[int(len(score.took_s) * 0.99)] <= UP_S


def redis_of(site: SocketSite) -> psutil.Process:
    place = site.redis_url.removeprefix("unix://").partition("?")[0]
    for process in psutil.process_iter():
        words = " ".join(process.cmdline()) if process.is_running() else ""
        if place in words and "guard.py" not in words:
            return process
    raise AssertionError(f"no process serves {place}")


@pytest.mark.faults
@pytest.mark.fault(
    "F44", "people sign out, are disabled, lose tokens while Redis is frozen, {site}", goal="closed in 30 s"
)
async def test_without_redis_it_ends_in_half_a_minute(site: SocketSite, market: Any, score: Score) -> None:
    """All at different moments of the half minute."""
    redis = redis_of(site)
    count = score.times(100, few=10)
    async with SiteShell(site) as shell:
        await shell.run(PERSON)
        pairs = []
        for n in range(count):
            deed = list(DEEDS)[n % len(DEEDS)]
            socket = await (await opened(site, shell, deed))
            await shell.run(f"people = {{**globals().get('people', {{}}), {n}: (user, key, token)}}")
            pairs.append((n, deed, asyncio.create_task(told_until(socket))))
        redis.send_signal(signal.SIGSTOP)
        try:
            ended = []
            for n, deed, reading in pairs:
                done_s, _ = await shell.run(f"user, key, token = people[{n}]\n{DEEDS[deed]}")
                ended.append(asyncio.create_task(_ended(reading, done_s)))
                await asyncio.sleep(1.0)
            for each in await asyncio.gather(*ended):
                score.took(each)
        finally:
            redis.send_signal(signal.SIGCONT)
    assert max(score.took_s) <= DOWN_S


async def _ended(reading: asyncio.Task[tuple[float, int]], done_s: float) -> float:
    _, code = await asyncio.wait_for(reading, 60)
    assert code == 4001
    return max(0.0, time.monotonic() - done_s)
