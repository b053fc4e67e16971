"""Everything on one machine under one supervisor: what ``make run`` starts."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from feeds.venues import VENUES
from feeds.worker import probe
from marketdash import venues
from marketdash.environment import MODES, Environment
from marketdash.ops import preflight, startup

PROBE_S = 3.0


class Command(BaseCommand):
    help = "Run Marketdash on this machine: Redis, database, worker and web under one supervisor."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--mode", choices=MODES, help="live or demo; without it, live where there is a route"
        )
        parser.add_argument("--port", type=int, help="listen there instead of at BIND's port")

    def handle(self, *args: Any, mode: str | None, port: int | None, **options: Any) -> None:
        if port is not None and not 1 <= port <= 65_535:
            raise preflight.Refused(f"--port: expected a number from 1 to 65535, found {port}")
        preflight.check_platform()
        preflight.check_disk(settings.DATA_DIR)
        plan = startup.Plan(
            host=settings.BIND_HOST,
            port=settings.BIND_PORT if port is None else port,
            mode=mode or Environment().text("MODE"),
            reachable=_reachable,
            venues=tuple(VENUES),
            keyed={name: codec.key_parts for name, codec in venues.codecs().items() if codec.key_parts},
            say=self._say,
        )
        sys.exit(asyncio.run(startup.run(plan)))

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


async def _reachable() -> list[str]:
    """The venues that a link could be opened to within 3 s, all asked at once."""
    answers = await probe(venues.codecs(), urls=venues.urls(), within_s=PROBE_S)
    return [name for name, reached in answers.items() if reached]
