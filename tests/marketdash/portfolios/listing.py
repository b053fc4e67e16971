"""Markets that are followed while a test runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from asgiref.sync import async_to_sync

from marketdash.history.models import Bar
from marketdash.instruments.assets import settle_all
from marketdash.instruments.catalogue import catalogue
from marketdash.instruments.models import Instrument, Venue


@contextlib.contextmanager
def listed(*natives: str, **kinds: str) -> Iterator[None]:
    """``BTC/EUR`` … at Kraken; ``kinds``: not spot, as ``EUR_USD="forex"``. They go with their bars."""
    venue, _ = Venue.objects.get_or_create(name="KRAKEN", defaults={"title": "Kraken"})
    named = {native.replace("/", "_"): "spot" for native in natives} | kinds
    for name, kind in named.items():
        base, quote = name.split("_")
        native = f"{base}/{quote}"
        Instrument(venue=venue, native=native, base=base, quote=quote, kind=kind, enabled=True).save()
    settle_all()
    async_to_sync(catalogue.refresh)()
    yield
    Bar.objects.all().delete()
    Instrument.objects.all().delete()
    async_to_sync(catalogue.refresh)()
