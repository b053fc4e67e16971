"""What a row says of a market whose hours are over."""

from __future__ import annotations

from feeds.events import VenueStatus
from feeds.merge import BookSlot, TickerSlot
from tests.feeds.making import NAME, quote, snapshot
from tests.feeds.test_merge import LINK, Reader

CLOSED = "closed, opens Mon 09:30 New York"


def test_a_closed_market_says_so_beside_its_state_and_takes_it_back():
    reader = Reader(TickerSlot(NAME), "ticker")
    reader.feed(quote("100.0", "100.1"))
    assert "phase" not in reader.take()

    reader.state.close(CLOSED)
    told = {"state": "halted", "reason": CLOSED, "phase": "closed"}
    assert reader.take() == told
    reader.state.apply(VenueStatus("F", "halted", "maintenance", 0), LINK)
    assert reader.take() == {"state": "halted", "reason": "maintenance", "phase": ""}

    reader.state.apply(VenueStatus("F", "online", "", 0), LINK)
    reader.state.close("")
    assert reader.take() == {"state": "live", "reason": "", "phase": ""}
    assert reader.keyframe()["phase"] == ""


def test_a_closed_book_has_no_levels_and_its_phase_goes_with_the_closing():
    reader = Reader(BookSlot(NAME), "book")
    reader.feed(snapshot([("100.0", "1")], [("101.0", "1")]))
    assert "phase" not in reader.take()

    reader.state.close(CLOSED)
    assert reader.take() == {"state": "halted", "reason": CLOSED, "phase": "closed"}

    reader.state.close("")
    assert "phase" not in reader.take() and reader.body == reader.keyframe()
