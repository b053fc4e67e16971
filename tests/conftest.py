"""What every test may ask for. Async tests are plain ``async def test_…`` functions (anyio runs them)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

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
