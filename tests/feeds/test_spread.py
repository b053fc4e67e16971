"""How instruments are laid out over links that hold only so many."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from feeds.clock import SystemClock
from feeds.spread import spread
from feeds.venuefeed import VenueFeed
from tests.fakes.venue_codec import FakeCodec, subscription

LOADS = st.dictionaries(st.text(min_size=1, max_size=8), st.integers(1, 10), max_size=200)


@given(loads=LOADS, capacity=st.integers(10, 100))
def test_every_instrument_is_on_one_link_and_no_link_is_too_full(loads, capacity):
    links = spread(loads, capacity)

    assert sorted(name for names in links.values() for name in names) == sorted(loads)
    assert all(0 < sum(loads[name] for name in names) <= capacity for names in links.values())


@given(loads=LOADS, more=st.text(min_size=9, max_size=12))
def test_one_instrument_more_moves_others_off_one_link_at_most(loads, more):
    before = {name: link for link, names in spread(loads, 30).items() for name in names}
    after = {name: link for link, names in spread(loads | {more: 1}, 30).items() for name in names}

    assert len({link for name, link in before.items() if after[name] != link}) <= 1


def test_what_is_too_much_for_any_link_has_one_of_its_own():
    links = spread({"large": 50, "small": 1}, 10)

    assert sorted(links.values()) == [["large"], ["small"]]


class Counting(FakeCodec):
    """Ten instruments a link; ``looked`` is over how many subscriptions it was asked to lay out in all."""

    looked = 0

    def links(self, subscriptions):
        wanted = list(subscriptions)
        self.looked += len(wanted)
        return super().links(wanted)


async def test_hundreds_at_once_are_laid_out_once_and_one_more_goes_where_there_is_room():
    codec = Counting(per_link=10)
    feed = VenueFeed(codec, [], SystemClock())
    wanted = [subscription("trade", f"S{at}/USD") for at in range(405)]

    feed.desire(wanted)

    assert codec.looked == len(wanted)
    assert sorted(len(session.wanted) for session in feed.sessions.values()) == [5, *[10] * 40]
    feed.desire([*wanted, subscription("trade", "NEW/USD")])
    assert sorted(len(session.wanted) for session in feed.sessions.values()) == [6, *[10] * 40]
    await feed.rest.close()
