"""Whoever has no right to a portfolio finds nothing of it: every address, every verb, and the socket."""

from __future__ import annotations

import itertools
import json
import random
from types import SimpleNamespace
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.test import Client

from marketdash import access, publish
from marketdash.api import door
from marketdash.instruments.catalogue import catalogue
from marketdash.live import protocol
from marketdash.live.protocol import BadRequest
from marketdash.live.requests import Requests
from marketdash.live.turns import Turns
from tests.marketdash.portfolios import hostile
from tests.marketdash.portfolios.hostile import Target

pytestmark = pytest.mark.django_db(transaction=True)
OWN = {"portfolios/totals.<str:form>"}
"""Of whoever asks: it names nobody's portfolio."""
NOT_HERE = {401, 403, 404, 405, 422, 429}
"""403 is for a form without its token; who may look and not change is not among these people."""


@pytest.fixture
def database(db: None) -> str:
    """One is enough: who may see what is asked of both elsewhere."""
    return "sqlite"


@pytest.fixture
def target(alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> Target:
    monkeypatch.setattr(door.limiter, "count", lambda who: None)  # the door is tried, not its limit
    monkeypatch.setattr(door.sharing, "used", lambda who: None)
    monkeypatch.setattr(publish, "read", hostile.nothing_live)
    return hostile.prepared(alice, bob)


def test_the_marks_would_be_seen(target: Target, alice: User) -> None:
    """Else nothing here could fail: their owner, and who has the open link, see them."""
    own = hostile.client(alice).get(f"/portfolios/{target.portfolio.pk}/")
    linked = Client().get(f"/shared/{target.live}/")

    assert {hostile.NAME, hostile.VAULT, hostile.NOTE} <= set(hostile.gives_away(own, target))
    assert hostile.NAME in hostile.gives_away(linked, target)


@pytest.mark.parametrize("who", ["nobody", "bob", "charlie", "bot"])
@pytest.mark.parametrize("verb", ["get", "post"])
def test_every_address_tells_a_stranger_nothing(
    target: Target, alice: User, bob: User, charlie: User, who: str, verb: str
) -> None:
    browser, before = hostile.strangers(bob, charlie)[who], hostile.fingerprint(alice)
    theirs = [each for each in hostile.patterns() if "<" in each and each not in OWN]
    assert len(theirs) > 20 and {
        *("portfolios/<int:key>/", "api/v1/portfolios/<int:key>", "shared/<str:secret>/")
    } <= set(theirs)

    for pattern in hostile.patterns():
        answer = getattr(browser, verb)(hostile.address(pattern, target))
        assert hostile.gives_away(answer, target) == [], pattern
        if pattern in theirs:
            asks_in = answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")
            assert asks_in and who in ("nobody", "bot") or answer.status_code in NOT_HERE, pattern
    assert hostile.fingerprint(alice) == before


@pytest.mark.parametrize("who", ["nobody", "bob", "charlie", "bot"])
def test_some_hostile_attempts(target: Target, alice: User, bob: User, charlie: User, who: str) -> None:
    browser, before = hostile.strangers(bob, charlie)[who], hostile.fingerprint(alice)

    for attempt in itertools.islice(hostile.attempts(target, random.Random(who)), 60):
        answer = hostile.made_by(browser, attempt)
        assert answer.status_code < 500, attempt
        assert hostile.gives_away(answer, target) == [], attempt
    assert hostile.fingerprint(alice) == before


SUBSCRIBED = (
    {"channel": "portfolio", "id": 0},
    {"channel": "portfolio", "id": "0"},
    {"channel": "portfolio", "id": [0]},
    {"channel": "portfolio", "portfolio": 0},
    {"channel": "portfolio", "symbol": ["0"]},
    {"channel": "ticker", "symbol": ["portfolio:0"]},
    {"channel": "status", "symbol": ["0"], "id": 0},
)


@pytest.mark.parametrize("who", ["nobody", "bob", "charlie"])
def test_no_stranger_subscribes_to_it(target: Target, bob: User, charlie: User, who: str) -> None:
    """Whatever the request looks like; a refusal names nothing of it."""
    user = {"nobody": None, "bob": bob, "charlie": charlie}[who]
    key = target.portfolio.pk
    assert access.view_grant(user, key) is None and access.view_grant(user, key + 10**6) is None
    said: list[dict[str, Any]] = []

    async def say(payload: bytes) -> None:
        said.append(json.loads(payload))

    followed: list[Any] = []
    socket: Any = SimpleNamespace(
        **{"say": say, "topics": {}, "closing": None, "scopes": None, "details": False, "all_venues": False},
        **{"user_id": getattr(user, "pk", None), "grants": set(), "link": None, "identity": None},
    )
    viewers = SimpleNamespace()
    hub: Any = SimpleNamespace(follow=lambda *words: followed.append(words), viewers=viewers, turns=Turns())
    for params in SUBSCRIBED:
        text = json.dumps({"method": "subscribe", "params": params}).replace("0", str(key))
        try:
            async_to_sync(Requests(hub, socket, catalogue).answer)(protocol.parse(text))
        except BadRequest as bad:
            said.append({"success": False, "error": bad.error})

    assert not followed and not socket.grants and len(said) >= len(SUBSCRIBED)
    assert not any(reply.get("success") for reply in said)
    assert not any(mark in str(said) for mark in hostile.MARKS)
