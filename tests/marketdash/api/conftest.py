"""Two instruments of one venue, and last values that a test sets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest
from django.contrib.auth.models import User

from marketdash import publish
from marketdash.accounts import tokens
from marketdash.api import door
from marketdash.instruments.catalogue import catalogue
from marketdash.instruments.models import Instrument, Venue


@pytest.fixture
async def rows(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> AsyncIterator[dict[str, publish.Row]]:
    """What ``publish.read`` knows, by topic."""
    settings.PUBLIC_MARKETS = True
    kraken = await Venue.objects.acreate(name="KRAKEN", title="Kraken")
    for native in ("BTC/USD", "ETH/USD"):
        base, quote = native.split("/")
        await Instrument(
            venue=kraken, native=native, base=base, quote=quote, tick_size="0.1", enabled=True
        ).asave()
    known: dict[str, publish.Row] = {}

    async def read(topics: Iterable[str], timeout_s: float) -> dict[str, publish.Row]:
        assert timeout_s == 0.3
        return {topic: known[topic] for topic in topics if topic in known}

    monkeypatch.setattr(publish, "read", read)
    monkeypatch.setattr(door, "limiter", door.Limiter(clock=lambda: 0.0))
    monkeypatch.setattr(door.sharing, "used", lambda who: None)
    await catalogue.refresh()
    yield known
    await Instrument.objects.all().adelete()
    await catalogue.refresh()


@pytest.fixture
def bearer(transactional_db: None) -> Any:
    """A header for a new token of Alice's with these scopes."""
    alice = User.objects.create_user("alice", password="a long old password")

    def made(*scopes: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {tokens.make(alice, 'bot', scopes)[1]}"}

    return made
