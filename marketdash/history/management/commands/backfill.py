"""Fetches bars of the past from the venues, on request limits of its own; a broken run is taken up again."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.core.management.base import BaseCommand, CommandError, CommandParser

from feeds.candles import Candles
from feeds.clock import SystemClock
from feeds.rest import Rest
from feeds.running import until_told
from feeds.symbols import INTERVALS, interval_name
from marketdash import venues
from marketdash.history import backfills
from marketdash.history.models import Backfill
from marketdash.history.repairs import Filler
from marketdash.instruments.models import Instrument

BY = "the shell"
DEFAULT_DAYS = 30
_NAMES = {interval_name(each).replace(" ", ""): each for each in INTERVALS}
_LENGTHS = {str(each): each for each in INTERVALS} | _NAMES


def interval(text: str) -> int:
    """``5``, ``5m``, ``1h`` …"""
    if text not in _LENGTHS:
        raise ValueError(text)
    return _LENGTHS[text]


def moment(text: str) -> datetime:
    """A date or a time in UTC, or so many days ago (``30d``)."""
    if text.removesuffix("d").isdigit():
        try:
            return datetime.now(UTC) - timedelta(days=int(text.removesuffix("d")))
        except OverflowError:
            raise ValueError(text) from None
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


class Command(BaseCommand):
    help = "Fetch bars of the past from the venues. Repeating it fetches nothing twice that is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("symbols", nargs="+", metavar="SYMBOL", help="full name, such as KRAKEN:BTC/USD")
        parser.add_argument(
            "--interval", type=interval, action="append", metavar="LENGTH",
            help=f"{', '.join(_NAMES)}; may be repeated; all of them where none is named",
        )  # fmt: skip
        parser.add_argument(
            "--since", type=moment, default=f"{DEFAULT_DAYS}d", metavar="WHEN",
            help="2026-01-31, 2026-01-31T12:00 (UTC), or 90d for as many days ago; default 30d",
        )  # fmt: skip

    def handle(self, *args: Any, symbols: list[str], since: datetime, **options: Any) -> None:
        now_us = time.time_ns() // 1000
        since_us = round(since.timestamp() * 1e6)
        if not 0 < since_us < now_us:
            raise CommandError(f"--since: expected a time between 1970 and now, found {since:%Y-%m-%d %H:%M}")
        listed = _listed(symbols)
        rows = [
            backfills.ask(instrument, length, since_us, now_us, BY)
            for instrument in listed
            for length in options["interval"] or INTERVALS
        ]
        asyncio.run(until_told(self._fill_all(rows)))
        self._say_how_it_ended([row.pk for row in rows])

    def _say_how_it_ended(self, keys: list[int]) -> None:
        rows = Backfill.objects.filter(pk__in=keys).select_related("instrument")
        open_rows = [row for row in rows if row.at_us > row.since_us]
        for row in open_rows:
            self.stdout.write(f"{row}: not finished: {row.remark or 'interrupted'}")
        if open_rows:
            raise CommandError(
                "some bars are missing; run the same command again to go on, or let the worker"
            )

    async def _fill_all(self, rows: list[Backfill]) -> None:
        """The venues at once, the instruments of each one after the other."""
        by_venue: dict[str, list[Backfill]] = {}
        for row in rows:
            by_venue.setdefault(row.instrument.symbol.partition(":")[0], []).append(row)
        async with asyncio.TaskGroup() as group:
            for venue, its in by_venue.items():
                group.create_task(self._fill_venue(venue, its))

    async def _fill_venue(self, venue: str, rows: list[Backfill]) -> None:
        codec = venues.codecs([venue])[venue]
        async with Rest(codec, SystemClock(), url=venues.urls_of(codec)[1]) as rest:
            filler = Filler(Candles(codec, rest, SystemClock()), tell=self._tell)
            for row in rows:
                if not await sync_to_async(backfills.hold)(row.pk, time.time_ns() // 1000):
                    self.stdout.write(f"{row}: the worker is at it, see /admin/history/backfill/")
                    continue
                await filler.fill(row)

    def _tell(self, row: Backfill) -> None:
        at = datetime.fromtimestamp(row.at_us / 1e6, UTC)
        end = f"  {row.remark}" if row.finished and row.remark else ""
        self.stdout.write(f"{row}: {row.share:4.0%}  {row.bars} bars back to {at:%Y-%m-%d %H:%M}{end}")
        self.stdout.flush()


def _listed(symbols: list[str]) -> list[Instrument]:
    found = {row.symbol: row for row in Instrument.objects.filter(symbol__in=symbols).select_related("venue")}
    if unknown := [name for name in symbols if name not in found]:
        raise CommandError(
            f"not known: {', '.join(unknown)}; `manage.py instruments list --all` names them all"
        )
    followed = venues.codecs()
    if foreign := [name for name, row in found.items() if row.venue.name not in followed]:
        raise CommandError(f"no such venue in this release: {', '.join(foreign)}")
    return list(found.values())
