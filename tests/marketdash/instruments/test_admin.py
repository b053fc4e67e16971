"""The administrator's lists: search, filter, follow, stop; each change is announced."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from marketdash import publish
from marketdash.instruments import actions, admin
from marketdash.instruments.models import Asset, Instrument, Venue

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


def test_each_channel_and_depth_has_its_action(admin_client: Client, notices: list[str]) -> None:
    rows = Instrument.objects.filter(symbol__in=["KRAKEN:BTC/USD", "KRAKEN:ETH/USD"])
    chosen = {"_selected_action": [row.pk for row in rows]}

    for action in ("ticker_off", "trades_off", "bars_off", "depth_25"):
        admin_client.post(LIST, {"action": action, **chosen})

    assert set(rows.values_list("ticker", "trades", "bars", "book_depth")) == {(False, False, False, 25)}
    for action in ("ticker_on", "trades_on", "bars_on", "depth_0"):
        admin_client.post(LIST, {"action": action, **chosen})
    assert set(rows.values_list("ticker", "trades", "bars", "book_depth")) == {(True, True, True, 0)}
    assert LogEntry.objects.filter(change_message="Book depth: 100 → 25 (bulk action)").count() == 2


def test_too_many_at_once_are_refused(
    admin_client: Client, notices: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin, "MOST_FOLLOWED", 3)
    Instrument.objects.update(enabled=False)

    page = admin_client.post(
        LIST,
        {"action": "follow", "_selected_action": [row.pk for row in Instrument.objects.all()]},
        follow=True,
    )

    assert "at most 3 can be followed at once" in page.content.decode()
    assert not Instrument.objects.filter(enabled=True).exists()


def in_the_list(rows: list[Instrument]) -> dict[str, object]:
    """What the page of the list sends back when nobody touched anything."""
    fields: dict[str, object] = {
        "_save": "Save",
        "form-TOTAL_FORMS": len(rows),
        "form-INITIAL_FORMS": len(rows),
    }
    for place, row in enumerate(rows):
        fields[f"form-{place}-id"] = row.pk
        fields[f"form-{place}-book_depth"] = row.book_depth
        for name in ("enabled", "ticker", "trades", "bars", "book_depth"):
            fields[f"initial-form-{place}-{name}"] = getattr(row, name)
            if name != "book_depth" and getattr(row, name):
                fields[f"form-{place}-{name}"] = "on"
    return fields


def test_an_old_page_does_not_undo_what_somebody_else_chose(admin_client: Client, notices: list[str]) -> None:
    rows = list(Instrument.objects.order_by("symbol")[:2])
    shown = in_the_list(rows)
    Instrument.objects.filter(pk=rows[0].pk).update(enabled=False, ticker=False)

    answer = admin_client.post(LIST, {**shown, "form-0-book_depth": 10})

    assert answer.status_code == 302
    first = Instrument.objects.get(pk=rows[0].pk)
    assert (first.enabled, first.ticker, first.book_depth) == (False, False, 10)
    entry = LogEntry.objects.get()
    assert (entry.object_repr, entry.change_message) == (str(first), "Book depth: 100 → 10")


def test_an_alias_made_in_the_admin_finds_it_and_is_in_the_history(
    admin_client: Client, notices: list[str]
) -> None:
    asset = Asset.objects.get(code="ETH")
    rows = {
        "aliases-TOTAL_FORMS": 1,
        "aliases-INITIAL_FORMS": 0,
        "aliases-0-code": "WEI",
        "aliases-0-venue": "",
    }

    answer = admin_client.post(
        f"/admin/instruments/asset/{asset.pk}/change/", {"code": "ETH", "title": "Ether", **rows}
    )

    assert answer.status_code == 302, answer.content[-2000:]
    assert b"KRAKEN:ETH/USD" in admin_client.get(f"{LIST}?q=wei").content
    assert LogEntry.objects.get().change_message == "alias added: WEI"
    assert "configure" in notices


def test_the_history_lists_every_change_and_cannot_be_changed(
    admin_client: Client, notices: list[str]
) -> None:
    row = Instrument.objects.get(symbol="KRAKEN:BTC/USD")
    admin_client.post(LIST, {"action": "stop_following", "_selected_action": [row.pk]})

    html = admin_client.get("/admin/admin/logentry/").content.decode()

    assert "KRAKEN:BTC/USD" in html and "Enabled: yes → no (bulk action)" in html
    assert admin_client.get("/admin/admin/logentry/add/").status_code == 403


def test_instruments_are_never_deleted(admin_client: Client, notices: list[str]) -> None:
    row = Instrument.objects.get(symbol="KRAKEN:BTC/USD")

    assert admin_client.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403


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
    said = LogEntry.objects.get().change_message
    assert "book depth: 100 → 500" in said.replace("Book", "book") and "ticker: yes → no" in said.replace(
        "Ticker", "ticker"
    )
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
