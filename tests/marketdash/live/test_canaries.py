"""Fifty people on one site, each with a number that stands nowhere else, and each of them hostile."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import re
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import websockets

from tests.fakes.hostile_people import Person, any_of, follow, hostile
from tests.fakes.site_shell import SiteShell
from tests.fakes.waiting import wait_until
from tests.scoreboard import Score
from tests.socket_site import SYMBOLS, SocketSite

pytestmark = pytest.mark.timeout(3 * 3600)  # for the full count
PEOPLE, SOCKETS = 50, 4
PACE_S = 1 / 18
"""A socket may say twenty messages a second: beyond it is closed, and tries nothing any more."""

MAKE = """
import secrets
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from marketdash.accounts.sessions import SessionStore
from marketdash.instruments.assets import settle_all
from marketdash.instruments.models import Asset
from marketdash.portfolios import actions
from marketdash.portfolios.accounting.drafts import Draft, DraftLeg
from marketdash.portfolios.models import Portfolio

settle_all()
Asset.objects.get_or_create(code="USD")


def person(name):
    user = User.objects.create(username=name + secrets.token_hex(8))
    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session.save()
    return user, session.session_key


def with_canary(number):
    user, key = person("canary ")
    held = actions.create(user, "Canary", "USD")
    account = actions.open_account(held, "Main")
    amount = f"{number + 100}.{secrets.randbelow(10**11):011d}7"
    leg = DraftLeg(account.pk, "C0", amount, worth="100", currency="USD")
    actions.record(held, [Draft("deposit", 1, account.pk, [leg])])
    return [user.pk, key, held.pk, amount]
"""


@pytest.fixture
async def shell(site: SocketSite) -> AsyncIterator[SiteShell]:
    async with SiteShell(site) as opened:
        await opened.run(MAKE)
        yield opened


class Eavesdropper:
    """One socket of somebody's. ``heard`` are canaries that are not their own."""

    def __init__(self, site: SocketSite, me: Person, every: re.Pattern[str]) -> None:
        self.site, self.me, self._every = site, me, every
        self.heard: list[tuple[float, str]] = []
        self.sent = self.read = self.own = 0

    async def run(self, people: list[Person], count: int, chance: random.Random) -> None:
        """Hostile frames, ``count`` of them, in as many sockets as it takes."""
        while self.sent < count:
            with contextlib.suppress(websockets.ConnectionClosed, OSError):
                async with self.site.connect(session=self.me.session) as socket:
                    reading = asyncio.create_task(self._listen(socket))
                    try:
                        await socket.send(json.dumps(follow(self.me.portfolio)))
                        await wait_until(lambda: self.own, what="somebody sees their own")
                        while self.sent < count:
                            await socket.send(hostile(self.me, people, chance))
                            self.sent += 1
                            await asyncio.sleep(PACE_S)
                    finally:
                        reading.cancel()

    async def _listen(self, socket: Any) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            async for text in socket:
                self.read += len(text)
                for canary in self._every.findall(text):
                    if canary == self.me.canary:
                        self.own += 1
                    else:
                        self.heard.append((time.monotonic(), canary))


async def moving(market: Any) -> None:
    """So that there is always something to overhear."""
    for n in range(10**9):
        market.quote(SYMBOLS[0], "1", "1" if n % 2 else "1.0")
        await asyncio.sleep(0.05)


