"""Raw traffic of everything that is enabled, to a file that ``replay`` plays again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from feeds.clock import SystemClock
from feeds.recorder import Recorder
from feeds.running import until_told
from feeds.worker import Worker
from marketdash import venues
from marketdash.instruments import catalogue


class Command(BaseCommand):
    help = "Write the raw frames of the enabled instruments to FILE (.jsonl.gz), until interrupted."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--venues", help="only these, parted by commas: KRAKEN,BINANCE")
        parser.add_argument("--seconds", type=float, help="stop after so long")

    def handle(
        self, *args: Any, file: Path, venues: str | None, seconds: float | None, **options: Any
    ) -> None:
        try:
            recorder = Recorder(file)
            worker = _worker(venues, recorder)
            with recorder:
                asyncio.run(until_told(worker.run(), within_s=seconds))
        except (LookupError, OSError) as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(f"{recorder.written} records in {file}")


def _worker(names: str | None, recorder: Recorder) -> Worker:
    chosen = [name.strip().upper() for name in names.split(",") if name.strip()] if names else None
    codecs = venues.codecs(chosen)
    worker = Worker(codecs, [], SystemClock(), urls=venues.urls(chosen), tee=recorder)
    worker.desire(item for item in catalogue.subscriptions() if item.instrument.split(":")[0] in codecs)
    return worker
