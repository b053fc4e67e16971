"""What contracts have beside prices, from events to rows: last values merged, liquidations listed."""

from __future__ import annotations

import json

import pytest

from feeds.contract_slots import FundingSlot, MarkSlot
from feeds.events import BASE_UNITS, Ack, Funding, InstrumentStatus, Liquidation, Mark, OpenInterest
from feeds.log_slots import LiquidationSlot
from feeds.state import StateChange
from feeds.symbols import FUNDING, LIQUIDATION, MARK, derivatives_of, split_topic
from tests.feeds.making import NAME, T0_NS, T0_US, quote, stats
from tests.feeds.one_market import LINK, feed, recorded

ROW = {"ts_exchange": T0_US, "ts_received": T0_US}


def mark(price: str = "100.5", *, index: str = "100.1", settle: str = "", us: int = T0_US) -> Mark:
    return Mark(NAME, price, index, settle, us, T0_NS)


def funding(
    rate: str = "0.0001", *, next_us: int = T0_US + 60, interval_us: int = 0, us: int = T0_US
) -> Funding:
    return Funding(NAME, rate, next_us, interval_us, "", us, T0_NS)


def liquidation(price: str = "99.0", *, qty: str = "3", us: int = T0_US) -> Liquidation:
    return Liquidation(NAME, "sell", price, "99.2", qty, "1", us, T0_NS)


def contract():
    return recorded("ticker", *derivatives_of("perpetual"))


def state_of(made, channel: str) -> tuple[str, str]:
    return made.state.topic_state(channel, NAME)[:2]


def test_a_mark_price_is_merged_field_by_field_and_proves_its_topic():
    made = contract()
    assert state_of(made, MARK)[0] == "syncing"
    feed(made, mark(), mark("100.6", index="", settle="100.4"))
    assert made.state.mark(NAME) == {"mark": "100.6", "index": "100.1", "settle": "100.4", **ROW}
    assert state_of(made, MARK) == ("live", "")
    assert state_of(made, FUNDING)[0] == "syncing"


def test_an_open_interest_stands_in_the_marks_row_with_a_time_of_its_own():
    made = contract()
    feed(made, OpenInterest(NAME, "4000.5", BASE_UNITS, T0_US - 7, T0_NS))
    assert state_of(made, MARK)[0] == "syncing", "it may have come by REST: it proves no link"
    assert made.state.received_ns(MARK, NAME) == 0, "nor that a request for the mark was heard"
    feed(made, mark())
    assert made.state.mark(NAME) == {
        "mark": "100.5",
        "index": "100.1",
        **ROW,
        "open_interest": "4000.5",
        "open_interest_unit": "base",
        "ts_open_interest": T0_US - 7,
    }


def test_funding_keeps_what_the_next_frame_leaves_out():
    made = contract()
    feed(made, funding(interval_us=28_800_000_000), funding("-0.00000001"))
    row = made.state.funding(NAME)
    assert row == {"rate": "-0.00000001", "next": T0_US + 60, "interval": 28_800_000_000, **ROW}


@pytest.mark.parametrize("event", [mark("NaN"), mark("-1"), mark("0.00"), funding("1e-5"), funding("--1")])
def test_a_value_that_is_no_proper_number_is_not_shown(event):
    made = contract()
    feed(made, event)
    assert "mark" not in made.state.mark(NAME) and "rate" not in made.state.funding(NAME)
    assert made.state.counters["refused"] == 1


@pytest.mark.parametrize("make", [mark, funding])
def test_what_is_older_than_what_is_held_changes_nothing(make):
    made = contract()
    feed(made, make("2"), make("1", us=T0_US - 1))
    rows = {**made.state.mark(NAME), **made.state.funding(NAME)}
    assert "2" in rows.values() and "1" not in rows.values()
    assert made.state.counters["duplicates"] == 1


def test_the_time_of_a_payment_stays_until_it_has_come():
    """Where a venue tells it with the first frame alone, and again when it is another one."""
    made = contract()
    feed(made, funding(), funding("0.0002", next_us=0, us=T0_US + 59))
    row = made.state.funding(NAME)
    assert (row["rate"], row["next"]) == ("0.0002", T0_US + 60)
    feed(made, funding("0.0003", next_us=0, us=T0_US + 60))
    assert "next" not in made.state.funding(NAME)


def test_no_liquidations_are_a_true_list_once_the_venue_agreed():
    made = contract()
    feed(made, Ack(True, "", LIQUIDATION, NAME, 0))
    assert state_of(made, LIQUIDATION) == ("live", "")
    feed(made, liquidation(), liquidation(), liquidation("98.0"), liquidation(qty="0x1"))
    assert [each.price for each in made.state.liquidations(NAME)] == ["99.0", "98.0"]
    assert (made.state.counters["duplicates"], made.state.counters["refused"]) == (1, 1)


