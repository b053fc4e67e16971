"""Many who come at once are looked up at once; each is told of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from typing import Any

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketdash import access
from marketdash.access import Grant
from marketdash.accounts.sessions import SessionStore
from marketdash.live import reception, sessions
from marketdash.live.reception import Reception
from tests.fakes.waiting import wait_until
from tests.scoreboard import Score

STORM = 1000


class Counted:
    """Knows who has an even number; the first look-up waits until it is let go."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.go = threading.Event()

    def __call__(self, keys: Iterable[str]) -> dict[str, Any]:
        self.asked.append(list(keys))
        self.go.wait(20)
        return {key: (key, "user") for key in keys if int(key) % 2 == 0}


@pytest.mark.django_db
@pytest.mark.fault("F36", "1,000 browsers come back to the sign-in's look-up at once", goal="≤ 1 query each")
async def test_a_storm_is_two_look_ups(score: Score) -> None:
    counted = Counted()
    desk = Reception(counted)
    first = asyncio.create_task(desk.identify("0"))
    await wait_until(lambda: counted.asked)
    rest = [asyncio.create_task(desk.identify(str(n))) for n in range(1, STORM)]
    await asyncio.sleep(0)
    counted.go.set()
    found = [await first, *(await asyncio.gather(*rest))]

    assert found == [(str(n), "user") if n % 2 == 0 else None for n in range(STORM)]
    assert [len(keys) for keys in counted.asked] == [1, STORM - 1]
    score.runs = STORM
    score.note("look-ups of four queries at most", len(counted.asked), "")


@pytest.mark.django_db
async def test_a_database_that_is_away_is_told_to_each_and_asked_again() -> None:
    answers = [OSError("away"), {"1": ("1", "user")}]

    def look_up(keys: Iterable[str]) -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    desk = Reception(look_up)
    told = await asyncio.gather(*(desk.identify("1") for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in told] == [OSError] * 3
    assert await desk.identify("1") == ("1", "user")


@pytest.mark.django_db
async def test_who_may_look_is_asked_for_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[set[Grant]] = []

    def ended(grants: set[Grant]) -> set[Grant]:
        asked.append(grants)
        return {grant for grant in grants if grant.user_id % 2}

    monkeypatch.setattr(access, "ended_grants", ended)
    pairs = [{Grant(7, n), Grant(8, n)} for n in range(100)]
    found = await asyncio.gather(*map(reception.holding, pairs))

    assert found == [pair if n % 2 == 0 else set() for n, pair in enumerate(pairs)]
    assert len(asked) <= 2


@pytest.mark.django_db
async def test_one_that_leaves_takes_nobody_along() -> None:
    counted = Counted()
    desk = Reception(counted)
    leaves, stays = (asyncio.create_task(desk.identify("2")) for _ in range(2))
    await asyncio.sleep(0.01)
    leaves.cancel()
    counted.go.set()
    assert await stays == ("2", "user")


@pytest.mark.django_db
@pytest.mark.usefixtures("database")
def test_all_are_read_in_few_queries() -> None:
    users = [User.objects.create(username=f"one of many {n}", is_staff=n == 0) for n in range(60)]
    users[1].is_active = False
    users[1].save()
    keys = []
    for user in users:
        session = SessionStore()
        session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
        session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
        session.save()
        keys.append(session.session_key)

    with CaptureQueriesContext(
        connection,
    ) as captured:
        found = sessions.identify_all([*keys, "nobody's"])

    assert len(captured) == 2
    assert [found[key][1] for key in keys if key in found] == [users[0], *users[2:]]
    assert found[keys[0]][0].details and not found[keys[2]][0].details
