"""Guessing a password: ten tries in a quarter of an hour for an account, whatever stands in the headers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed
from django.test import Client

from tests.scoreboard import Score

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("database"),
    pytest.mark.timeout(3600),  # for the full count
]
SECRET, SPAN_S = "a long old password", 15 * 60
ADDRESSES = ["X-Forwarded-For", "X-Real-IP", "Client-IP", "Forwarded", "CF-Connecting-IP", "True-Client-IP"]
HOSTS = ["Host", "X-Forwarded-Host", "X-Host", "Forwarded"]
"""Host is believed where ALLOWED_HOSTS has the name; its port is whatever was sent."""

SPELT = ("kiss", "KISS", "Kiss", " kiss ", "\u212aiss", "ki\u017fs", "k\u0131ss", "\uff4b\uff49\uff53\uff53")
"""The same account for a database that folds letters, or none."""


@pytest.fixture
def tries() -> Iterator[list[str]]:
    """Names of which a password was looked at, and was wrong."""
    made: list[str] = []

    def failed(credentials: dict[str, Any], **rest: Any) -> None:
        made.append(credentials.get("username", ""))

    user_login_failed.connect(failed)
    yield made
    user_login_failed.disconnect(failed)


def headers(chance: random.Random) -> dict[str, str]:
    said = {name: f"203.0.113.{chance.randrange(256)}" for name in chance.sample(ADDRESSES, 3)}
    name = chance.choice(HOSTS)
    said[name] = f"{chance.choice(('localhost', '127.0.0.1', '[::1]'))}:{chance.randrange(1, 65536)}"
    return said


@pytest.mark.fault(
    "F52",
    "a password is guessed from many addresses, headers forged, names spelt anyhow, {proxies}, {database}",
    goal="at most 10 tries in 15 min for an account",
)
@pytest.mark.parametrize("proxies", ["no proxy", "behind a proxy"])
def test_ten_tries_in_a_quarter_of_an_hour(
    tries: list[str], score: Score, settings: Any, proxies: str, database: str
) -> None:
    settings.TRUSTED_PROXIES = int(proxies == "behind a proxy")
    User.objects.create_user("kiss", password=SECRET)
    chance, count = random.Random(score.seed), score.times(5_000, few=60)
    with time_machine.travel(1_800_000_000.0, tick=False) as clock:
        for number in range(count):
            address = f"198.51.{chance.randrange(256)}.{chance.randrange(256)}"
            fields = {"login": chance.choice(SPELT), "password": f"guess {number}"}
            Client().post("/accounts/login/", fields, REMOTE_ADDR=address, headers=headers(chance))
            clock.shift(SPAN_S * 0.999 / count)
        looked_at = [name for name in tries if User.objects.filter(username__iexact=name).exists()]
        assert 5 <= len(looked_at) <= 10, looked_at
        assert Client().post("/accounts/login/", {"login": "kiss", "password": SECRET}).status_code == 200

        clock.shift(SPAN_S)
        assert Client().post("/accounts/login/", {"login": "kiss", "password": SECRET}).status_code == 302
    score.runs = count
    score.note("attempts", count, "")
    score.note("of them looked at", len(looked_at), "")


def test_whoever_has_a_session_guesses_no_faster(tries: list[str]) -> None:
    """The old password is asked for a new one, and again before what is delicate."""
    User.objects.create_user("kiss", password=SECRET)
    client = Client()
    new = {"password1": "another fine phrase", "password2": "another fine phrase"}
    with time_machine.travel(1_800_000_000.0, tick=False) as clock:
        client.post("/accounts/login/", {"login": "kiss", "password": SECRET})
        wrong = 0
        for number in range(40):
            answer = client.post("/accounts/password/", {"oldpassword": f"guess {number}", **new})
            wrong += "type your current password" in answer.content.decode()
            clock.shift(20)
    assert wrong <= 10
