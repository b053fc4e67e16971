from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def fresh_limits() -> Iterator[None]:
    """What another test counted is none of this one's business."""
    cache.clear()
    yield
    cache.clear()
