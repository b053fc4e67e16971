"""A hundred thousand hostile attempts on what is Alice's, half of them on each database: nothing of it is
told, nothing of it changes."""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache

from marketdash import publish
from marketdash.api import door
from tests.marketdash.portfolios import hostile
from tests.marketdash.portfolios.conftest import alice, assets, bob, charlie  # noqa: F401 (fixtures)
from tests.scoreboard import Score

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(3 * 3600),
    pytest.mark.django_db(transaction=True),
]
ATTEMPTS, EACH = 100_000, 1_000


@pytest.mark.fault(
    "F43",
    "Strangers ask every address of a portfolio by random verbs, bodies, tokens and links, {database}",
    goal="0 marks of hers in any answer, nothing changed, nothing answered 5xx",
)
def test_charlie_sees_nothing(
    database: str,
    alice: User,  # noqa: F811
    bob: User,  # noqa: F811
    charlie: User,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    score: Score,
) -> None:
    """By four who ask in turn."""
    monkeypatch.setattr(door.limiter, "count", lambda who: None)
    monkeypatch.setattr(door.sharing, "used", lambda who: None)
    monkeypatch.setattr(publish, "read", hostile.nothing_live)
    target = hostile.prepared(alice, bob)
    people, before = list(hostile.strangers(bob, charlie).values()), hostile.fingerprint(alice)
    answers: Counter[int] = Counter()
    begun_s = time.monotonic()

    count = score.times(full=ATTEMPTS // 2)
    made = itertools.islice(hostile.attempts(target, random.Random(score.seed)), count)
    for number, attempt in enumerate(made):
        answer = hostile.made_by(people[number % len(people)], attempt)
        answers[answer.status_code] += 1
        assert answer.status_code < 500, attempt
        assert hostile.gives_away(answer, target) == [], attempt
        if number % EACH == 0:
            assert hostile.fingerprint(alice) == before, number
            cache.clear()  # an address that asked too often is asked with again

    assert hostile.fingerprint(alice) == before
    score.runs = answers.total()
    score.note("attempts a second", answers.total() / (time.monotonic() - begun_s), "")
    for status, times in sorted(answers.items()):
        score.note(f"answered {status}:", times, "")
