"""What every test may ask for. Async tests are plain ``async def test_…`` functions (anyio runs them)."""

from __future__ import annotations

import gc
import inspect
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import TransactionTestCase
from hypothesis import settings

from tests import databases, deadlines, servers, templates
from tests.scheduling import MOST_PROCESSES, Scheduling

pytest_plugins = ["tests.scoreboard"]

# Speed is measured elsewhere: a busy machine makes no property false.
settings.register_profile("marketdash", deadline=None)
settings.load_profile("marketdash")

# Django's own flushes all tables and makes all permissions anew, after each test that commits.
TransactionTestCase._fixture_teardown = lambda test: databases.emptied()

templates.begin()

CAPTURES = Path(os.environ.get("CAPTURES", Path(__file__).parents[2] / "shared" / "captures"))


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """For ``-n logical``: one more than there are cores, as many tests wait for processes and sockets."""
    return min(MOST_PROCESSES, (os.cpu_count() or 1) + 1)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    return Scheduling(config, log)


def pytest_collection_finish() -> None:
    """What is there by now stays: looking at it for garbage again and again is a tenth of many tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> None:
    """What pytest-timeout allows a test, an async one keeps by itself."""
    if inspect.iscoroutinefunction(pyfuncitem.obj) and not hasattr(pyfuncitem.obj, "hypothesis"):
        mark = pyfuncitem.get_closest_marker("timeout")
        allowed_s = mark.args[0] if mark else pyfuncitem.config.getini("timeout")
        pyfuncitem.obj = deadlines.bounded(pyfuncitem.obj, float(allowed_s))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def captures() -> Path:
    """The folder of recorded exchange traffic, kept beside the project and not part of it."""
    if not (CAPTURES / "golden.json").exists():
        pytest.skip(f"no recorded traffic in {CAPTURES}: set CAPTURES to the folder that holds golden.json")
    return CAPTURES


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real Redis on a unix socket, one for the whole run: use names that no other test uses."""
    with servers.redis() as url:
        yield url


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """In place of pytest-django's, which migrates in each process: the settings name the file already."""
    shutil.copyfile(templates.sqlite(), connections.settings["default"]["NAME"])
    yield
    with django_db_blocker.unblock():
        connections.close_all()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL cluster on a unix socket, one for the whole run, migrated."""
    with servers.postgres(copied=templates.postgres()) as url:
        yield url


@pytest.fixture(scope="session")
def postgres_settings(postgres_url: str) -> dict[str, object]:
    """A migrated PostgreSQL database, as Django's settings."""
    return databases.settings_of(postgres_url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, db: None) -> Iterator[str]:
    """Runs the test once on each database; with the mark ``django_db(transaction=True)`` it commits."""
    if request.param == "sqlite":
        yield request.param
        return
    mark = request.node.get_closest_marker("django_db")
    with databases.in_place_of_default(request.getfixturevalue("postgres_settings")):
        if mark and mark.kwargs.get("transaction"):
            yield request.param
            databases.emptied()
            return
        with databases.rolled_back():
            yield request.param
