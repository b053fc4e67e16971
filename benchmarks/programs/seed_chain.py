"""Lists a made-up chain of Deribit in the database of DATABASE_URL: python -m benchmarks.programs.seed_chain
OPTIONS. Tickers only: a book of each of thousands of options is nobody's habit."""

from __future__ import annotations

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketdash.settings")

import django

django.setup()

from benchmarks.rig.chain import chain  # noqa: E402 (the models need the line above)
from feeds import symbols  # noqa: E402
from marketdash.instruments.models import Instrument, Venue  # noqa: E402


def main(options: int) -> None:
    venue, _ = Venue.objects.get_or_create(name="DERIBIT", defaults={"title": "Deribit"})
    fixed = {"venue": venue, "kind": "option", "base": "BTC", "quote": "BTC", "settle": "BTC"}
    sizes = {"tick_size": "0.0001", "lot_size": "0.1", "enabled": True}
    off = {"trades": False, "bars": False, "book_depth": 0}
    rows = []
    for each in chain(options):
        symbol = symbols.instrument_name(venue.name, each.native)
        named = {"native": each.native, "symbol": symbol, "slug": symbols.slug(symbol)}
        terms = {"expiry": each.expiry, "strike": each.strike, "right": each.right}
        rows.append(Instrument(**fixed, **sizes, **off, **named, **terms))
    Instrument.objects.bulk_create(rows, batch_size=200)


main(int(sys.argv[1]))
