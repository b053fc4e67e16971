"""People, bots and sockets of a whole site that know secrets; all that they are told is kept."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import psutil
import websockets

from tests.fakes.waiting import wait_until
from tests.faults.whole import SYMBOLS
from tests.live_site import Site

Heard = list[tuple[str, bytes]]
COOKIE = "sessionid"
FILE = (
    b'"txid","refid","time","type","subtype","aclass","asset","amount","fee","balance"\n'
    b'"L1","R1","2026-01-02 10:00:00","deposit","","currency","EUR","500","0","500"\n'
)

PLANTED = """
import json
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import User
from marketdash.accounts import tokens
from marketdash.instruments.models import Asset, Venue
from marketdash.portfolios import actions

user = User.objects.create_superuser("keeper", password={password!r})
TOTP.activate(user, {totp!r})
codes = RecoveryCodes.activate(user).get_unused_codes()
for code in ("EUR", "BTC"):
    Asset.objects.get_or_create(code=code)
held = actions.create(user, "Kept", "EUR")
account = actions.open_account(held, "Kraken", Venue.objects.get(name="KRAKEN"))
_, token = tokens.make(user, "bot", ["read:portfolios", "write:portfolios"])
_, link = actions.make_link(held, "shown", 7, False)
print("PLANTED", json.dumps([held.pk, account.pk, token, link, codes[0]]))
"""


class Somebody:
    """A browser, or a bot where ``token`` is shown: each answer goes to ``heard``."""

    def __init__(self, url: str, heard: Heard, token: str = "") -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.http = httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=30)
        self._heard = heard

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return self._kept(await self.http.get(path, **more))

    async def post(self, path: str, data: Any = None, **more: Any) -> httpx.Response:
        """As a page would: with its token against forgeries, where a page was seen."""
        token = {"X-CSRFToken": each} if (each := self.http.cookies.get("csrftoken")) else {}
        return self._kept(await self.http.post(path, data=data, headers=token, **more))

    def _kept(self, answer: httpx.Response) -> httpx.Response:
        """But the cookies, which are how a browser gets its secret."""
        headers = [(name, value) for name, value in answer.headers.items() if name != "set-cookie"]
        source = f"{answer.request.method} {answer.url.path} {answer.status_code}"
        self._heard.append((source, repr(headers).encode() + answer.content))
        return answer

    @property
    def session(self) -> str:
        return self.http.cookies.get(COOKIE, "")

    async def close(self) -> None:
        await self.http.aclose()


class Listening:
    """A socket that keeps every frame, until the site or the test ends it."""

    def __init__(self, url: str, heard: Heard, wants: list[dict[str, Any]], **options: Any) -> None:
        self._url, self._heard, self._wants, self._options = url, heard, wants, options
        self.frames = 0

    async def run(self) -> None:
        with contextlib.suppress(websockets.WebSocketException, OSError):
            async with websockets.connect(self._url, proxy=None, max_size=None, **self._options) as socket:
                for params in self._wants:
                    await socket.send(json.dumps({"method": "subscribe", "params": params}))
                async for text in socket:
                    self.frames += 1
                    self._heard.append(("a frame", text.encode() if isinstance(text, str) else text))
                    if number := json.loads(text).get("frame"):
                        await socket.send(json.dumps({"method": "ack", "params": {"frame": number}}))


def wanted(portfolio: int) -> list[dict[str, Any]]:
    named = {"symbol": SYMBOLS[:2]}
    return [
        {"channel": "status"}, {"channel": "health"}, {"channel": "ticker", **named},
        {"channel": "trade", **named}, {"channel": "portfolio", "id": [portfolio]},
    ]  # fmt: skip


@contextlib.asynccontextmanager
async def crowd(
    url: str, heard: Heard, portfolio: int, sessions: list[str], token: str, link: str
) -> AsyncIterator[list[Listening]]:
    """Two sockets of each session, and of the bot, of the link's holder and of visitors."""
    address, wants = url.replace("http", "ws", 1) + "/ws/v1/", wanted(portfolio)
    people: list[dict[str, Any]] = [
        {"origin": url, "additional_headers": {"Cookie": f"{COOKIE}={each}"}} for each in sessions
    ]
    bot = {"additional_headers": {"Authorization": f"Bearer {token}"}}
    holder = {"subprotocols": ["link", link]}
    listeners = [
        Listening(address, heard, wants, **options) for options in [*people, bot, holder, {}] for _ in "ab"
    ]
    tasks = [asyncio.create_task(each.run()) for each in listeners]
    try:
        await wait_until(lambda: all(each.frames > 5 for each in listeners), what="everybody is told things")
        yield listeners
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def command_lines(site: Site) -> set[str]:
    """What every user of the machine can read."""
    said = set()
    for process in site.family():
        with contextlib.suppress(psutil.Error):
            said.add(" ".join(process.cmdline()))
    return said
