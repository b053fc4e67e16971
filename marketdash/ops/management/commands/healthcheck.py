"""Whether a process does its work: for a container engine, which reads the exit code."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from redis.exceptions import RedisError

from marketdash import redis_hosts
from marketdash.live.lease import ENGINES
from marketdash.ops import reaching

ANSWER_S = 5.0


def _web(path: str) -> str:
    """What ``path`` says under a host name that the site answers to; ``""`` when it is well."""
    host = reaching.reachable(settings.BIND_HOST)
    connection = http.client.HTTPConnection(host, settings.BIND_PORT, timeout=ANSWER_S)
    try:
        connection.request("GET", path, headers={"Host": reaching.known_host(settings.ALLOWED_HOSTS)})
        answer = connection.getresponse()
        status, text = answer.status, answer.read(2000).decode("utf-8", "replace").strip()
    except (OSError, http.client.HTTPException) as problem:
        return f"no answer: {problem}"
    finally:
        connection.close()
    return "" if status == 200 else f"expected status 200, found {status}: {text}"


async def _ingest() -> str:
    try:
        await reaching.hear_a_worker(ANSWER_S)
    except TimeoutError:
        return f"nothing heard on the bus for {ANSWER_S:.0f} s"
    except (RedisError, OSError) as problem:
        return f"no Redis: {problem}"
    return ""


async def _engines() -> str:
    """One of them works, and any other stands by for it."""
    redis = redis_hosts.client(settings.REDIS_HOSTS[0])
    try:
        held = await redis.get(ENGINES.key)
    except (RedisError, OSError) as problem:
        return f"no Redis: {problem}"
    finally:
        await redis.aclose()
    return "" if held else "nobody holds the lease of the engines"


CHECKS: dict[str, Callable[[], str]] = {
    "web": lambda: _web("/healthz"),
    "ready": lambda: _web("/readyz"),
    "ingest": lambda: asyncio.run(_ingest()),
    "engines": lambda: asyncio.run(_engines()),
}


class Command(BaseCommand):
    help = (
        "Exit 0 when the process does its work: web answers, or is ready for visitors; ingest is on the bus; "
        "engines hold their lease."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("process", nargs="?", choices=tuple(CHECKS), default="web")

    def handle(self, *args: Any, process: str, **options: Any) -> None:
        problem = CHECKS[process]()
        if problem:
            raise CommandError(f"{process}: {problem}")
        self.stdout.write(f"{process}: ok")
