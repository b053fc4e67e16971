"""The page that compares both ways, on the server's side: what there is to choose, and for whom."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.test import AsyncClient

from marketdash import publish
from marketdash.instruments.catalogue import Catalogue
from marketdash.ops import comparing, views
from tests.marketdash.ops.test_status_page import LISTED

VOLUMES = {"KRAKEN:A/USD": "10", "KRAKEN:B/USD": "30", "KRAKEN:C/USD": "20", "KRAKEN:D/USD": "40"}


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    made = Catalogue(clock=lambda: 0.0)
    made._by_symbol = {name: LISTED._replace(symbol=name) for name in VOLUMES}
    made._read_at_s = 0.0
    for module in (comparing, views):
        monkeypatch.setattr(module, "catalogue", made)
    return made


@pytest.fixture
def feed(monkeypatch: pytest.MonkeyPatch) -> dict[str, publish.Row]:
    rows = {
        f"ticker:{name}": publish.Row("live", "", 0, {"last": "1", "volume": volume})
        for name, volume in VOLUMES.items()
    }

    async def answer(topics: Any, timeout_s: float) -> dict[str, publish.Row]:
        return {name: rows[name] for name in topics if name in rows}

    monkeypatch.setattr(publish, "read", answer)
    return rows


async def page() -> str:
    answer = await AsyncClient().get("/status/compare/")
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def chosen(text: str) -> list[str]:
    return [part.partition('"')[0] for part in text.split('<li data-symbol="')[1:]]


async def test_what_is_traded_most_is_chosen_at_first(listed, feed, settings) -> None:
    settings.PUBLIC_MARKETS = True
    text = await page()

    assert chosen(text) == ["KRAKEN:D/USD", "KRAKEN:B/USD", "KRAKEN:C/USD"]
    assert '["KRAKEN:A/USD", "KRAKEN:B/USD", "KRAKEN:C/USD", "KRAKEN:D/USD"]' in text


async def test_a_feed_without_a_word_leaves_the_choice_to_the_names(listed, feed, settings) -> None:
    settings.PUBLIC_MARKETS = True
    feed.clear()

    assert chosen(await page()) == ["KRAKEN:A/USD", "KRAKEN:B/USD", "KRAKEN:C/USD"]


async def test_nothing_followed_is_said(listed, feed, settings) -> None:
    settings.PUBLIC_MARKETS = True
    listed._by_symbol = {}
    text = await page()

    assert "there is nothing to compare" in text and "data-start" not in text


async def test_who_may_not_read_markets_is_asked_to_sign_in(listed, feed, settings) -> None:
    settings.PUBLIC_MARKETS = False
    answer = await AsyncClient().get("/status/compare/")
    assert answer.status_code == 302 and "login" in answer["Location"]
