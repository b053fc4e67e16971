"""Whatever somebody sends, nothing crashes: what cannot be used is refused, and nothing of it is kept."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from marketdash.dashboards import actions as watchlists
from marketdash.dashboards.models import Watchlist
from marketdash.instruments import actions
from marketdash.instruments.models import Asset, Instrument
from marketdash.portfolios import actions as portfolios
from marketdash.portfolios.entering import typed

pytestmark = pytest.mark.django_db(transaction=True)

HOSTILE = (
    "\0", "a\0b", "<script>alert(1)</script>", "'; DROP TABLE x; --", "../../etc/passwd", "%00", "\u202eevil",
    "é" * 300, "-1", "0", "1e999", "NaN", "٣", "9" * 25, "0" * 20 + "1" * 5, "9" * 6000, "KRAKEN:" + "X" * 90,
    "💥" * 50, "[]", "{}",
)  # fmt: skip
TYPED = (*typed.FIELDS, "nonce")
READS = {
    "/": ("list",),
    "/listing/": ("since",),
    "/sparklines/": ("symbol",),
    "/instruments/kraken-btc-usd/": ("list",),
    "/instruments/kraken-btc-usd/bars/": ("interval", "before", "limit"),
    "/status/events": ("kind", "venue", "q", "ongoing", "before"),
    "/metrics": ("part",),
    "/watchlists/find/": ("q",),
    "/watchlists/state/": ("list",),
    "/portfolios/{portfolio}/": ("before",),
    "/portfolios/{portfolio}/entries/new/": ("kind", "corrects"),
    "/api/v1/instruments": ("venue", "kind", "base", "quote", "limit", "after", "nonsense"),
    "/api/v1/tickers": ("symbol",),
    "/api/v1/books": ("symbol", "depth"),
    "/api/v1/trades": ("symbol", "limit"),
    "/api/v1/candles": ("symbol", "interval", "before", "limit"),
    "/api/v1/status": ("symbol",),
    "/api/v1/watchlists": ("name",),
}
WRITES = {
    "/watchlists/": ("name", "shared"),
    "/watchlists/order/": ("order", "shared"),
    "/watchlists/star/": ("symbol", "list", "on", "back", "open"),
    "/watchlists/{key}/rename/": ("name",),
    "/watchlists/{key}/review/": ("text",),
    "/watchlists/{key}/add/": ("symbol",),
    "/watchlists/{key}/remove/": ("symbol",),
    "/watchlists/{key}/restore/": ("symbol", "place"),
    "/watchlists/{key}/order/": ("order", "up", "down"),
    "/portfolios/": ("name", "base", "method", "account"),
    "/portfolios/{portfolio}/rename/": ("name",),
    "/portfolios/{portfolio}/method/": ("method",),
    "/portfolios/{portfolio}/accounts/": ("account",),
    "/portfolios/{portfolio}/delete/": ("sure",),
    "/portfolios/{portfolio}/share/": ("viewer",),
    "/portfolios/{portfolio}/share/end/": ("share",),
    "/portfolios/{portfolio}/links/": ("link", "days", "amounts"),
    "/portfolios/{portfolio}/links/end/": ("link",),
    "/portfolios/{portfolio}/entries/new/": (*TYPED, "corrects"),
    "/portfolios/{portfolio}/entries/review/": (*TYPED, "corrects", "propose"),
    "/portfolios/{portfolio}/entries/save/": (*TYPED, "corrects", "rate"),
    "/accounts/": ("email",),
    "/accounts/display/": ("theme", "palette", "flash", "density", "numbers", "zone"),
    "/accounts/tokens/": ("name", "scopes", "days"),
    "/accounts/password/": ("oldpassword", "password1", "password2"),
    "/accounts/login/": ("login", "password", "next"),
    "/accounts/confirm/": ("password", "next"),
    "/accounts/factors/authenticate/": ("code", "credential"),
    "/accounts/factors/totp/activate/": ("code",),
    "/accounts/factors/webauthn/add/": ("name", "credential", "passwordless"),
    "/accounts/factors/webauthn/login/": ("credential", "next"),
    "/admin/instruments/instrument/import/": ("format", "resource", "import_file"),
    "/admin/instruments/instrument/process_import/": ("import_file_name", "original_file_name", "format"),
}
LISTS = (
    "instruments/instrument",
    "instruments/venue",
    "instruments/asset",
    "history/backfill",
    "auth/user",
    "accounts/token",
    "mfa/authenticator",
)
ASKED = (
    "q",
    "p",
    "o",
    "e",
    "all",
    "enabled__exact",
    "venue__id__exact",
    "kind",
    "id__in",
    "password__startswith",
)


@pytest.fixture
def owner(database: str, settings: Any) -> Iterator[Client]:
    """A superuser with a list, so that no door is closed before the input is read; with two instruments,
    because many make pages long and nothing else."""
    settings.REDIS_HOSTS = []
    actions.add_starters({"KRAKEN": "Kraken"})
    Instrument.objects.exclude(native__in=("BTC/USD", "ETH/USD")).delete()
    user = User.objects.create_superuser("Alice", password="a long old password")
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    yield client


def some(what: str) -> list[str]:
    """The two that broke most, and one more: another for each address and each database."""
    return ["a\0b", "9" * 6000, random.Random(what + connection.vendor).choice(HOSTILE)]


def held_portfolio() -> int:
    """One of the owner's, with an account."""
    Asset.objects.get_or_create(code="EUR")
    held = portfolios.create(User.objects.get(username="Alice"), "held", "EUR")
    portfolios.open_account(held, "Main")
    return held.pk