def test_a_lost_link_leaves_old_values_stale():
    made = contract()
    feed(made, mark(), funding(), liquidation())
    made.state.link_down(LINK, "cable")
    assert {state_of(made, name) for name in (MARK, FUNDING, LIQUIDATION)} == {("stale", "cable")}
    feed(made, Ack(True, "", MARK, NAME, 0))
    assert state_of(made, MARK)[0] == "syncing", "an agreement brings no price"
    feed(made, mark(us=T0_US + 1))
    assert state_of(made, MARK) == ("live", "")


def test_a_ticker_of_two_links_is_as_live_as_the_worse():
    made = recorded("ticker", "stats")
    feed(made, quote())
    assert state_of(made, "ticker")[0] == "syncing"
    feed(made, stats(last="100.0"))
    assert state_of(made, "ticker") == ("live", "")
    assert made.state.received_ns("ticker", NAME) == T0_NS
    made.state.watch([made.state._markets[NAME].topics.by_channel["stats"].subscription], "link.1")
    assert state_of(made, "ticker")[0] == "syncing"
    feed(made, stats(last="100.1"), link="link.1")
    made.state.link_down("link.1", "cable")
    assert state_of(made, "ticker") == ("stale", "cable")
    told = {event.channel for event in made.events if type(event) is StateChange}
    assert told == {"ticker"}, "the half has no readers"
    assert [each.topic for each in made.state.health()] == [f"ticker:{NAME}"]


# rows


def body(text: bytes | None) -> dict:
    return json.loads(text or b"{}")


def test_rows_of_values_say_what_changed():
    made = contract()
    feed(made, mark(), funding())
    slots = MarkSlot(NAME), FundingSlot(NAME)
    for slot in slots:
        whole = body(slot.keyframe(made.state))
        assert whole["state"] == "live" and slot.take(made.state) is None
    feed(made, mark("101.0", us=T0_US + 5), funding("0.0002", us=T0_US + 5))
    assert body(slots[0].take(made.state)) == {"mark": "101.0", "ts_exchange": T0_US + 5}
    assert body(slots[1].take(made.state)) == {"rate": "0.0002", "ts_exchange": T0_US + 5}
    made.state.link_down(LINK, "cable")
    assert body(slots[0].take(made.state)) == {"state": "stale", "reason": "cable"}


def test_rows_of_liquidations_carry_each_once():
    made = contract()
    slot = LiquidationSlot(NAME)
    feed(made, liquidation())
    whole = body(slot.keyframe(made.state))
    assert whole["liquidations"] == [
        {"side": "sell", "price": "99.0", "average": "99.2", "qty": "3", "filled": "1", "ts_exchange": T0_US}
    ]
    assert slot.take(made.state) is None
    for at in range(250):
        slot.put(liquidation(us=T0_US + at))
    row = body(slot.take(made.state))
    assert len(row["liquidations"]) == 200 and row["skipped"] == 50
    assert slot.take(made.state) is None


def test_names_of_topics():
    for channel in derivatives_of("perpetual"):
        assert split_topic(f"{channel}:{NAME}").channel == channel
    assert derivatives_of("future") == (MARK, LIQUIDATION) and derivatives_of("spot") == ()


def test_a_halt_is_over_with_the_link_that_told_it_and_a_delisting_is_not():
    """Binance's futures say once that a contract trades again: who was away then must not wait for ever."""
    made = recorded("ticker", "book")
    for status, after in (("halted", "stale"), ("delisted", "delisted")):
        feed(made, quote(), InstrumentStatus(NAME, status, "settling", T0_NS), link="link.1")
        assert state_of(made, "ticker") == (status, "settling")
        made.state.link_down("link.2", "cable")
        assert state_of(made, "ticker") == (status, "settling"), "another link said nothing of it"
        made.state.link_down("link.1", "cable")
        made.state.link_down(LINK, "cable")
        assert state_of(made, "ticker")[0] == after
    feed(made, quote())
    assert state_of(made, "ticker")[0] == "delisted"


def test_a_halt_goes_over_to_the_link_that_takes_over():
    made = recorded("ticker")
    feed(made, quote(), InstrumentStatus(NAME, "halted", "settling", T0_NS))
    made.state.splice(LINK, "link.1")
    made.state.link_down(LINK, "cable")
    assert state_of(made, "ticker") == ("halted", "settling")


def test_figures_of_a_day_prove_nothing_of_the_link_of_the_prices():
    """Else a lost request for the prices would never be asked again."""
    whole, halves = recorded("ticker"), recorded("ticker", "stats")
    for made in (whole, halves):
        feed(made, stats(last="100.0"))

    assert [made.state.received_ns("ticker", NAME) > 0 for made in (whole, halves)] == [True, False]
    assert halves.state.received_ns("stats", NAME) == T0_NS
