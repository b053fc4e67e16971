"""The hub of this process, and the notices that reach it: made on first use, closed with its loop."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable, Iterable
from typing import Any
from weakref import WeakKeyDictionary

from asgiref.sync import async_to_sync, sync_to_async
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import close_old_connections

from feeds.symbols import STATUS
from marketdash import access, collector, publish
from marketdash.instruments.catalogue import REFRESH_EVERY_S, catalogue
from marketdash.live import bus, sessions
from marketdash.live.client import Client
from marketdash.live.closing import RIGHTS_CHANGED, SIGNED_OUT, TOKEN_ENDED
from marketdash.live.hub import Hub
from marketdash.live.saving import ASK_EVERY_S
from marketdash.live.stalls import Stalls
from marketdash.live.watching import Watcher
from marketdash.publish import Row, Statistics

logger = logging.getLogger(__name__)

REVALIDATE_EVERY_S = 25.0
LOOK_AGAIN_S = 0.5
"""Signing out is announced before the session is deleted: a second look finds it gone."""

NOTICE_S = 1.5

_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The one of the running loop."""
    loop = asyncio.get_running_loop()
    found = _hubs.get(loop)
    if found is None:
        found = _hubs[loop] = _make()
    return found


def _make() -> Hub:
    layer = get_channel_layer()
    made = Hub(
        layer,
        shards=settings.BUS_SHARDS,
        mode=settings.MODE,
        listing=lambda: catalogue.version,
        sources=publish.sources(),
    )
    made.notices[bus.REVOKE] = lambda message: _revoked(made, message["user_id"])
    made.notices[bus.UNSHARE] = lambda message: _unshared(made, message["portfolio_id"])
    made.notices[bus.REMAKE] = lambda message: _remade(made, message["channel"], message["key"])
    made.notices[bus.CONFIGURE] = lambda message: _refresh(made)
    made.start()
    gc.freeze()  # daphne never says when all is loaded, and each full look walked all of it
    made.spawn(_watched(made))
    made.spawn(collector.look_by_the_clock())
    made.spawn(_each(REFRESH_EVERY_S, lambda: _refresh(made)))
    made.spawn(_each(ASK_EVERY_S, made.saving.look))
    made.spawn(_each(REVALIDATE_EVERY_S, lambda: _revalidate_all(made)))
    return made


async def close() -> None:
    """End the hub of the running loop."""
    found = _hubs.pop(asyncio.get_running_loop(), None)
    if found is not None:
        await found.close()


async def _watched(of: Hub) -> None:
    """Until cancelled: whoever holds this loop up is named."""
    stalls = Stalls(of.counters)
    try:
        await asyncio.Event().wait()
    finally:
        stalls.end()


async def _each(every_s: float, work: Callable[[], Any]) -> None:
    while True:
        await asyncio.sleep(every_s)
        try:
            await work()
        except Exception:  # a task boundary: the database may be away, and is asked again
            logger.exception("live: periodic work failed")


async def _refresh(of: Hub) -> None:
    """The catalogue again; a change is said at once, and who follows all venues follows new ones too."""
    before = catalogue.version
    await catalogue.refresh()
    await sync_to_async(close_old_connections)()  # of the thread that read, which lasts
    if catalogue.version != before:
        of.word.beat()
        of.made.remake_all()
    venues = {listed.venue for listed in catalogue.all()}
    for client in of.viewers.following_all():
        new = venues - {symbol for channel, _, symbol in client.topics if channel == STATUS}
        if new and client.all_venues is not None:
            of.follow(client, STATUS, client.all_venues, new)


async def _revalidate_all(of: Hub) -> None:
    await _revalidate(of.viewers.clients)
    await _look_through(of.viewers.clients)


async def _remade(of: Hub, channel: str, key: str) -> None:
    of.made.remake(f"{channel}:{key}")


async def _revoked(of: Hub, user_id: int) -> None:
    """Twice, each time all that are open by then: one may have come in by what was about to end."""
    await _revalidate(_of_user(of, user_id))
    await asyncio.sleep(LOOK_AGAIN_S)
    await _revalidate(_of_user(of, user_id))
    await _look_through(of.viewers.clients)


def _of_user(of: Hub, user_id: int) -> list[Client]:
    return [each for each in of.viewers.clients if each.user_id == user_id and each.closing is None]


async def _unshared(of: Hub, portfolio_id: int) -> None:
    concerned = [each for each in of.viewers.clients if portfolio_id in {g.portfolio_id for g in each.grants}]
    await _look_through(concerned)


async def _look_through(clients: Iterable[Client]) -> None:
    """Close the sockets that follow what is shown to them no more; they come back and are refused it."""
    held = [client for client in clients if client.grants]
    if not held:
        return
    asked = {grant for client in held for grant in client.grants}
    ended = await database_sync_to_async(access.ended_grants)(asked)
    for client in held:
        if client.grants & ended:
            client.close(RIGHTS_CHANGED)


async def _revalidate(clients: Iterable[Client]) -> None:
    """Close the sockets of sessions and tokens that ended or may read else; one query for all of each."""
    held = [client for client in clients if client.identity is not None]
    if not held:
        return
    found = await database_sync_to_async(sessions.outdated)([client.identity for client in held])
    for client in held:
        if client.identity in found.changed:
            client.close(RIGHTS_CHANGED)
        elif client.identity in found.ended:
            client.close(TOKEN_ENDED if client.scopes is not None else SIGNED_OUT)


async def read(topics: list[str], timeout_s: float) -> dict[str, Row]:
    """Behind :func:`marketdash.publish.read`."""
    return await hub().read(topics, timeout_s)


def watch(stir: Callable[[], None]) -> Watcher:
    """Behind :func:`marketdash.publish.watch`."""
    return hub().made.watch(stir)


def statistics() -> Statistics:
    """Behind :func:`marketdash.publish.statistics`."""
    return hub().statistics()


def notify(kind: str, details: tuple[Any, ...]) -> None:
    """Behind :func:`marketdash.publish.notify`. Raises what the layer raises."""
    messages = {
        "configure": [(bus.CONTROL, {"type": bus.CONFIGURE}), (bus.HUBS, {"type": bus.CONFIGURE})],
        "revoke": [(bus.HUBS, {"type": bus.REVOKE, "user_id": details[0] if details else None})],
        "unshare": [(bus.HUBS, {"type": bus.UNSHARE, "portfolio_id": details[0] if details else None})],
        "remake": [(bus.HUBS, {"type": bus.REMAKE, **dict(zip(("channel", "key"), details, strict=False))})],
    }
    async_to_sync(_send)(messages[kind])


async def _send(messages: list[tuple[str, bus.Message]]) -> None:
    layer = get_channel_layer()
    async with asyncio.timeout(NOTICE_S):
        for group, message in messages:
            await layer.group_send(group, message)
