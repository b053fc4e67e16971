"""Ready or not: each thing is named, nothing hangs, nothing of an error but its kind is told."""

from __future__ import annotations

import asyncio
import json

import pytest
from django.test import AsyncClient

from marketdash.ops import readiness as module
from marketdash.ops import views
from marketdash.ops.readiness import Check, Readiness


async def fine() -> str:
    return ""


async def broken() -> str:
    raise ConnectionError("10.0.0.7 refused")


async def test_a_check_says_what_it_found():
    assert (await Check("a", fine).outcome(1))[:2] == (True, "")
    assert (await Check("a", broken).outcome(1))[:2] == (False, "failed: ConnectionError")


async def test_a_check_that_hangs_has_a_deadline_and_is_not_started_twice():
    started, gate = [], asyncio.Event()

    async def hangs() -> str:
        started.append(1)
        await gate.wait()
        return ""

    check = Check("a", hangs)
    for _ in range(3):
        outcome = await check.outcome(0.01)
        assert (outcome.ok, outcome.problem) == (False, "no answer within 0.01 s")
    assert len(started) == 1

    gate.set()
    assert (await check.outcome(1)).ok


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> Readiness:
    made = Readiness()
    made.checks = [Check("database", fine), Check("redis", fine)]
    monkeypatch.setattr(views, "readiness", made)
    return made


async def test_the_answer_names_each_check(checks: Readiness):
    answer = await AsyncClient().get("/readyz")
    assert answer.status_code == 200
    body = json.loads(answer.content)
    assert body["ready"] and body["checks"]["redis"]["status"] == "ok"

    checks.checks[1] = Check("redis", broken)
    answer = await AsyncClient().get("/readyz")
    assert answer.status_code == 503
    body = json.loads(answer.content)
    assert not body["ready"] and "10.0.0.7" not in answer.content.decode()
    assert body["checks"]["redis"]["problem"] == "failed: ConnectionError"
    assert body["checks"]["database"]["took_ms"] >= 0


def test_migrations_that_were_not_applied_are_counted(database: str, monkeypatch: pytest.MonkeyPatch):
    assert module._unapplied() == 0
    module._select()

    monkeypatch.setattr(module.MigrationExecutor, "migration_plan", lambda self, nodes: [1, 2])
    assert module._unapplied() == 2


async def test_a_redis_that_is_not_there_is_not_ready(settings):
    settings.REDIS_HOSTS = [{"address": "redis://127.0.0.1:1/0", **settings.REDIS_OPTIONS}]
    outcome = await Check("redis", module._redis).outcome(5)
    assert not outcome.ok and "127.0.0.1" not in outcome.problem


async def test_a_feed_is_ready_when_its_worker_is_heard(monkeypatch: pytest.MonkeyPatch):
    from marketdash import publish
    from tests.marketdash.ops.test_status_page import ROWS

    class One:
        async def ensure(self) -> None: ...

        def all(self) -> list:
            return [type("Listed", (), {"venue": "KRAKEN"})]

    rows: dict = {}

    async def read(topics, timeout_s):
        return {name: rows[name] for name in topics if name in rows}

    monkeypatch.setattr(module, "catalogue", One())
    monkeypatch.setattr(publish, "read", read)
    assert await module._feeds() == "no word from the feed of KRAKEN"
    rows["status:KRAKEN"] = ROWS["status:KRAKEN"]  # down at the venue, and heard of
    assert await module._feeds() == ""
    rows["status:KRAKEN"] = publish.Row("stale", "no word from the feed", 9, {})
    assert await module._feeds() == "no word from the feed of KRAKEN"
