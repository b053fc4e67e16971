"""What is followed, from the command line. Every change is in the admin's history."""

from __future__ import annotations

import argparse
import difflib
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketdash import venues
from marketdash.instruments import actions, history, search
from marketdash.instruments.models import Depth, FormerSymbol, Instrument

_DEPTHS = [int(depth) for depth in Depth if depth]


class Command(BaseCommand):
    help = "List instruments, follow them or stop, or add the starter set."

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = parser.add_subparsers(dest="action", required=True)
        listing = kinds.add_parser("list", help="one line each: symbol, kind, status, followed or not")
        listing.add_argument("words", nargs="*", help="only those that any of their names answers: sol eur")
        listing.add_argument("--all", action="store_true", help="also those that are not followed")
        enable = kinds.add_parser("enable", help="follow these; what is not said of a channel stays as it is")
        for name, text in (("ticker", "best bid and ask"), ("trades", "the tape"), ("bars", "candles")):
            enable.add_argument(f"--{name}", action=argparse.BooleanOptionalAction, help=text)
        book = enable.add_mutually_exclusive_group()
        book.add_argument("--depth", type=int, choices=_DEPTHS, help="levels a side of the book")
        book.add_argument("--no-book", action="store_const", const=0, dest="depth", help="no book")
        disable = kinds.add_parser("disable", help="stop following these")
        for named in (enable, disable):
            named.add_argument("symbols", nargs="+", metavar="SYMBOL", help="as KRAKEN:BTC/USD")
        kinds.add_parser("starter", help="majors and currency pairs of venues that have no instrument yet")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        if action == "list":
            self._list(" ".join(options["words"]), everything=options["all"])
        elif action == "starter":
            actions.add_starters(venues.configured())
        elif action == "enable":
            chosen = {name: options[name] for name in ("ticker", "trades", "bars")}
            chosen["book_depth"] = options["depth"]
            said = {name: value for name, value in chosen.items() if value is not None}
            self._set(options["symbols"], {"enabled": True, **said})
        else:
            self._set(options["symbols"], {"enabled": False})

    def _list(self, typed: str, *, everything: bool) -> None:
        rows = Instrument.objects.order_by("symbol")
        for word in search.words(typed):
            rows = rows.filter(searched__contains=word)
        for row in rows if everything else rows.filter(enabled=True):
            self.stdout.write(f"{row.symbol:32} {row.kind:10} {row.status:9} {_followed(row)}")

    def _set(self, names: list[str], values: dict[str, Any]) -> None:
        found = set(actions.choose_named(names, values, history.command_line()))
        if unknown := [name for name in names if name not in found]:
            raise CommandError(
                f"not known: {', '.join(map(_with_hint, unknown))}; "
                "`manage.py instruments list --all` names them all"
            )


def _followed(row: Instrument) -> str:
    if not row.enabled:
        return "not followed"
    channels = [name for name in ("ticker", "trades", "bars") if getattr(row, name)]
    return f"followed: {', '.join([*channels, *([f'book {row.book_depth}'] if row.book_depth else [])])}"


def _with_hint(name: str) -> str:
    if former := FormerSymbol.objects.filter(symbol=name).select_related("instrument").first():
        return f"{name} (is called {former.instrument.symbol} now)"
    rows = Instrument.objects.all()
    for word in search.words(name.partition(":")[2] or name):
        rows = rows.filter(searched__contains=word)
    known = list(rows.values_list("symbol", flat=True)[:200])
    alike = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.4)
    return f"{name} (did you mean {alike[0]}?)" if alike else name