@pytest.mark.fault(
    "F43",
    "50 people with canaries in their portfolios send hostile frames over 200 sockets, {site}",
    goal="0 foreign bytes",
)
async def test_no_canary_is_heard_by_another(
    site: SocketSite, market: Any, shell: SiteShell, score: Score
) -> None:
    if site.server == "daphne" and not score.share:
        pytest.skip("what is told to whom is the hub's, the same under both; make faults asks both")
    _, said = await shell.run(f"said = [with_canary(n) for n in range({PEOPLE})]")
    people = [Person(*each) for each in said]
    sockets = SOCKETS if score.share else 1
    count = score.times(1_000_000, few=2_000) // (PEOPLE * sockets)
    listeners = [Eavesdropper(site, each, any_of(people)) for each in people for _ in range(sockets)]
    moves = asyncio.create_task(moving(market))
    began_s = time.monotonic()
    chances = [random.Random(f"{score.seed} {n}") for n in range(len(listeners))]
    await asyncio.gather(*(e.run(people, count, c) for e, c in zip(listeners, chances, strict=True)))
    moves.cancel()

    score.runs = sum(each.sent for each in listeners)
    score.note("frames a second", score.runs / (time.monotonic() - began_s), "")
    score.note("bytes read", sum(each.read for each in listeners), "")
    score.note("foreign canaries", sum(len(each.heard) for each in listeners), "")
    assert [each.heard for each in listeners if each.heard] == []
    assert all(each.own for each in listeners)  # else there was nothing to hear


@pytest.mark.fault(
    "F43",
    "50 people with canaries send hostile frames to the consumer itself, without TCP and limits of rate",
    goal="0 foreign bytes in 1,000,000 frames, nothing raised",
)
async def test_no_canary_is_heard_whatever_is_said(
    site: SocketSite, market: Any, shell: SiteShell, score: Score
) -> None:
    if site.server == "daphne":
        pytest.skip("no server is asked")
    _, people = await shell.run(f"said = [with_canary(n) for n in range({PEOPLE})]")
    count, moves = score.times(1_000_000, few=2_000), asyncio.create_task(moving(market))
    drive = f"said = hostile_people.drive({people!r}, {count}, {score.seed}, {site.port})"
    _, heard = await shell.run(f"from tests.fakes import hostile_people\n{drive}")
    moves.cancel()

    score.runs = heard["sent"]
    score.note("frames a second", heard["sent"] / heard["seconds"], "")
    score.note("answers", heard["answers"], "")
    score.note("foreign canaries", len(heard["foreign"]), "")
    score.note("own canaries", heard["own"], "")
    assert (heard["foreign"], heard["raised"], heard["deaf"]) == ([], [], 0) and heard["sent"] >= count


WINDOW_S, AFTER_S = 0.5, 1.0


@pytest.mark.fault(
    "F43",
    "a portfolio is shared and not shared by turns while its viewer asks on, {site}",
    goal="0 bytes 1 s after",
)
async def test_nothing_is_told_once_it_is_shared_no_more(
    site: SocketSite, market: Any, shell: SiteShell, score: Score
) -> None:
    _, said = await shell.run("said = [with_canary(n) for n in range(2)]")
    owner, viewer = (Person(*each) for each in said)
    await shell.run(f"held = Portfolio.objects.get(pk={owner.portfolio})")
    await shell.run(f"name = User.objects.get(pk={viewer.user}).username")
    listener = Eavesdropper(site, viewer, any_of([owner, viewer]))
    moves = asyncio.create_task(moving(market))
    asks = asyncio.create_task(listener.run([owner], 10**9, random.Random(score.seed)))
    windows: list[tuple[float, float]] = []
    for _ in range(score.times(1000, few=1)):
        begun_s, before = time.monotonic(), len(listener.heard)
        await shell.run("share = actions.share(held, name)")
        await wait_until(lambda: len(listener.heard) > before, what="the viewer saw it")  # noqa: B023
        ended_s, _ = await shell.run("actions.end_share(held, share.pk)")
        windows.append((begun_s, ended_s))
        await asyncio.sleep(AFTER_S + WINDOW_S)
        last_s = max((at_s for at_s, _ in listener.heard), default=ended_s)
        score.took(max(0.0, last_s - ended_s))
    for task in (moves, asks):
        task.cancel()
    late = [at for at, _ in listener.heard if not any(a <= at <= b + AFTER_S for a, b in windows)]
    assert late == []
