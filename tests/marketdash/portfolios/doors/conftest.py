from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.marketdash.portfolios.doors import story


@pytest.fixture(autouse=True)
def markets(database: str) -> Iterator[None]:
    """Those of the story."""
    story.listed()
    yield
    story.unlisted()
