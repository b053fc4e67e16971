"""What the venues really say: acknowledged, unknown, undecodable, and how far the clocks are apart."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from feeds.clock import SystemClock
from feeds.doctor import Findings, examine, written
from feeds.recorder import Recorder
from marketdash import venues


class Command(BaseCommand):
    help = (
        "Connect to each venue for some seconds and print what it acknowledged and what was not understood."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("venue", nargs="*", help="KRAKEN BINANCE …; without any, all of them")
        parser.add_argument("--seconds", type=float, default=20, help="how long to listen")
        parser.add_argument("--record", type=Path, metavar="FILE", help="keep the traffic, as .jsonl.gz")

    def handle(
        self, *args: Any, venue: list[str], seconds: float, record: Path | None, **options: Any
    ) -> None:
        try:
            codecs = venues.codecs([name.upper() for name in venue] or None)
            with Recorder(record) if record else contextlib.nullcontext() as tee:
                urls = venues.urls(list(codecs))
                found = asyncio.run(examine(codecs, SystemClock(), urls=urls, within_s=seconds, tee=tee))
        except (LookupError, OSError) as problem:
            raise CommandError(str(problem)) from None
        for line in (line for each in found for line in written(each)):
            self.stdout.write(line)
        if not all(map(_well, found)):
            sys.exit(1)


def _well(found: Findings) -> bool:
    return bool(found.acknowledged) and not found.undecodable
