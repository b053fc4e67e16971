"""The administrator's lists: search, filter, follow, stop; each change is announced."""

from __future__ import annotations

import pytest
from django.test import Client

from marketdash import publish
from marketdash.instruments import actions
from marketdash.instruments.models import Instrument, Venue

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/admin/instruments/instrument/"


@pytest.fixture
def notices(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    actions.add_starters({"KRAKEN": "Kraken", "BINANCE": "Binance"})
    sent: list[str] = []
    monkeypatch.setattr(publish, "notify", lambda kind, *_: sent.append(kind))
    return sent


@pytest.mark.parametrize("query", ["", "?q=doge", "?enabled__exact=1", "?kind=forex", "?status=trading"])
def test_the_list_searches_and_filters(admin_client: Client, notices: list[str], query: str) -> None:
    answer = admin_client.get(LIST + query)

    assert answer.status_code == 200
    if query == "?q=doge":
        assert b"KRAKEN:DOGE/USD" in answer.content
        assert b"KRAKEN:BTC/USD" not in answer.content


@pytest.mark.parametrize(("action", "enabled"), [("stop_following", False), ("follow", True)])
def test_actions_follow_and_stop(
    admin_client: Client, notices: list[str], action: str, enabled: bool
) -> None:
    row = Instrument.objects.get(symbol="KRAKEN:BTC/USD")
    Instrument.objects.update(enabled=not enabled)

    admin_client.post(LIST, {"action": action, "_selected_action": [row.pk]})

    row.refresh_from_db()
    assert row.enabled is enabled
    assert notices == ["configure"]


def test_a_saved_form_is_announced_and_keeps_the_name(admin_client: Client, notices: list[str]) -> None:
    row = Instrument.objects.get(symbol="KRAKEN:BTC/USD")
    form = admin_client.get(f"{LIST}{row.pk}/change/")
    assert form.status_code == 200
    fields = {name: getattr(row, name) for name in ("status", "kind", "base", "quote", "tick_size")}

    answer = admin_client.post(
        f"{LIST}{row.pk}/change/",
        {**fields, "lot_size": row.lot_size, "contract_size": "1", "enabled": "on", "book_depth": "500"},
    )

    assert answer.status_code == 302, answer.content[-2000:]
    row.refresh_from_db()
    assert (row.book_depth, row.symbol) == (500, "KRAKEN:BTC/USD")
    assert notices == ["configure"]


def test_a_name_that_cannot_be_carried_is_refused_in_the_form(
    admin_client: Client, notices: list[str]
) -> None:
    venue = Venue.objects.get(name="KRAKEN")

    answer = admin_client.post(
        f"{LIST}add/",
        {
            "venue": venue.pk,
            "native": "<img src=x onerror=alert(1)>",
            "base": "X",
            "quote": "USD",
            "kind": "spot",
            "status": "trading",
            "tick_size": "0.01",
            "lot_size": "1",
            "contract_size": "1",
            "book_depth": "100",
        },
    )

    assert answer.status_code == 200
    assert b"expected 1 to 64 printable characters" in answer.content
    assert b"<img src=x" not in answer.content
    assert not Instrument.objects.filter(base="X").exists()


def test_a_venue_switched_off_is_announced(admin_client: Client, notices: list[str]) -> None:
    venue = Venue.objects.get(name="KRAKEN")

    answer = admin_client.post(f"/admin/instruments/venue/{venue.pk}/change/", {"title": "Kraken"})

    assert answer.status_code == 302
    assert not Venue.objects.get(name="KRAKEN").enabled
    assert notices == ["configure"]
