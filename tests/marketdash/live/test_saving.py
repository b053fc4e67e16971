"""Whether anything is kept: by what the database answers, and by what workers say."""

from __future__ import annotations

import asyncio

import pytest

from marketdash.live import saving
from marketdash.live.saving import NO_ANSWER, SAID_FOR_US, Saving


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(saving, "ANSWER_S", 0.02)


class Database:
    """``answers`` holds it up while it is not set; ``problem`` is raised."""

    def __init__(self) -> None:
        self.answers, self.problem, self.asked = asyncio.Event(), None, 0
        self.answers.set()

    async def ask(self) -> None:
        self.asked += 1
        await self.answers.wait()
        if self.problem:
            raise self.problem


async def test_a_database_that_hangs_is_asked_once_and_said_not_to_answer():
    database = Database()
    looked = Saving(lambda: 0, database.ask)
    await looked.look()
    assert looked.problem == ""

    database.answers.clear()
    for _ in range(3):
        await looked.look()
    assert looked.problem == NO_ANSWER and database.asked == 2

    database.answers.set()
    await looked.look()
    assert looked.problem == ""


async def test_a_database_that_refuses_is_said_not_to_answer():
    database = Database()
    database.problem = OSError("refused")
    looked = Saving(lambda: 0, database.ask)
    await looked.look()
    assert looked.problem == NO_ANSWER

    database.problem = None
    await looked.look()
    assert looked.problem == ""


def test_what_a_worker_cannot_store_counts_while_it_says_so():
    now_us = SAID_FOR_US
    looked = Saving(lambda: now_us, _never)
    looked.told("a1", "the database takes nothing")
    looked.told("a2", "")  # another worker, which is well
    assert looked.problem == "the database takes nothing"

    now_us += SAID_FOR_US  # it was killed
    assert looked.problem == ""


def test_a_worker_that_stores_again_is_believed_at_once():
    looked = Saving(lambda: 0, _never)
    for writer in ("a1", "a2"):
        looked.told(writer, f"{writer} takes nothing")
    looked.told("a1", "")
    assert looked.problem == "a2 takes nothing"

    looked.told("a2", "")
    assert looked.problem == ""


async def _never() -> None:
    raise AssertionError("nobody asks")
