"""What every test may ask for. Async tests are plain ``async def test_…`` functions (anyio runs them)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import settings

from tests import databases, servers
from tests import live_site as site

# Speed is measured elsewhere: a busy machine makes no property false.
settings.register_profile("marketdash", deadline=None)
settings.load_profile("marketdash")

CAPTURES = Path(os.environ.get("CAPTURES", Path(__file__).parents[2] / "shared" / "captures"))


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
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL cluster on a unix socket, one for the whole run."""
    with servers.postgres() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_settings(postgres_url: str, django_db_setup: None, django_db_blocker: Any) -> dict[str, object]:
    """A migrated PostgreSQL database, as Django's settings."""
    settings = databases.settings_of(postgres_url)
    with django_db_blocker.unblock(), databases.in_place_of_default(settings):
        call_command("migrate", verbosity=0, interactive=False)
    return settings


@pytest.fixture(scope="session")
def live_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a whole Marketdash on the simulator, one for the run; without a slash at the end.

    Sign in as ``tests.live_site.ADMINISTRATOR`` with ``tests.live_site.PASSWORD``.
    """
    with site.running(tmp_path_factory.mktemp("live_site")) as running:
        yield running.url


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
            call_command("flush", verbosity=0, interactive=False)
            return
        with databases.rolled_back():
            yield request.param
