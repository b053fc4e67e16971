"""Whoever adds a bar interval learns here what is still missing: ``docs/add-an-interval.md``."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from feeds.codec import Subscription
from feeds.simulator import history as simulated
from feeds.symbols import INTERVALS, OHLC, in_words, interval_name
from feeds.venues import VENUES, codec
from marketdash.history import derive
from marketdash.live import asyncapi

DOCS = Path(__file__).parents[1] / "docs"
NOW_US = 1_786_309_548_642_080
_LISTED = ", ".join(map(str, INTERVALS))


def test_lengths_are_in_order_and_each_divides_a_day() -> None:
    assert list(INTERVALS) == sorted(set(INTERVALS))
    assert INTERVALS[0] == 1
    assert [each for each in INTERVALS if 1440 % each] == []


def test_names_are_short_and_differ() -> None:
    names = [interval_name(each) for each in INTERVALS]

    assert len(set(names)) == len(names)
    assert [interval_name(each) for each in (1, 30, 60, 240, 1440)] == ["1 m", "30 m", "1 h", "4 h", "1 d"]


@pytest.mark.parametrize("interval", INTERVALS[1:])
def test_each_can_be_made_of_a_shorter_one(interval: int) -> None:
    part = derive.shorter(interval)

    assert part is not None and interval % part == 0


@pytest.mark.parametrize("name", VENUES)
def test_a_venue_has_a_word_for_each_or_none(name: str) -> None:
    venue = codec(name)
    subscription = Subscription(OHLC, f"{name}:BTC/USD", "BTC/USD")
    asked = {each: venue.candles_request(subscription, each, NOW_US) for each in INTERVALS}

    if not any(asked.values()):
        assert 0 < venue.candles_kept <= 2, "then nothing of the past can be repaired, and is not tried"
        return
    days = asked[1440] is not None or getattr(venue, "zone", "UTC") != "UTC"  # whose days are not ours
    assert asked[1] is not None and days, "what history begins with and ends with"
    paths = [request.path for request in asked.values() if request is not None]
    assert len(set(paths)) == len(paths)
    assert venue.candles_request(subscription, 7, NOW_US) is None


def test_the_simulator_has_them_all() -> None:
    assert set(INTERVALS) <= set(simulated.INTERVALS)
    assert [pair for pair in pairwise(simulated.INTERVALS) if pair[1] % pair[0]] == []


@pytest.mark.parametrize("name", ["websocket.md", "rest.md", "add-an-interval.md"])
def test_documents_list_them(name: str) -> None:
    text = (DOCS / name).read_text(encoding="utf-8")

    assert _LISTED in text or in_words(INTERVALS).replace(" or ", " and ") in text


def test_the_schema_of_the_sockets_lists_them() -> None:
    assert asyncapi.text() == (DOCS / "asyncapi.json").read_text(encoding="utf-8"), "manage.py asyncapi"
