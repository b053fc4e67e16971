"""A database that takes nothing is told apart from one that was asked wrongly: by a real PostgreSQL."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import Error as DatabaseProblem
from django.db import InterfaceError, InternalError, OperationalError, connection, transaction

from marketdash.database_away import is_away
from tests import databases
from tests.fakes import read_only


@pytest.fixture
def postgres(db: None, postgres_settings: dict[str, object]) -> Iterator[None]:
    with databases.in_place_of_default(postgres_settings), databases.rolled_back():
        yield


@contextlib.contextmanager
def met() -> Iterator[list[BaseException]]:
    found: list[BaseException] = []
    try:
        with transaction.atomic():
            yield found
    except DatabaseProblem as problem:
        found.append(problem)


def test_one_that_is_read_only_is_away_to_who_writes(postgres: None) -> None:
    with met() as found:
        connection.cursor().execute("SET LOCAL transaction_read_only = on")
        assert User.objects.count() == 0
        User.objects.create_user("ann")

    assert [type(each.__cause__) for each in found] == [type(read_only.refusal().__cause__)]
    assert is_away(found[0]) and is_away(read_only.refusal())


@pytest.mark.parametrize(
    "wrong",
    ["SELECT * FROM nothing", "SELECT 1/0", "INSERT INTO auth_user (id) VALUES (1)"],
)
def test_what_was_asked_wrong_is_no_outage(postgres: None, wrong: str) -> None:
    with met() as found:
        connection.cursor().execute(wrong)

    assert [is_away(each) for each in found] == [False]


def test_another_error_that_is_called_internal_is_none(postgres: None) -> None:
    with met() as found:
        with contextlib.suppress(DatabaseProblem):
            connection.cursor().execute("SELECT 1/0")
        connection.cursor().execute("SELECT 1")

    assert [type(each) for each in found] == [InternalError] and not is_away(found[0])


def test_no_answer_is_one() -> None:
    assert is_away(OperationalError("connection refused")) and is_away(InterfaceError("closed"))
    assert not is_away(None) and not is_away(ValueError("ours"))
