"""Rules in the admin, and the round that applies them at what their spots are worth."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.utils import timezone

from marketdash import publish
from marketdash.instruments import rules, ruling
from marketdash.instruments.models import Instrument, Venue
from marketdash.instruments.rule_models import Rule

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/admin/instruments/rule/"


@pytest.fixture
def spot(transactional_db: None) -> Instrument:
    venue = Venue.objects.create(name="KRAKEN", title="Kraken")
    for strike in ("60000", "64000", "90000"):
        expiry = timezone.now() + timedelta(days=9)
        parts = {"kind": "option", "base": "BTC", "quote": "USD", "strike": strike, "right": "put"}
        Instrument(venue=venue, native=f"BTC-{strike}-P", expiry=expiry, **parts).save()
    row = Instrument(venue=venue, native="BTC/USD", base="BTC", quote="USD", enabled=True)
    row.save()
    return row


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> dict[str, publish.Row]:
    rows: dict[str, publish.Row] = {}

    async def read(topics: Iterable[str], timeout_s: float) -> dict[str, publish.Row]:
        return {topic: rows[topic] for topic in topics if topic in rows}

    monkeypatch.setattr(publish, "read", read)
    return rows


def form(market: Instrument, /, **changed: Any) -> dict[str, Any]:
    whole = {"venue": market.venue_id, "kind": "option", "base": "BTC", "within_days": 60, "band": 20}
    return {
        **whole,
        "spot": market.pk,
        "ticker": "on",
        "book_depth": 0,
        "most": 2000,
        "enabled": "on",
        **changed,
    }


def followed() -> set[str]:
    return set(Instrument.objects.filter(enabled=True, kind="option").values_list("native", flat=True))


def live(**body: str) -> publish.Row:
    return publish.Row("live", "", 5, body)


def test_a_rule_that_is_saved_is_applied_at_what_its_spot_is_worth(
    admin_client: Client, spot: Instrument, known: dict[str, publish.Row]
) -> None:
    assert admin_client.post(f"{LIST}add/", form(spot)).status_code == 302
    known["ticker:KRAKEN:BTC/USD"] = live(bid="63999.5", ask="64000.5", last="1")

    async_to_sync(ruling.follow)()

    assert followed() == {"BTC-60000-P", "BTC-64000-P"}
    page = admin_client.get(LIST).content.decode()
    assert "Kraken BTC option, within 60 days, ±20 % of KRAKEN:BTC/USD" in page
    made = Rule.objects.get()
    changed = form(spot, band=5, trades="on")
    assert admin_client.post(f"{LIST}{made.pk}/change/", changed).status_code == 302
    assert set(Instrument.objects.filter(rule=made).values_list("trades", flat=True)) == {True}
    async_to_sync(ruling.follow)()
    assert followed() == {"BTC-60000-P", "BTC-64000-P"}, "at 6.25 % it may stay"


@pytest.mark.parametrize(
    "row", [None, publish.Row("stale", "cable", 9, {"last": "64000"}), live(bid="", ask="")]
)
def test_a_price_that_is_not_live_is_none(
    spot: Instrument, known: dict[str, publish.Row], row: publish.Row | None
) -> None:
    made = Rule.objects.create(venue=spot.venue, kind="option", band=20, spot=spot)
    if row is not None:
        known["ticker:KRAKEN:BTC/USD"] = row

    async_to_sync(ruling.follow)()

    made.refresh_from_db()
    assert followed() == set() and "has no live price" in made.problem


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"spot": ""}, "expected an instrument whose price the band is around, found none"),
        ({"kind": "perpetual"}, "expected option, as a band and a side are of strikes, found perpetual"),
        ({"band": 0}, "greater than or equal to 1"),
        ({"most": 5001}, "less than or equal to 5000"),
    ],
)
def test_what_makes_no_rule_is_refused(
    admin_client: Client, spot: Instrument, changed: dict[str, Any], words: str
) -> None:
    page = admin_client.post(f"{LIST}add/", form(spot, **changed))

    assert words in page.content.decode()
    assert not Rule.objects.exists()


def test_a_rule_that_is_deleted_takes_back_what_it_switched_on(
    admin_client: Client, spot: Instrument
) -> None:
    first, second = (Rule.objects.create(venue=spot.venue, kind="option", most=most) for most in (1, 3000))
    rules.apply(first, None)
    rules.apply(second, None)
    assert len(followed()) == 3

    admin_client.post(f"{LIST}{first.pk}/delete/", {"post": "yes"})
    assert len(followed()) == 2
    selected = {"action": "delete_selected", "_selected_action": [second.pk], "post": "yes"}
    admin_client.post(LIST, selected)
    assert followed() == set() and not Rule.objects.exists()


def test_operators_may_rule(transactional_db: None) -> None:
    Group.objects.get_or_create(name="Operators")
    migration = import_module("marketdash.instruments.migrations.0006_rules")
    with connection.schema_editor() as editor:
        migration.allow(apps, editor)
    allowed = set(Group.objects.get(name="Operators").permissions.values_list("codename", flat=True))

    assert allowed >= {"view_rule", "add_rule", "change_rule", "delete_rule"}


def test_lists_are_fetched_of_venues_that_have_a_rule(
    spot: Instrument, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(ruling, "call_command", lambda *words, venue: asked.append(venue))
    async_to_sync(ruling.refresh_lists)()
    Rule.objects.create(venue=spot.venue, kind="option")
    unknown = Venue.objects.create(name="NOWHERE", title="Nowhere")
    Rule.objects.create(venue=unknown, kind="option")

    async_to_sync(ruling.refresh_lists)()

    assert asked == [["KRAKEN"]]
