"""Whether a process does its work: for a container engine, which reads the exit code."""

from __future__ import annotations

import asyncio
import http.client
from typing import Any

from channels.layers import get_channel_layer
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from redis.exceptions import RedisError

ANSWER_S = 5.0
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class Command(BaseCommand):
    help = "Exit 0 when the process does its work: web answers, ingest is heard on the bus."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("process", nargs="?", choices=("web", "ingest"), default="web")

    def handle(self, *args: Any, process: str, **options: Any) -> None:
        problem = _web() if process == "web" else asyncio.run(_ingest())
        if problem:
            raise CommandError(f"{process}: {problem}")
        self.stdout.write(f"{process}: ok")


def _web() -> str:
    """``/healthz`` under a host name that the site answers to; ``""`` when it does."""
    host = _EVERYWHERE.get(settings.BIND_HOST, settings.BIND_HOST)
    connection = http.client.HTTPConnection(host, settings.BIND_PORT, timeout=ANSWER_S)
    try:
        connection.request("GET", "/healthz", headers={"Host": _known_host()})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as problem:
        return f"no answer: {problem}"
    finally:
        connection.close()
    return "" if status == 200 else f"expected status 200, found {status}"


def _known_host() -> str:
    name = next(iter(settings.ALLOWED_HOSTS), "localhost").lstrip(".")
    return "localhost" if name == "*" else name


async def _ingest() -> str:
    """A worker says something in every group of shards each second, prices or not."""
    layer = get_channel_layer()
    try:
        async with asyncio.timeout(ANSWER_S):
            channel = await layer.new_channel()
            await layer.group_add("t.00", channel)
            await layer.receive(channel)
    except TimeoutError:
        return f"nothing heard on the bus for {ANSWER_S:.0f} s"
    except (RedisError, OSError) as problem:
        return f"no Redis: {problem}"
    return ""
