"""All ways out of one process at one frozen moment: page, first word of the socket, REST, files.

Prices come from a real state through a real Redis into the hub that all of them read; after :func:`quoted`
nothing moves any more.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.contrib.auth.models import User
from django.test import AsyncClient, Client

from feeds.clock import SystemClock
from feeds.codec import Subscription
from feeds.events import Quote, Stats
from feeds.sinks import VenueReport
from feeds.state import MarketState
from feeds.symbols import TICKER
from marketdash.accounts import tokens
from marketdash.asgi import application
from marketdash.live import process
from marketdash.live.presence import Presence
from marketdash.live.sink import ChannelLayerSink
from marketdash.portfolios.models import Portfolio
from tests.fakes.market import Told
from tests.marketdash.live.conftest import Bus
from tests.marketdash.portfolios.doors.worth import Prices

HOST, ORIGIN = (b"host", b"testserver"), (b"origin", b"http://testserver")
SOON_S = 20.0


class Person(NamedTuple):
    """Somebody's cookie and token."""

    cookie: str
    token: str

    def bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}


class Seen(NamedTuple):
    """What one portfolio says, door by door, as it came."""

    page: str
    socket: dict[str, Any]
    api: dict[str, Any]
    open_lots: list[dict[str, Any]]
    holdings: str
    worths: str
    lots: str


def person(user: User) -> Person:
    browser = Client()
    browser.force_login(user)
    _, secret = tokens.make(user, "bot", ("read:portfolios",))
    return Person(browser.cookies[settings.SESSION_COOKIE_NAME].value, secret)


@contextlib.asynccontextmanager
async def quoted(redis_url: str, prices: Prices, patch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """A hub of this loop that knows these prices and no others."""
    bus = Bus(redis_url)
    patch.setattr(process, "get_channel_layer", bus.layer)
    patch.setattr(settings, "BUS_SHARDS", 2)
    patch.setattr(Presence, "silent", lambda *_: False)  # the moment is frozen, however long it is looked at
    try:
        sink = bus.sink()
        told(sink, prices)
        names = [f"ticker:KRAKEN:{name}" for name in prices]
        process.watch(lambda: None).use(names)  # so they stay at hand, however long all of it takes
        assert set(await process.read(names, SOON_S)) == set(names)
        yield
    finally:
        await process.close()
        await bus.stack.aclose()


def told(sink: ChannelLayerSink, prices: Prices) -> None:
    """Each market on a link of its own, so that one alone can be lost."""
    state = MarketState(
        Told(), SystemClock(), emit=lambda event: sink.put(state, event), resync=lambda _: None
    )  # type: ignore[arg-type]
    for name, price in prices.items():
        full = f"KRAKEN:{name}"
        state.watch([Subscription(TICKER, full, name)], name)
        now_ns = time.time_ns()
        if price.last:
            figures = price.last, "1", price.last, price.last, price.change, ""
            state.apply(Stats(full, *figures, now_ns // 1000, now_ns), name)
        state.apply(Quote(full, price.bid, "1", price.ask, "1", now_ns // 1000, now_ns), name)
        if not price.live:
            state.link_down(name, "gone")
    sink.put(state, VenueReport("KRAKEN", "Kraken", "live", "", (), {}, 0, 1))


async def seen(held: Portfolio, who: Person) -> Seen:
    at, browser = f"/portfolios/{held.pk}", AsyncClient()
    browser.cookies[settings.SESSION_COOKIE_NAME] = who.cookie
    page, row = await text(browser, f"{at}/"), await snapshot(held.pk, who)
    names = f"{at}/holdings.csv", "/portfolios.csv", f"{at}/lots.csv"
    files = [await text(browser, name) for name in names]
    return Seen(page, row, await asked(at, who), await asked(f"{at}/lots", who), *files)


async def asked(at: str, who: Person) -> Any:
    """Of the API."""
    return json.loads(await text(AsyncClient(), f"/api/v1{at}", headers=who.bearer()))["data"]


async def text(browser: AsyncClient, address: str, **more: Any) -> str:
    answer = await browser.get(address, **more)
    assert answer.status_code == 200, (address, answer.content[:400])
    if answer.streaming:
        return b"".join([part async for part in answer]).decode()
    return str(answer.content.decode())


async def snapshot(key: int, who: Person | None = None, secret: str = "") -> dict[str, Any]:
    """The first row of the channel that a page's socket is sent, by a session or by a link's secret."""
    cookie = [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={who.cookie}".encode())] if who else []
    words = ["link", secret] if secret else []
    socket = WebsocketCommunicator(application, "/ws/v1/", [HOST, ORIGIN, *cookie], words)
    is_open, _ = await socket.connect()
    assert is_open
    await socket.send_json_to({"method": "subscribe", "params": {"channel": "portfolio", "id": [key]}})
    async with asyncio.timeout(SOON_S):
        while True:
            frame = json.loads(await socket.receive_from(SOON_S))
            if frame.get("channel") == "portfolio" and "data" in frame:
                break
    await socket.disconnect()
    assert frame["type"] == "snapshot"
    return dict(frame["data"][0])
