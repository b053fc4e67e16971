"""The simulated exchanges as a command; ``python -m feeds.simulator`` is the same without the project."""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from feeds.simulator.program import add_arguments, run


class Command(BaseCommand):
    help = "Serve simulated exchanges on loopback: set VENUE_<NAME>_WS_URL and _REST_URL to point there."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        asyncio.run(run(argparse.Namespace(**options)))
