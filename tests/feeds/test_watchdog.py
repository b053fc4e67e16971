"""When a link that looks alive is dead."""

from __future__ import annotations

import pytest

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


def grown(dog: Watchdog, sizes: list[int], step_s: float = 0.25) -> list[tuple[float, str, bool]]:
    """When, what was said, and whether it was late, as so much of a message is here at each tick."""
    told = []
    for at, size in enumerate(sizes, 1):
        now_ns = round(at * step_s * NS)
        said = dog.tick(now_ns, frames=False, data=False, proven=True, halted=False, under_way=size)
        told.append((at * step_s, said, bool(dog.late)))
        if said:
            break
    return told


@pytest.mark.parametrize("limits", [Limits(idle_s=5), Limits(idle_s=15, data_idle_s=14)])
def test_a_message_under_way_makes_a_link_late_and_not_dead(limits: Limits):
    dog = Watchdog(limits, Gaps(), 0)
    patience_s = limits.data_idle_s or limits.idle_s

    told = grown(dog, [200_000 * at for at in range(1, 120)])

    assert [said for _, said, _ in told if said] == []
    assert [at for at, _, late in told if late][0] == patience_s + 0.25
    dog.tick(30 * NS, frames=True, data=True, proven=True, halted=False, under_way=0)
    assert dog.late == ""
    assert dog.patience_s() == limits.data_idle_s  # the long wait was no market's silence


def test_a_drip_does_not_keep_a_link():
    told = grown(Watchdog(Limits(idle_s=5), Gaps(), 0), [100 * at for at in range(1, 400)])

    assert told[-1][:2] == (5.25, "nothing received for 5.2 s")


def test_a_message_that_stops_to_grow_keeps_a_link_no_longer():
    told = grown(Watchdog(Limits(idle_s=5), Gaps(), 0), [10_000 * min(at, 40) for at in range(1, 400)])

    assert told[-1][:2] == (15.25, "nothing received for 15.2 s")


@pytest.mark.parametrize("proven", [True, False])
def test_a_message_without_an_end_does_not_keep_a_link_for_ever(proven: bool):
    dog = Watchdog(Limits(idle_s=5), Gaps(), 0)
    ticks = range(1, 400)

    said = [
        dog.tick(at * NS // 4, frames=False, data=False, proven=proven, halted=False, under_way=at * 10_000)
        for at in ticks
    ]

    assert 60 < next(at / 4 for at, words in zip(ticks, said, strict=True) if words) < 66


def test_each_message_has_its_own_time():
    dog = Watchdog(Limits(idle_s=5), Gaps(), 0)

    for whole in range(1, 6):  # five, of half a minute each
        for at in range(1, 121):
            now_ns, size = (whole * 120 + at) * NS // 4, at * 10_000
            assert (
                dog.tick(now_ns, frames=at == 1, data=at == 1, proven=True, halted=False, under_way=size)
                == ""
            )


BUSY = Limits(idle_s=15, data_idle_s=14)


class Links:
    """One link after another, as a session has them. All it hears are pongs, but for data each so often."""

    def __init__(self, limits: Limits = BUSY) -> None:
        self._limits, self._gaps, self._tick = limits, Gaps(), 0

    def noticed_s(self, data_s: float, every_s: float = 0.25) -> float:
        """A new link brings data for so long; after which silence it is dead. 0: none, in a minute."""
        every, first = round(every_s * 4), self._tick
        dog = Watchdog(self._limits, self._gaps, first * NS // 4)
        for at in range(round((data_s + 61) * 4)):
            self._tick += 1
            data = at < data_s * 4 and at % every == 0
            if dog.tick(self._tick * NS // 4, frames=True, data=data, proven=True, halted=False):
                return (self._tick * NS // 4 - dog.data_ns) / NS
        return 0.0


@pytest.mark.parametrize("spoke_s", [3, 8, 20, 40])
def test_a_second_silence_soon_after_a_first_is_noticed_as_soon(spoke_s: float):
    links = Links()

    assert links.noticed_s(spoke_s) == 14.25
    assert links.noticed_s(0) == 14.25  # the exchange still says nothing
    assert links.noticed_s(spoke_s) == 14.25


def test_silences_of_a_busy_market_make_nobody_patient():
    links = Links()

    assert [links.noticed_s(30) for _ in range(20)] == [14.25] * 20


def test_a_market_that_is_quiet_on_each_link_is_left_in_peace():
    links = Links()

    silences = [links.noticed_s(1) for _ in range(3)]

    assert silences == [14.25, 33.0, 0.0]


def test_so_is_one_whose_links_bring_much_at_first():
    links = Links()

    silences = [links.noticed_s(3) for _ in range(6)]

    assert silences[:2] == [14.25, 14.25]
    assert max(silences) > 30


def test_a_link_that_never_brings_anything_is_waited_for_ever_longer():
    links = Links()

    assert [links.noticed_s(0) for _ in range(3)] == [14.25, 28.75, 57.75]
    assert links.noticed_s(2) == 14.25
