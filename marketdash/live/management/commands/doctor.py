"""What is wrong with this installation and what to do; and what the venues really say."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from feeds.clock import SystemClock
from feeds.codec import Codec, Subscription
from feeds.doctor import Findings, examine, written
from feeds.recorder import Recorder
from feeds.symbols import TICKER
from feeds.venues import VENUES
from marketdash import venues
from marketdash.environment import BadValue, Environment
from marketdash.live.lease import parts_of, writer_in
from marketdash.ops.doctor import everything
from marketdash.ops.doctor import findings as words
from marketdash.ops.doctor.findings import Finding, fail, ok, skipped, warn
from marketdash.ops.doctor.network import PROXIES
from marketdash.ops.doctor.registry import Place, Site
from marketdash.ops.doctor.registry import examine as examined

_SECRETS = ("SECRET_KEY", "METRICS_TOKEN", "SENTRY_DSN", "DJANGO_SUPERUSER_PASSWORD")
_URLS = ("DATABASE_URL", "REDIS_URL")


class Command(BaseCommand):
    help = (
        "Look for the usual mistakes of an installation, listen to each venue for some seconds, and say what "
        "to do. Exit code 0: well; 1: warnings; 2: something fails."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("venue", nargs="*", help="KRAKEN BINANCE …; without any, all of them")
        parser.add_argument("--seconds", type=float, default=20, help="how long to listen; 0: not at all")
        parser.add_argument("--record", type=Path, metavar="FILE", help="keep the traffic, as .jsonl.gz")
        parser.add_argument("--origin", action="append", default=[], help="what people type: https://…")
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(
        self, *args: Any, venue: list[str], seconds: float, record: Path | None, **options: Any
    ) -> None:
        try:
            codecs = venues.codecs([name.upper() for name in venue] or None)
            origins = Environment({"--origin": ",".join(options["origin"])}).origins("--origin")
            found = asyncio.run(examined(_site(codecs, origins), everything.CHECKS))
            if not options["json"]:
                self._say(words.written(found))
            heard = _listened(codecs, seconds, record) if seconds else []
        except (LookupError, OSError, BadValue) as problem:
            raise CommandError(str(problem)) from None
        found += [_judged(each) for each in heard]
        if options["json"]:
            self._say([words.as_json(found, [each._asdict() for each in heard])])
        else:
            self._say(line for each in heard for line in written(each))
        if code := words.EXIT_CODES[words.worst(found)]:
            sys.exit(code)

    def _say(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.stdout.write(words.without(line, _secrets()))
        self.stdout.flush()


def _site(codecs: dict[str, Codec], origins: Sequence[str]) -> Site:
    roots = venues.urls(list(codecs))
    return Site(
        settings=settings,
        variables=os.environ,
        venues={
            name: _place(codec, *roots[name])
            for name, codec in codecs.items()
            if not venues.unconfigured(codec)
        },
        known=list(VENUES),
        leases={name: [part.key for part in parts_of([name])] for name in codecs},
        writer_in=writer_in,
        origins=origins,
    )


def _place(codec: Codec, ws: str, rest: str) -> Place:
    """The paths of the first link and of the list of instruments."""
    plans = codec.links([Subscription(TICKER, f"{codec.venue}:BTC/USD", "BTC/USD")])
    request = codec.instruments_request()
    root = request.root_at(rest, codec.rest_url)
    keyed = codec.needs_key or codec.credentials is not None
    return Place(ws + (plans[0].path if plans else ""), root + request.path, keyed, codec.lines)


def _listened(codecs: dict[str, Codec], seconds: float, record: Path | None) -> list[Findings]:
    with Recorder(record) if record else contextlib.nullcontext() as tee:
        urls = venues.urls(list(codecs))
        return asyncio.run(examine(codecs, SystemClock(), urls=urls, within_s=seconds, tee=tee))


def _judged(found: Findings) -> Finding:
    if found.skipped:
        return skipped(found.problem, f"listened to {found.venue}")
    name, said = f"listened to {found.venue}", f"{found.acknowledged} of {found.wanted} acknowledged"
    expected, todo = "all acknowledged, all understood", "see the lines of the venue; report what is unknown"
    if not found.acknowledged or found.undecodable:
        undecodable = f", {found.undecodable} undecodable" if found.undecodable else ""
        return fail(f"{said}{undecodable}; {found.problem}".rstrip("; "), expected, todo, name)
    if found.unknown or found.refused:
        return warn(f"{said}, {len(found.unknown)} kinds unknown", expected, todo, name)
    return ok(said, name)


def _secrets() -> list[str]:
    """All that may not be seen, wherever an error may have quoted it."""
    environment = Environment()
    urls = [
        *(environment.secret(name) for name in _URLS),
        *(environment.text(name) for name in PROXIES),
    ]
    passwords = [words.password_in(part) for url in urls for part in url.split(",")]
    kept = [settings.SECRET_KEY, *(each for pair in settings.VENUE_KEYS.values() for each in pair)]
    return [*kept, *(environment.secret(name) for name in _SECRETS), *passwords]
