"""Write the description of the WebSocket API that is kept in the repository."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketdash.live import asyncapi

KEPT = Path(settings.BASE_DIR) / "docs" / "asyncapi.json"


class Command(BaseCommand):
    help = "Write docs/asyncapi.json from the structs of the WebSocket API."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only say whether it is current")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        current = asyncapi.text()
        if not check:
            KEPT.parent.mkdir(exist_ok=True)
            KEPT.write_text(current, encoding="utf-8")
        elif not KEPT.exists() or KEPT.read_text(encoding="utf-8") != current:
            raise CommandError("docs/asyncapi.json is not current: run manage.py asyncapi")
