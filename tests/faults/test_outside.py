"""Who looks at a site from outside sees what is there: errors that are not the database's, and queries."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import pytest

from tests.fakes import own_postgres
from tests.fakes.answering import Said, answering
from tests.fakes.visitor import AWAY, PAGES, Visitor
from tests.fakes.waiting import wait_until

AGAIN = {"Retry-After": "5"}
CLEAR = (Said(200), Said(302), Said(404), *(Said(503, AGAIN, each) for each in AWAY))
UNCLEAR = (Said(500, AGAIN, AWAY[0]), Said(502), Said(503), Said(503, {}, AWAY[0]), Said(503, AGAIN, "busy"))
ASKS = "import psycopg, sys; psycopg.connect(sys.argv[1]).execute('SELECT 1 AS ' + sys.argv[2])"


async def visited(said: Said) -> Visitor:
    """Every page once at least, each answered so."""
    async with answering(lambda path, headers: said) as port:
        visitor = Visitor(f"http://127.0.0.1:{port}", "a session")
        reading = asyncio.create_task(visitor.run())
        await wait_until(lambda: visitor.answered.total() >= len(PAGES))
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    return visitor


@pytest.mark.parametrize(
    "said", [Said(200), Said(302), Said(404), *(Said(503, AGAIN, each) for each in AWAY)]
)
async def test_what_a_visitor_may_be_answered(said: Said) -> None:
    visitor = await visited(said)

    assert visitor.unclear == [] and set(visitor.answered) == {said.status}


@pytest.mark.parametrize(
    "said",
    [Said(500, AGAIN, AWAY[0]), Said(502), Said(503), Said(503, {}, AWAY[0]), Said(503, AGAIN, "busy")],
)
async def test_any_other_error_is_unclear(said: Said) -> None:
    visitor = await visited(said)

    assert len(visitor.unclear) == visitor.answered[said.status]


def test_statements_are_counted_by_who_asked() -> None:
    with own_postgres.running(settings=own_postgres.LOGGED) as postgres:
        for name in ("serve", "ingest"):
            variables = {**os.environ, **own_postgres.named()}
            subprocess.run([sys.executable, "-c", ASKS, postgres.url, name], env=variables, check=True)

        asked = postgres.asked("serve")

    assert [each for each in asked if "SELECT" in each] == ["SELECT 1 AS serve"]
