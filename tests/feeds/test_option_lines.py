"""Options, from events to rows: a line of a chain is everything that is known of one."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from feeds.contract_slots import OptionSlot
from feeds.events import BASE_UNITS, Mark, OpenInterest, OptionQuote
from feeds.symbols import CHANNELS, MARK, OPTION, TICKER, channels_of, derivatives_of
from tests.feeds.making import NAME, T0_NS, T0_US, quote, stats
from tests.feeds.one_market import LINK, feed, recorded

TOLD = OptionQuote(
    instrument=NAME,
    bid_iv="60.74",
    ask_iv="0.0",
    mark_iv="67.35",
    delta="-0.65844",
    gamma="0.00121",
    vega="1.64811",
    theta="-4.39257",
    rho="-0.62316",
    underlying="SYN.ETH-30APR21",
    underlying_price="2413.31",
    rate="0.0",
    exchange_us=T0_US,
    received_ns=T0_NS,
)
GREEKS = {
    "bid_iv": "60.74",
    "ask_iv": "0.0",
    "mark_iv": "67.35",
    "delta": "-0.65844",
    "gamma": "0.00121",
    "vega": "1.64811",
    "theta": "-4.39257",
    "rho": "-0.62316",
    "underlying": "SYN.ETH-30APR21",
    "underlying_price": "2413.31",
    "rate": "0.0",
    "ts_exchange": T0_US,
    "ts_received": T0_US,
}


def option():
    return recorded(*channels_of("option"))


def mark(price: str = "0.0875") -> Mark:
    return Mark(NAME, price, "2365.25", "", T0_US, T0_NS)


def state_of(made, channel: str = OPTION) -> str:
    return made.state.topic_state(channel, NAME).state


def test_a_line_has_prices_mark_interest_volatilities_and_greeks():
    made = option()
    interest = OpenInterest(NAME, "1047.0", BASE_UNITS, T0_US - 9, T0_NS)
    feed(made, quote("0.083", "0.0885"), stats(last="0.085", volume="12"), mark(), interest, TOLD)
    row = made.state.option(NAME)
    prices = {key: row.pop(key) for key in ("bid", "ask", "last", "volume", "mark", "index")}
    assert prices == {
        **{"bid": "0.083", "ask": "0.0885", "last": "0.085"},
        **{"volume": "12", "mark": "0.0875", "index": "2365.25"},
    }
    assert (row.pop("open_interest"), row.pop("open_interest_unit")) == ("1047.0", "base")
    assert {"bid_qty", "ask_qty"} == row.keys() - GREEKS.keys()
    assert {key: row[key] for key in GREEKS} == GREEKS


def test_what_a_frame_leaves_out_stays_and_a_zero_is_told():
    made = option()
    rest = dict.fromkeys(("ask_iv", "mark_iv", "gamma", "vega", "theta", "rho", "underlying", "rate"), "")
    feed(made, TOLD, replace(TOLD, bid_iv="0.0", delta="-0.7", **rest))
    assert made.state.option(NAME) == {**GREEKS, "bid_iv": "0.0", "delta": "-0.7"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"mark_iv": "-67.35"},
        {"mark_iv": "NaN"},
        {"gamma": "1.0e-5"},
        {"delta": "--1"},
        {"underlying": "<b>"},
        {"underlying_price": "0"},
    ],
)
def test_a_value_that_is_no_proper_number_is_not_shown(wrong):
    made = option()
    feed(made, replace(TOLD, **wrong))
    assert not wrong.keys() & made.state.option(NAME).keys()
    assert made.state.counters["refused"] == 1


def test_a_mark_of_nothing_is_an_options_alone():
    made = option()
    feed(made, mark(), mark("0.0000"))
    assert made.state.option(NAME)["mark"] == made.state.mark(NAME)["mark"] == "0.0000"
    perpetual = recorded(TICKER, *derivatives_of("perpetual"))
    feed(perpetual, mark(), mark("0.0000"))
    assert perpetual.state.mark(NAME)["mark"] == "0.0875"


def test_what_is_older_than_what_is_held_changes_nothing():
    made = option()
    feed(made, TOLD, replace(TOLD, mark_iv="1", exchange_us=T0_US - 1))
    assert made.state.option(NAME) == GREEKS
    assert made.state.counters["duplicates"] == 1


def test_a_line_is_as_live_as_the_worst_of_what_is_in_it():
    made = option()
    feed(made, TOLD)
    assert state_of(made) == "syncing", "there is no price yet"
    feed(made, quote())
    assert state_of(made) == "syncing", "there is no mark yet"
    feed(made, mark())
    assert state_of(made) == "live"
    made.state.link_down(LINK, "cable")
    assert {state_of(made, channel) for channel in (TICKER, MARK, OPTION)} == {"stale"}
    feed(made, TOLD, mark())
    assert state_of(made) == "stale", "the prices are still old"


def test_rows_say_what_changed_wherever_it_came_from():
    made = option()
    feed(made, TOLD, quote("0.083", "0.0885"), mark())
    slot = OptionSlot(NAME)
    whole = json.loads(slot.keyframe(made.state))
    assert (whole["state"], whole["bid"], whole["mark_iv"]) == ("live", "0.083", "67.35")
    assert slot.take(made.state) is None
    feed(made, quote("0.0835", "0.0885"), mark("0.088"))
    assert json.loads(slot.take(made.state) or b"{}") == {"bid": "0.0835", "mark": "0.088"}


def test_an_index_has_a_ticker_alone():
    assert channels_of("index") == (TICKER,)
    assert channels_of("option") == (*CHANNELS, MARK, OPTION)
