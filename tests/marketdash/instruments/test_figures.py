"""How each followed instrument does: the worst of its topics speaks, rates and losses are added up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from marketdash import publish
from marketdash.instruments import figures
from marketdash.instruments.catalogue import BLANK, Catalogue

BTC, ETH, GONE = "KRAKEN:BTC/USD", "KRAKEN:ETH/USD", "KRAKEN:LUNA/USD"


class Known(Catalogue):
    """Three that are followed, one of them delisted; no database."""

    def __init__(self) -> None:
        super().__init__()
        rows = {
            name: BLANK._replace(symbol=name, venue="KRAKEN", venue_title="Kraken")
            for name in (BTC, ETH, GONE)
        }
        rows[GONE] = rows[GONE]._replace(status="delisted")
        self._by_symbol = rows

    async def ensure(self) -> None:
        """It knows already."""


def topic(name: str, **said: Any) -> dict[str, Any]:
    whole = {
        "state": "live",
        "reason": "",
        "age_us": 100,
        "messages_per_s": 1.25,
        "gaps": 0,
        "last_error": "",
    }
    return {"topic": name, **whole, "since": 1, **said}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[str, publish.Row]:
    rows: dict[str, publish.Row] = {}

    async def read(topics: Iterable[str], timeout_s: float) -> dict[str, publish.Row]:
        return {name: rows[name] for name in topics if name in rows}

    monkeypatch.setattr(publish, "read", read)
    return rows


def row(*topics: dict[str, Any], state: str = "live", reason: str = "") -> publish.Row:
    return publish.Row(state, reason, 0, {"topics": list(topics)})


async def test_the_worst_speaks_and_the_rest_is_added_up(told: dict[str, publish.Row]) -> None:
    told["health:KRAKEN"] = row(
        topic(f"ticker:{BTC}", age_us=None),
        topic(f"trade:{BTC}", age_us=900, gaps=1, last_error="first", since=1),
        topic(f"book:{BTC}", state="syncing", reason="gaps book", gaps=2, last_error="then", since=2),
        topic(f"book:{ETH}", state="down", reason="refused: Currency pair not supported ETH/USD"),
    )

    found = await figures.read([BTC, ETH], Known())

    assert found[BTC] == {
        "state": "syncing",
        "reason": "book: gaps book",
        "age_us": 100,
        "messages_per_s": 3.8,
        "gaps": 3,
        "last_error": "then",
    }
    assert found[ETH]["reason"] == "book: refused: Currency pair not supported ETH/USD"


async def test_what_its_hours_closed_is_closed(told: dict[str, publish.Row]) -> None:
    words = "closed, opens Mon 09:30 New York"
    told["health:KRAKEN"] = row(
        topic(f"ticker:{BTC}", state="halted", reason=words, phase="closed"),
        topic(f"trade:{BTC}"),
        topic(f"ticker:{ETH}", state="halted", reason=words),
    )

    found = await figures.read([BTC, ETH], Known())

    assert (found[BTC]["state"], found[BTC]["reason"]) == ("closed", "ticker: opens Mon 09:30 New York")
    assert found[ETH]["state"] == "halted"


async def test_nothing_is_live_when_the_worker_is_silent(told: dict[str, publish.Row]) -> None:
    told["health:KRAKEN"] = row(topic(f"ticker:{BTC}"), state="stale", reason="no word from the feed")

    found = await figures.read([BTC], Known())

    assert (found[BTC]["state"], found[BTC]["reason"]) == ("stale", "ticker: no word from the feed")


async def test_what_is_off_unknown_or_delisted_says_so(told: dict[str, publish.Row]) -> None:
    found = await figures.read([BTC, GONE, "KRAKEN:OFF/USD"], Known())

    assert found["KRAKEN:OFF/USD"] == figures.OFF
    assert found[BTC] == figures.SILENT
    assert found[GONE]["state"] == "delisted"
