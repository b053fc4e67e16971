"""Removes old bars of 1 minute, after longer ones are made of them. The worker does the same once a day."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketdash.history import retention


class Command(BaseCommand):
    help = "Remove bars of 1 minute older than BARS_RETENTION_DAYS; longer bars are made first and stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, help="keep the minutes of so many days instead")

    def handle(self, *args: Any, days: int | None, **options: Any) -> None:
        kept = settings.BARS_RETENTION_DAYS if days is None else days
        if kept < 1:
            raise CommandError(f"--days: expected 1 or more, found {kept}")
        done = retention.prune_all(time.time_ns() // 1000, kept)
        self.stdout.write(
            f"{done.removed} bars of 1 m removed, {done.derived} longer ones made of them first"
        )
