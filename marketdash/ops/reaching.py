"""How a command reaches what runs here: the web at its own address, and the workers on the bus."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from channels.layers import get_channel_layer

BEATING = "t.00"
"""A worker says something in every group of shards each second, prices or not."""

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # nosec B104 # read, and never bound


def reachable(host: str) -> str:
    """Where whoever listens at ``host`` can be asked."""
    return _EVERYWHERE.get(host, host)


def spoken(host: str, allowed: Sequence[str]) -> str:
    """As people are to type it: by name where it is this machine, because passkeys need one."""
    found = reachable(host)
    by_name = {"localhost", "*"} & set(allowed)
    return "localhost" if by_name and found in ("127.0.0.1", "::1") else in_url(found)


def in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def known_host(allowed: Sequence[str]) -> str:
    """A host name that the site answers to."""
    name = next(iter(allowed), "localhost").lstrip(".")
    return "localhost" if name == "*" else name


async def hear_a_worker(within_s: float) -> None:
    """Raises :class:`TimeoutError` when none is heard."""
    layer = get_channel_layer()
    async with asyncio.timeout(within_s):
        channel = await layer.new_channel()
        await layer.group_add(BEATING, channel)
        await layer.receive(channel)
