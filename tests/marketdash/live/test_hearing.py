"""A writer that comes back is believed topic by topic, once what is shown of it was proven."""

from __future__ import annotations

import functools

import msgspec
import pytest

from marketdash.live import bus
from marketdash.live.hearing import PROVEN_WITHIN_US, Hearing
from marketdash.live.presence import Presence
from marketdash.live.topics import Topics

SHARDS = 1
GROUP, EPOCH, S = "t.00", "0001", 1_000_000
BTC, ETH = "ticker:KRAKEN:BTC/USD", "ticker:KRAKEN:ETH/USD"
PARTS = {"KRAKEN": list(range(12))}


@pytest.fixture
def topics() -> Topics:
    """Two that were brought by the first writer."""
    made = Topics()
    for name in (BTC, ETH):
        made.need(name, 0.0).apply(EPOCH, 0, 1, 0, msgspec.json.encode({"state": "live", "bid": "1"}))
    return made


@pytest.fixture
def presence() -> Presence:
    made = Presence()
    made.listen([GROUP], 0)
    return made


@pytest.fixture
def hearing(topics: Topics, presence: Presence) -> Hearing:
    """At 0 s everything was heard and proven."""
    made = Hearing(topics, presence, functools.partial(bus.group_of, shards=SHARDS))
    made.meet(EPOCH)
    made.heard(EPOCH, GROUP, PARTS, 0)
    for name in (BTC, ETH):
        made.proven(name)
    return made


def age_s(presence: Presence, at_s: float) -> float:
    return presence.ages(round(at_s * S))["KRAKEN"] / S


def test_a_venue_that_was_silent_stays_as_old_as_it_was_until_all_of_it_is_proven(hearing, presence):
    hearing.heard(EPOCH, GROUP, PARTS, 4 * S)
    assert age_s(presence, 4) == 4 and presence.silent("KRAKEN", 4 * S)

    hearing.proven(BTC)
    assert age_s(presence, 4.1) == pytest.approx(4.1)

    hearing.proven(ETH)
    assert age_s(presence, 4.2) == pytest.approx(0.2) and not hearing.waits


def test_a_heartbeat_in_time_proves_nothing_anew(hearing, presence):
    hearing.heard(EPOCH, GROUP, PARTS, 1 * S)

    assert not hearing.waits and age_s(presence, 1) == 0


def test_a_new_writer_has_to_bring_what_the_old_one_said(hearing, presence):
    hearing.heard(EPOCH, GROUP, PARTS, 1 * S)
    hearing.meet("0002")
    hearing.heard("0002", GROUP, PARTS, 2 * S)

    assert age_s(presence, 2) == 1 and hearing.waits


def test_nothing_is_held_for_ever(hearing, presence, topics):
    hearing.heard(EPOCH, GROUP, PARTS, 4 * S)
    del topics[ETH]
    hearing.tick(4 * S)
    assert hearing.waits  # BTC still is

    hearing.tick(4 * S + PROVEN_WITHIN_US + 1)
    assert not hearing.waits and age_s(presence, 4) == 0
