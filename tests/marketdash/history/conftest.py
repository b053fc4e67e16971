"""Backfills of these tests run in the test's own thread."""

from __future__ import annotations

import pytest


@pytest.fixture
def same_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything in this thread, inside the test's own transaction."""
    monkeypatch.setattr("marketdash.history.repairs.on_own_connection", lambda work: work())
