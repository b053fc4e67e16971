"""Lists made-up Kraken pairs in the database of DATABASE_URL: python -m benchmarks.programs.seed COUNT.

Tickers only, so that whoever feeds them need not speak of trades and books.
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketdash.settings")

import django

django.setup()

from benchmarks.rig.names import natives  # noqa: E402 (the models need the line above)
from feeds import symbols  # noqa: E402
from marketdash.instruments.models import Instrument, Venue  # noqa: E402


def main(count: int) -> None:
    venue, _ = Venue.objects.get_or_create(name="KRAKEN", defaults={"title": "Kraken"})
    fixed = {"venue": venue, "quote": "USD", "tick_size": "0.1", "enabled": True}
    off = {"trades": False, "bars": False, "book_depth": 0}
    rows = []
    for native in natives(count):
        symbol = symbols.instrument_name(venue.name, native)
        named = {
            "native": native,
            "symbol": symbol,
            "slug": symbols.slug(symbol),
            "base": native.split("/")[0],
        }
        rows.append(Instrument(**named, **fixed, **off))
    Instrument.objects.bulk_create(rows)


main(int(sys.argv[1]))
