"""Fetches each venue's own list of instruments: names, tick and lot sizes, what trades."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from feeds.clock import SystemClock
from feeds.codec import Codec, DecodeError, InstrumentSpec
from feeds.rest import Rest, RestError, fetch_instruments
from marketdash import venues
from marketdash.instruments import sync

logger = logging.getLogger(__name__)
FETCH_S = 30.0


class Command(BaseCommand):
    help = "Fetch the venues' own lists of instruments; what you chose to follow is kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--venue", action="append", help="only this one; may be repeated")
        parser.add_argument("--quiet", action="store_true", help="say only what went wrong")

    def handle(self, *args: Any, venue: list[str] | None, quiet: bool, **options: Any) -> None:
        try:
            codecs = venues.codecs(venue)
        except LookupError as unknown:
            raise CommandError(f"--venue: {unknown}") from None
        asked = [codec for codec in codecs.values() if not venues.unconfigured(codec)]
        results = asyncio.run(_fetch_all(asked))
        failed = [self._keep(codec, result, quiet) for codec, result in results]
        if any(failed):
            raise CommandError("not every venue answered; what it listed before is kept")

    def _keep(self, codec: Codec, result: list[InstrumentSpec] | str, quiet: bool) -> bool:
        if isinstance(result, str):
            logger.warning("%s: its instruments could not be fetched: %s", codec.venue, result)
            return True
        synced = sync.upsert(codec.venue, codec.title, result)
        if not quiet:
            self.stdout.write(f"{codec.venue}: {_words(synced)}")
        return False


def _words(synced: sync.Synced) -> str:
    """What happens seldom is said when it happened."""
    seldom = {"renamed": synced.renamed, "back": synced.relisted, "halted": synced.halted}
    said = [f"{count} {what}" for what, count in seldom.items() if count]
    counts = [f"{synced.listed} listed", f"{synced.new} new", *said, f"{synced.delisted} delisted"]
    return ", ".join([*counts, f"{synced.refused} that cannot be carried"])


async def _fetch_all(
    codecs: Sequence[Codec],
) -> list[tuple[Codec, list[InstrumentSpec] | str]]:
    """All at once, before the first row is written: no transaction waits for a network."""
    return list(zip(codecs, await asyncio.gather(*map(_fetch, codecs)), strict=True))


async def _fetch(codec: Codec) -> list[InstrumentSpec] | str:
    try:
        async with asyncio.timeout(FETCH_S), Rest(codec, SystemClock(), url=venues.urls_of(codec)[1]) as rest:
            return await fetch_instruments(codec, rest)
    except TimeoutError:
        return f"no whole answer within {FETCH_S:.0f} s"
    except (RestError, DecodeError) as problem:
        return str(problem)
