"""A file of 100,000 symbols, and a search among as many: on both databases."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from marketdash.instruments import actions, csvfile, imports, search
from marketdash.instruments.history import By
from marketdash.instruments.models import Instrument

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
MANY = 100_000


def test_a_hundred_thousand_valid_symbols_are_imported_and_found(
    database: str, report: Callable[..., None]
) -> None:
    actions.add_starters({"KRAKEN": "Kraken"})
    who = By(User.objects.create_user("olga").pk, "CSV import of many.csv")
    lines = [f"KRAKEN:C{n}/USD,yes,10,C{n},USD,0.{n + 1}" for n in range(MANY)]
    file = "\n".join(["symbol,enabled,book_depth,base,quote,tick_size", *lines]).encode()
    started_s = time.perf_counter()

    imports.save(imports.plan(csvfile.read(file), may_add=True), who)

    report(f"{MANY} symbols imported ({database})", time.perf_counter() - started_s)
    started_s = time.perf_counter()
    rows = Instrument.objects.all()
    for word in search.words(f"kraken c{MANY - 1}"):
        rows = rows.filter(searched__contains=word)
    assert [row.symbol for row in rows] == [f"KRAKEN:C{MANY - 1}/USD"]
    report(f"one found among them ({database})", time.perf_counter() - started_s)
