"""What is followed, from the command line."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketdash import venues
from marketdash.instruments import actions
from marketdash.instruments.models import Instrument


class Command(BaseCommand):
    help = "List instruments, follow them or stop, or add the starter set."

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = parser.add_subparsers(dest="action", required=True)
        listing = kinds.add_parser("list", help="one line each: symbol, kind, status, followed or not")
        listing.add_argument("--all", action="store_true", help="also those that are not followed")
        for action, text in (("enable", "follow these"), ("disable", "stop following these")):
            named = kinds.add_parser(action, help=text)
            named.add_argument(
                "symbols", nargs="+", metavar="SYMBOL", help="full name, such as KRAKEN:BTC/USD"
            )
        kinds.add_parser("starter", help="majors and currency pairs of venues that have no instrument yet")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        if action == "list":
            self._list(everything=options["all"])
        elif action == "starter":
            actions.add_starters(venues.titles())
        else:
            self._set(options["symbols"], enabled=action == "enable")

    def _list(self, *, everything: bool) -> None:
        rows = Instrument.objects.order_by("symbol")
        for row in rows if everything else rows.filter(enabled=True):
            followed = "followed" if row.enabled else "not followed"
            self.stdout.write(f"{row.symbol:32} {row.kind:10} {row.status:9} {followed}")

    def _set(self, names: list[str], *, enabled: bool) -> None:
        found = set(actions.set_enabled(names, enabled=enabled))
        if unknown := [name for name in names if name not in found]:
            raise CommandError(
                f"not known: {', '.join(unknown)}; `manage.py instruments list --all` names them all"
            )