def refused_or_fine(answer: Any, what: str) -> None:
    assert answer.status_code < 500, f"{what}: {answer.status_code}"
    if answer.status_code in (400, 422) and answer.headers.get("Content-Type", "").startswith(
        "application/json"
    ):
        assert answer.json(), what


@pytest.mark.parametrize("path", READS)
def test_what_is_asked_for(owner: Client, path: str) -> None:
    address = path.format(portfolio=held_portfolio() if "portfolio" in path else "")
    for name in READS[path]:
        for value in some(path + name):
            refused_or_fine(owner.get(address, {name: value}), f"{path}?{name}={value[:30]!r}")


@pytest.mark.parametrize("path", WRITES)
def test_what_is_sent(owner: Client, path: str) -> None:
    mine = watchlists.create(User.objects.get(username="Alice"), "mine")
    address = path.format(key=mine.pk, portfolio=held_portfolio() if "portfolio" in path else "")
    names = WRITES[path]
    chance = random.Random(path)
    for value in some(path):
        everything = dict.fromkeys(names, value)
        refused_or_fine(owner.post(address, everything), f"{path} {value[:30]!r} in all")
        name = chance.choice(names)
        refused_or_fine(owner.post(address, {name: value}), f"{path} {value[:30]!r} in {name}")
    for kept in Watchlist.objects.all():
        assert kept.name.isprintable() and len(kept.name) <= 64


@pytest.mark.parametrize("name", LISTS)
def test_what_the_lists_of_the_admin_are_asked(owner: Client, name: str) -> None:
    for asked in ASKED:
        for value in some(name + asked)[1:]:
            refused_or_fine(owner.get(f"/admin/{name}/", {asked: value}), f"{name}?{asked}={value[:30]!r}")
    for key in ("0", "9" * 25, "x", "_00", "%00"):
        refused_or_fine(owner.get(f"/admin/{name}/{key}/change/"), f"{name}/{key}")


def test_a_page_of_switches_that_was_tampered_with(owner: Client) -> None:
    """Nothing of it is saved: not the wrong row, and not the right one beside it."""
    first, second = Instrument.objects.order_by("symbol")[:2]
    fine = {
        "form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "2", "_save": "Save",
        "form-0-id": str(first.pk), "form-0-book_depth": "25", "form-0-enabled": "on",
        "form-1-id": str(second.pk), "form-1-book_depth": "100", "form-1-enabled": "on",
    }  # fmt: skip
    for name in ("form-TOTAL_FORMS", "form-INITIAL_FORMS", "form-1-id", "form-1-book_depth"):
        for value in {*some(name), "", "-1", "x"} - {"0"}:  # without a book is a choice
            answer = owner.post("/admin/instruments/instrument/", {**fine, name: value})
            refused_or_fine(answer, f"{name}={value[:30]!r}")
    for row in (first, second):
        was = row.book_depth
        row.refresh_from_db()
        assert row.book_depth == was
