"""Candles of the API: what the feed holds, and before it what is stored."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from feeds.frames import bar_row
from marketdash import publish
from marketdash.history import actions
from marketdash.history.models import Bar
from tests.marketdash.api.test_answers import BTC, asked
from tests.marketdash.history.making import T0_US, bar

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE_US = 60_000_000


@pytest.fixture
async def stored(rows: dict[str, publish.Row]) -> Any:
    """Minutes 0 to 5 are stored, 4 to 7 live, the last one running."""
    await sync_to_async(actions.upsert)([bar(at, str(at + 1)) for at in range(6)])
    live = [bar_row(bar(at, str(at + 1))) for at in range(4, 8)]
    live[-1]["closed"] = False
    rows[f"ohlc.1:{BTC}"] = publish.Row("live", "", 5, {"bars": live})
    yield rows
    await Bar.objects.all().adelete()


def starts(row: dict[str, Any]) -> list[int]:
    return [(each["ts"] - T0_US) // MINUTE_US for each in row["bars"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [0, 1, 2, 3, 4, 5, 6, 7]),
        ("&limit=3", [5, 6, 7]),
        ("&limit=6", [2, 3, 4, 5, 6, 7]),
        (f"&before={T0_US + 5 * MINUTE_US}&limit=3", [2, 3, 4]),
        (f"&before={T0_US + 2 * MINUTE_US}", [0, 1]),
        (f"&before={T0_US}", []),
    ],
)
async def test_stored_bars_stand_before_those_of_the_feed_and_none_twice(
    async_client: AsyncClient, stored: Any, query: str, expected: list[int]
) -> None:
    (row,) = (await asked(async_client, f"candles?symbol={BTC}&interval=1{query}"))["data"]

    assert starts(row) == expected
    assert [each["close"] for each in row["bars"]] == [str(at + 1) for at in expected]
    assert all(each["closed"] == (at != 7) for each, at in zip(row["bars"], expected, strict=True))


async def test_without_a_feed_stored_bars_are_shown_and_the_state_says_so(
    async_client: AsyncClient, stored: Any
) -> None:
    del stored[f"ohlc.1:{BTC}"]

    (row,) = (await asked(async_client, f"candles?symbol={BTC}&interval=1&limit=2"))["data"]

    assert (starts(row), row["state"], row["reason"]) == ([4, 5], "syncing", "no data yet")
