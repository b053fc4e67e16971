"""Each form of the admin, filled in by somebody who means no good: the field says why, nothing is saved."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from feeds.symbols import is_native
from marketdash.history.models import Backfill
from marketdash.instruments import actions
from marketdash.instruments.models import Alias, Asset, Instrument, Venue

pytestmark = pytest.mark.django_db(transaction=True)

HOSTILE = (
    "", " ", "\0", "a\0b", "a b", "<b>", "\u202eevil", "é" * 300, "-1", "0", "1e999", "NaN", "٣", "9" * 25,
    "=1+1", "2026-13-01", "0001-01-01", "9999-12-31",
)  # fmt: skip
ALIASES = {f"aliases-{name}": "0" for name in ("INITIAL_FORMS", "MIN_NUM_FORMS")} | {
    "aliases-MAX_NUM_FORMS": "1000"
}


@pytest.fixture
def admin(database: str, admin_client: Client) -> Client:
    actions.add_starters({"KRAKEN": "Kraken"})
    return admin_client


def instrument(**changed: str) -> dict[str, str]:
    venue = Venue.objects.get(name="KRAKEN")
    return {
        "venue": str(venue.pk), "native": "NEW/USD", "kind": "spot", "status": "trading", "base": "NEW",
        "quote": "USD", "tick_size": "0.01", "lot_size": "0.1", "contract_size": "1", "book_depth": "100",
        "enabled": "on", **changed,
    }  # fmt: skip


def errors_of(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return dict(answer.context["adminform"].form.errors)


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"native": "a b"}, "native", "expected 1 to 64 printable characters"),
        ({"native": "BTC/USD"}, "native", "KRAKEN:BTC/USD is listed already"),
        ({"base": "N W"}, "base", "expected a code of at most 32 characters"),
        ({"tick_size": "0"}, "tick_size", "expected more than 0"),
        ({"tick_size": "1E-2"}, "tick_size", "expected a plain decimal number"),
        ({"book_depth": "7"}, "book_depth", "not one of the available choices"),
        ({"kind": "option"}, "strike", "expected one, because an option has it"),
        ({"kind": "future"}, "expiry", "expected one, because a future has it"),
        ({"strike": "100"}, "strike", "expected none, because a spot has none"),
        ({"expiry_0": "0001-01-01", "expiry_1": "00:00:00"}, "expiry", "expected a time from 2009 to 2200"),
    ],
)
def test_what_is_wrong_with_an_instrument_stands_at_its_field(
    admin: Client, changed: dict[str, str], field: str, words: str
) -> None:
    before = Instrument.objects.count()

    found = errors_of(admin.post("/admin/instruments/instrument/add/", instrument(**changed)))

    assert words in " ".join(found[field])
    assert Instrument.objects.count() == before


def test_what_is_right_is_saved(admin: Client) -> None:
    option = {
        "kind": "option",
        "strike": "100",
        "right": "call",
        "expiry_0": "2027-01-01",
        "expiry_1": "08:00:00",
    }

    for changed in ({}, {**option, "native": "OPTION"}):
        answer = admin.post("/admin/instruments/instrument/add/", instrument(**changed))
        assert answer.status_code == 302, errors_of(answer)

    assert Instrument.objects.get(symbol="KRAKEN:OPTION").strike == "100"


def test_what_a_contract_is_is_shown_and_only_its_switches_are_chosen(admin: Client) -> None:
    expiry = datetime(2026, 3, 27, 8, tzinfo=UTC)
    row = Instrument.objects.get(symbol="KRAKEN:BTC/USD")
    Instrument.objects.filter(pk=row.pk).update(kind="future", contract_size="100", expiry=expiry)
    typed = instrument(kind="future", base="BTC", quote="USD", contract_size="7", book_depth="25")

    answer = admin.post(f"/admin/instruments/instrument/{row.pk}/change/", typed, follow=True)

    row.refresh_from_db()
    assert (row.book_depth, row.contract_size, row.expiry) == (25, "100", expiry)
    assert "it expired on 27 Mar 2026, so nothing will come" in answer.content.decode()
    shown = admin.get(f"/admin/instruments/instrument/{row.pk}/change/").content.decode()
    assert 'name="contract_size"' not in shown and 'name="expiry_0"' not in shown and ">100<" in shown


def test_an_instrument_whose_parts_do_not_fit_can_still_be_switched_off(admin: Client) -> None:
    """Venues list strange things; the row of switches asks for nothing that is not in it."""
    row = Instrument.objects.get(symbol="KRAKEN:BTC/USD")
    Instrument.objects.filter(pk=row.pk).update(strike="5")
    fields = {
        "form-TOTAL_FORMS": "1",
        "form-INITIAL_FORMS": "1",
        "form-0-id": str(row.pk),
        "form-0-book_depth": "100",
    }

    answer = admin.post("/admin/instruments/instrument/?q=KRAKEN:BTC/USD", {**fields, "_save": "Save"})

    assert answer.status_code == 302


@pytest.mark.parametrize("name", ["NOWHERE", "kraken", "A B", "X" * 40])
def test_a_venue_that_nobody_speaks_to_is_refused(admin: Client, name: str) -> None:
    found = errors_of(admin.post("/admin/instruments/venue/add/", {"name": name, "title": "x"}))

    assert "expected one of ALPACA" in str(found["name"]) or "at most 32" in str(found["name"])
    assert Venue.objects.count() == 1


def test_an_asset_with_a_wrong_alias_is_not_half_saved(admin: Client) -> None:
    line = {"aliases-TOTAL_FORMS": "2", "aliases-0-code": "GOOD", "aliases-1-code": "not good"}

    answer = admin.post("/admin/instruments/asset/add/", {**ALIASES, **line, "code": "NEW", "title": "New"})

    assert answer.status_code == 200
    assert "expected a code of at most 32 characters" in answer.content.decode()
    assert not Asset.objects.filter(code="NEW").exists() and not Alias.objects.filter(code="GOOD").exists()


FORMS = {
    "instruments/instrument": instrument,
    "instruments/venue": lambda: {"name": "BINANCE", "title": "Binance", "enabled": "on"},
    "instruments/asset": lambda: {**ALIASES, "aliases-TOTAL_FORMS": "1", "code": "NEW", "title": "New",
                                  "aliases-0-code": "NU", "aliases-0-venue": ""},
    "history/backfill": lambda: {"instrument": str(Instrument.objects.first().pk), "interval": "60",
                                 "since": "2026-01-01"},
    "auth/user": lambda: {"username": "olga", "usable_password": "true", "password1": "a fine long phrase",
                          "password2": "a fine long phrase"},
    "auth/group": lambda: {"name": "Traders"},
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_nothing_hostile_crashes_a_form_or_gets_past_it(admin: Client, form: str) -> None:
    fine = FORMS[form]()
    for name in fine:
        chance = random.Random(form + name + connection.vendor)  # others for each database
        for value in ("", "a\0b", chance.choice(HOSTILE)):
            answer = admin.post(f"/admin/{form}/add/", {**fine, name: value})
            assert answer.status_code in (200, 302), f"{name}={value[:20]!r}: {answer.status_code}"
            if answer.status_code == 302:
                fine = FORMS[form]()
                _undo()
    for row in Instrument.objects.all():
        assert re.fullmatch(r"[A-Z_]+:\S{1,64}", row.symbol) and is_native(row.native)
        assert is_native(row.base) and is_native(row.quote)


STORABLE = [each for each in HOSTILE if "\0" not in each]


def _undo() -> None:
    """So that the next one is not refused for being there already. What was kept is in order."""
    for asset in Asset.objects.all():
        assert is_native(asset.code)
    for row in Instrument.objects.filter(native__in=("NEW/USD", *STORABLE)):
        row.delete()
    Backfill.objects.all().delete()
    Venue.objects.exclude(name="KRAKEN").delete()
    Alias.objects.filter(asset__code__in=("NEW", *STORABLE)).delete()
    Asset.objects.filter(code="NEW", as_base=None, as_quote=None).delete()
    User.objects.filter(is_superuser=False).delete()
