"""System checks say what would go wrong, with an identifier and a hint."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from marketdash import checks


def only(found: list[Any]) -> Any:
    assert len(found) == 1
    assert found[0].hint
    return found[0]


def test_the_project_as_it_is_has_nothing_to_say() -> None:
    for check in (
        checks.check_sqlite_options,
        checks.check_channel_layer,
        checks.check_venue_urls,
        checks.check_venue_keys,
        checks.check_venue_feeds,
        checks.check_public_markets,
        checks.check_proxy,
        checks.check_allowed_hosts,
    ):
        assert check() == []


def test_deferred_transactions_are_an_error(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "OPTIONS", {})

    assert only(checks.check_sqlite_options()).id == "marketdash.E001"


@pytest.mark.parametrize("missing", ["socket_timeout", "socket_connect_timeout", "health_check_interval"])
def test_a_layer_that_may_wait_for_ever_is_an_error(settings: Any, missing: str) -> None:
    layers = copy.deepcopy(settings.CHANNEL_LAYERS)
    del layers["default"]["CONFIG"]["hosts"][0][missing]
    settings.CHANNEL_LAYERS = layers

    assert only(checks.check_channel_layer()).id == "marketdash.E002"


def test_a_misspelt_venue_is_an_error(settings: Any) -> None:
    settings.VENUE_URLS = {"VENUE_KRAKN_WS_URL": "ws://x", "VENUE_KRAKEN_REST_URL": "http://x"}

    assert "VENUE_KRAKN_WS_URL" in only(checks.check_venue_urls()).msg


@pytest.mark.parametrize("part", ["WS", "REST"])
def test_private_addresses_belong_to_their_venue(settings: Any, part: str) -> None:
    settings.VENUE_URLS = {f"VENUE_KRAKEN_PRIVATE_{part}_URL": "x"}
    assert checks.check_venue_urls() == []

    settings.VENUE_URLS = {f"VENUE_KRAKN_PRIVATE_{part}_URL": "x"}
    assert "VENUE_KRAKN_PRIVATE" in only(checks.check_venue_urls()).msg


def test_a_key_or_a_feed_for_a_venue_that_has_none_is_an_error(settings: Any) -> None:
    settings.VENUE_KEYS = {"KRAKEN": ("key", "secret"), "NOWHERE": ("key", "secret")}
    settings.VENUE_FEEDS = {"KRAKEN": "fast"}

    assert [found.id for found in checks.check_venue_keys()] == ["marketdash.E005"] * 2
    assert "expected none, found 'fast'" in only(checks.check_venue_feeds()).msg


@pytest.mark.parametrize(
    ("venue", "secret", "said"),
    [
        ("ALPACA", "", "expected a VENUE_ALPACA_SECRET beside it, found none"),
        ("PYTH", "secret", "expected no VENUE_PYTH_SECRET beside it, found one"),
        ("ALPACA", "secret", ""),
        ("PYTH", "", ""),
    ],
)
def test_a_key_has_a_secret_where_its_venue_gives_one(
    settings: Any, venue: str, secret: str, said: str
) -> None:
    settings.VENUE_KEYS = {venue: ("key", secret)}

    found = checks.check_venue_keys()

    assert (said in only(found).msg) if said else not found


def test_markets_for_everybody_are_a_warning(settings: Any) -> None:
    settings.PUBLIC_MARKETS, settings.BIND_HOST = True, "0.0.0.0"

    assert only(checks.check_public_markets()).id == "marketdash.W001"


def test_tls_that_nobody_ends_is_a_warning(settings: Any) -> None:
    settings.HTTPS, settings.CSRF_TRUSTED_ORIGINS = True, ["https://markets.example.org"]

    assert only(checks.check_proxy()).id == "marketdash.W002"
    settings.BEHIND_PROXY = True
    assert checks.check_proxy() == []


def test_every_host_name_is_an_error_when_deployed(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]

    assert only(checks.check_allowed_hosts()).id == "marketdash.E004"
