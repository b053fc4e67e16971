"""When a link that looks alive is dead."""

from __future__ import annotations

from feeds.codec import Limits
from feeds.watchdog import Gaps, Watchdog

NS = 1_000_000_000
SLOW = Limits(idle_s=17, data_idle_s=14, beats_s=17)


def test_a_venue_with_a_heartbeat_is_dead_after_its_silence_whatever_else_arrives():
    dog = Watchdog(Limits(idle_s=5), Gaps(), 0)

    alive = dog.tick(4 * NS, frames=True, data=False, proven=True, halted=False)
    dead = dog.tick(6 * NS, frames=True, data=False, proven=True, halted=False)

    assert alive == ""
    assert dead == "nothing received for 6.0 s"


def test_before_it_confirmed_anything_any_frame_counts():
    dog = Watchdog(Limits(idle_s=5), Gaps(), 0)

    assert dog.tick(6 * NS, frames=True, data=False, proven=False, halted=False) == ""
    assert dog.tick(12 * NS, frames=False, data=False, proven=False, halted=False) != ""


def test_without_a_heartbeat_pongs_prove_the_link_and_data_the_feed():
    gaps = Gaps()
    for _ in range(1000):
        gaps.add(NS // 10)
    dog = Watchdog(Limits(idle_s=5, data_idle_s=15), gaps, 0)

    dog.tick(0, frames=True, data=True, proven=True, halted=False)
    seen = [dog.tick(at * NS, frames=True, data=False, proven=True, halted=False) for at in (6, 14, 16)]

    assert seen == ["", "", "no data for 16.0 s"]


def test_a_path_that_agrees_and_never_sends_is_named():
    dog = Watchdog(Limits(idle_s=20, data_idle_s=15), Gaps(), 0)

    said = dog.tick(16 * NS, frames=True, data=False, proven=True, halted=False)

    assert said == "no data for 16.0 s; agreed to and never sent: is this the right path?"


def test_quiet_markets_get_more_patience():
    gaps = Gaps()
    for _ in range(200):
        gaps.add(4 * NS)
    dog = Watchdog(Limits(idle_s=5, data_idle_s=15), gaps, 0)

    assert dog.patience_s() > 39
    assert dog.tick(30 * NS, frames=True, data=False, proven=True, halted=False) == ""


def test_a_slow_heartbeat_leaves_no_patience_and_pongs_prove_the_wire():
    gaps = Gaps()
    for _ in range(1000):
        gaps.add(15 * NS)
    dog = Watchdog(SLOW, gaps, 0)

    dog.tick(0, frames=True, data=True, proven=True, halted=False)
    seen = [dog.tick(at * NS, frames=True, data=False, proven=True, halted=False) for at in (8, 16, 18)]
    assert seen == ["", "", "no data for 18.0 s"]

    cut = Watchdog(SLOW, gaps, 0)
    assert cut.wants_ping(5 * NS)
    assert cut.tick(10 * NS, frames=False, data=False, proven=True, halted=False) != ""


def test_a_slow_heartbeat_is_not_waited_for_where_markets_are_known_to_be_busy():
    gaps = Gaps()
    dog = Watchdog(SLOW, gaps, 0)
    dog.tick(0, frames=True, data=True, proven=True, halted=False)
    assert dog.patience_s() == 17  # of the first gaps nobody knows how long they are

    for _ in range(1000):
        gaps.add(NS // 2)
    seen = [dog.tick(at * NS, frames=True, data=False, proven=True, halted=False) for at in (14, 15)]
    assert seen == ["", "no data for 15.0 s"]


def test_a_venue_in_maintenance_owes_no_data():
    dog = Watchdog(Limits(idle_s=5, data_idle_s=15), Gaps(), 0)

    assert dog.tick(60 * NS, frames=True, data=False, proven=True, halted=True) == ""


def test_a_pong_is_asked_for_only_where_silence_is_no_news():
    assert not Watchdog(Limits(idle_s=5), Gaps(), 0).wants_ping(4 * NS)
    assert Watchdog(Limits(idle_s=5, data_idle_s=15), Gaps(), 0).wants_ping(4 * NS)
