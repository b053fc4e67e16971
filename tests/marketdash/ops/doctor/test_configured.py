"""Settings that can be read and are not meant so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from marketdash.ops.doctor.findings import FAIL, OK, WARN
from tests.marketdash.ops.doctor.making import KEY, ORIGIN, looked, only, site

OPEN = {"BIND_HOST": "0.0.0.0"}
PROXY = {
    "BEHIND_PROXY": True,
    "HTTPS": True,
    "PUBLIC_MARKETS": False,
    "ALLOWED_HOSTS": ["markets.example.org"],
}
KNOWN = {"known": ["KRAKEN", "BINANCE"]}


@pytest.mark.parametrize(
    ("check", "settings", "verdict", "said"),
    [
        ("secret key", {"SECRET_KEY": "short"}, FAIL, "5 characters"),
        ("secret key", {"SECRET_KEY": "a" * 60}, FAIL, "1 different"),
        ("secret key", {"SECRET_KEY": "django-insecure-" + KEY}, FAIL, "the text of an example"),
        ("debug", {"DEBUG": True}, WARN, "on"),
        ("debug", {"DEBUG": True, **OPEN}, FAIL, "where others can reach it"),
        ("debug", {"DEBUG": True, **PROXY}, FAIL, "where others can reach it"),
        ("allowed hosts", {"ALLOWED_HOSTS": ["*"]}, FAIL, "every name"),
        ("allowed hosts", {"ALLOWED_HOSTS": [ORIGIN]}, FAIL, ORIGIN),
        ("allowed hosts", {"ALLOWED_HOSTS": ["localhost:8000"]}, FAIL, "localhost:8000"),
        ("allowed hosts", {"CSRF_TRUSTED_ORIGINS": [ORIGIN]}, FAIL, "localhost"),
        ("allowed hosts", {**PROXY, "ALLOWED_HOSTS": ["localhost", "web"]}, FAIL, "localhost, web"),
        ("tls", {"CSRF_TRUSTED_ORIGINS": [ORIGIN], "HTTPS": True}, FAIL, "no proxy"),
        ("tls", {"ALLOWED_HOSTS": ["localhost", "192.168.1.5", "web"], "HTTPS": True}, FAIL, "192.168.1.5"),
        ("tls", {**PROXY, "CSRF_TRUSTED_ORIGINS": [ORIGIN], "HTTPS": False}, WARN, "without TLS"),
        ("public markets", OPEN, WARN, "without signing in"),
        ("public markets", {**PROXY, "PUBLIC_MARKETS": True}, WARN, "without signing in"),
        ("venue addresses", {"VENUE_URLS": {"VENUE_KRAKN_WS_URL": "wss://x"}, **KNOWN}, FAIL, "KRAKN"),
        ("venue addresses", {"VENUE_URLS": {"VENUE_KRAKEN_WS_URL": "wss://x/?a=b"}, **KNOWN}, FAIL, "a=b"),
        ("venue addresses", {"VENUE_URLS": {"VENUE_KRAKEN_WS_URL": "wss://x/v2"}, **KNOWN}, WARN, "x/v2"),
    ],
)  # fmt: skip
async def test_a_mistake_is_found(tmp_path: Path, check: str, settings: Any, verdict: str, said: str):
    found = (await looked(site(tmp_path, **settings), check))[0]

    assert (found.verdict, found.name) == (verdict, check)
    assert said in found.found
    assert found.expected and found.todo


@pytest.mark.parametrize(
    ("check", "settings"),
    [
        ("secret key", {}),
        ("debug", {}),
        ("allowed hosts", {}),
        ("allowed hosts", {**PROXY, "CSRF_TRUSTED_ORIGINS": [ORIGIN]}),
        ("allowed hosts", {"ALLOWED_HOSTS": ["[::1]", ".example.org"]}),
        ("tls", {}),
        ("tls", {"ALLOWED_HOSTS": ["localhost", "127.0.0.1", "web"], "HTTPS": True}),
        ("tls", {**PROXY, "CSRF_TRUSTED_ORIGINS": [ORIGIN]}),
        ("public markets", {}),
        ("public markets", PROXY),
        ("venue addresses", {"VENUE_URLS": {"VENUE_KRAKEN_WS_URL": "ws://127.0.0.1:1/kraken"}, **KNOWN}),
    ],
)
async def test_what_is_right_is_well(tmp_path: Path, check: str, settings: Any):
    assert (await only(site(tmp_path, **settings), check)).verdict == OK


async def test_an_origin_given_to_the_command_counts_too(tmp_path: Path):
    found = await only(site(tmp_path, origins=[ORIGIN]), "allowed hosts")

    assert f"markets.example.org of {ORIGIN} among them" in found.expected


async def test_an_empty_file_of_the_key_is_no_key(tmp_path: Path):
    (tmp_path / "secret_key").write_text(KEY)

    found = await only(site(tmp_path, variables={"SECRET_KEY_FILE": "/secrets/key"}), "secret key")

    assert (found.verdict, "SECRET_KEY_FILE is given and empty" in found.found) == (FAIL, True)
