"""A test that never ends fails where it waits, and what is closed after it is closed."""

from __future__ import annotations

import asyncio

import pytest

from tests.deadlines import bounded


async def test_one_that_never_ends_is_ended_and_cleans_up() -> None:
    closed = []

    async def endless(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            closed.append(name)

    with pytest.raises(TimeoutError):
        await bounded(endless, 0.0)("site")

    assert closed == ["site"]


async def test_every_async_test_has_the_limit_of_the_project(request: pytest.FixtureRequest) -> None:
    assert hasattr(request.function, "__wrapped__") or hasattr(request.node.obj, "__wrapped__")
