"""The golden frames mean to the reference store what they say; the browser's store is asked the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fakes.client_store import ClientStore

FILES = sorted(Path(__file__).parent.glob("*.json"))
SCENARIOS = [
    pytest.param(channel["channel"], scenario, id=f"{channel['channel']}: {scenario['name']}")
    for channel in (json.loads(file.read_text()) for file in FILES)
    for scenario in channel["scenarios"]
]


@pytest.mark.parametrize(("channel", "scenario"), SCENARIOS)
def test_a_store_follows_the_frames(channel, scenario):
    store = ClientStore(channel, scenario["before"])
    holes = [symbol for frame in scenario["frames"] for symbol in store.apply(frame)]

    assert store.contents() == scenario["after"]
    assert holes == scenario.get("holes", [])
