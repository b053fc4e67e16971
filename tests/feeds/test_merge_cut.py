"""The law of the book's slot where the venue cuts its books and says nothing of what falls out of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.merge import BookSlot
from tests.feeds.making import NAME, delta, snapshot
from tests.feeds.test_merge import ASKS, BIDS, Reader, levels, run

# Nothing crosses, goes down or is fetched: those begin again, and what fell out is forgotten with the rest.
steps = st.one_of(
    st.builds(delta, levels(BIDS), levels(ASKS)),
    st.builds(delta, levels(BIDS), levels(ASKS)),
    st.builds(snapshot, levels(BIDS), levels(ASKS)),
    st.sampled_from(["take", "take", "key"]),
)


@pytest.mark.parametrize("sizes", [(1, 1), (3, 6), (1000, 1500)])
@given(st.lists(steps, max_size=40))
@settings(max_examples=200)
def test_rows_lead_to_the_keyframe(sizes, steps):
    run(Reader(BookSlot(NAME, *sizes), "book", depth=2), steps)


def test_a_level_that_fell_out_is_removed():
    reader = Reader(BookSlot(NAME), "book", depth=2)
    reader.feed(snapshot([("10", "1"), ("9", "1")], [("20", "1")]))
    reader.take()

    reader.feed(delta([("11", "1")]))

    assert reader.take()["bids"] == [["11", "1"], ["9", "0"]]
