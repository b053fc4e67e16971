"""Another key of this installation's for what is sealed: put it first, run this, take the old one away."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketdash.portfolios.executions import keys


class Command(BaseCommand):
    help = "Seal all keys of exchanges anew, with the first of FIELD_ENCRYPTION_KEYS. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        done, unreadable = keys.reseal_all()
        self.stdout.write(f"{done} sealed with the first of FIELD_ENCRYPTION_KEYS")
        if unreadable:
            words = f"{unreadable} cannot be opened: keep the key that sealed them, or have them put in again"
            raise CommandError(words)
