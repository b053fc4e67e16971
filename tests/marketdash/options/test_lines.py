"""What a line of a chain says: the venue's figures, ours, and the difference."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from marketdash import publish
from marketdash.numerals import Style
from marketdash.options.chains import chains
from marketdash.options.estimates import FIGURES, estimate
from marketdash.options.lines import CALL_CELLS, PUT_CELLS, Scale, lines, shown_side, told
from tests.marketdash.options.making import option, row

LISTED = option("70000")
VENUE, OURS, DIFFERENCE = (Scale(4, show) for show in ("venue", "ours", "difference"))


def test_the_venues_figures_are_its_own_digits_rounded() -> None:
    side = shown_side(LISTED, row(), VENUE)

    assert side.shown == {
        "bid": "0.0415",
        "ask": "0.0425",
        "mark": "0.04199",
        "bid_qty": "12.5",
        "ask_qty": "1.23 K",
        "volume": "153",
        "interest": "4.02 K",
        "bid_iv": "64.1",
        "ask_iv": "65.5",
        "mark_iv": "64.8",
        "delta": "0.381",
        "gamma": "0.000030",
        "vega": "70.18",
        "theta": "−75.80",
        "rho": "18.71",
    }
    assert side.titles["mark"] == "0.041993" and side.titles["theta"] == "-75.80216"
    assert (side.state_words, side.name) == ("", "Call 70,000, 27 Dec 2030")


def test_ours_are_worked_out_from_the_prices_of_the_row() -> None:
    found = estimate(LISTED, row().body)

    assert found.reasons == {}
    assert found.numbers["bid_iv"] < found.numbers["mark_iv"] < found.numbers["ask_iv"]
    assert shown_side(LISTED, row(), OURS).shown["mark_iv"] == f"{found.numbers['mark_iv']:.1f}"
    difference = shown_side(LISTED, row(), DIFFERENCE).shown
    assert difference["mark_iv"].lstrip("+−") == f"{abs(found.numbers['mark_iv'] - 64.8):.2f}"


@pytest.mark.parametrize(
    ("changed", "name", "reason"),
    [
        ({"bid": ""}, "bid_iv", "there is no price"),
        ({"underlying_price": ""}, "mark_iv", "there is no price of the underlying"),
        ({"mark": "0.0000001"}, "delta", "of the mark: it would be below 0.1%"),
        ({"ask": "2.5"}, "ask_iv", "the price is above what it can ever be worth"),
        ({"ts_exchange": 0, "ts_received": 0}, "gamma", "nothing was told yet"),
        ({"ts_exchange": 1_955_000_000_000_000}, "mark_iv", "it has expired"),
    ],
)
def test_where_there_is_none_of_ours_it_says_why(changed: dict, name: str, reason: str) -> None:
    side = shown_side(option("64013"), row(**changed), OURS)

    assert side.shown[name] == "–" and side.titles[name] == reason


def test_a_price_in_money_is_not_multiplied() -> None:
    linear = option("70000", quote="USDC", settle="USDC")
    in_money = row(bid="2656.5", ask="2720.5", mark="2688.07")

    assert estimate(linear, in_money.body).numbers["mark_iv"] == pytest.approx(
        estimate(LISTED, row(mark="0.0419930").body).numbers["mark_iv"], abs=0.01
    )


def test_a_volatility_of_nothing_is_not_zero() -> None:
    assert told("bid_iv", {"bid_iv": "0.0"}) is None and told("delta", {"delta": "0.0"}) == 0
    assert shown_side(LISTED, row(bid_iv="0.0"), VENUE).shown["bid_iv"] == "–"
    assert shown_side(LISTED, row(mark_iv="0"), DIFFERENCE).shown["mark_iv"] == "–"


def test_what_is_not_live_says_so_and_what_expired_is_gone() -> None:
    assert shown_side(LISTED, row("stale", "no data for 5 s"), VENUE).state_words == "Stale"
    expired = shown_side(LISTED._replace(status="delisted"), row()._replace(state="syncing", body={}), VENUE)
    assert (expired.row.state, expired.row.reason) == ("delisted", "it expired on 27 Dec 2030")


def test_lines_know_the_money() -> None:
    listed = [option(strike, right) for strike in ("60000", "64000", "65000") for right in ("call", "put")]
    (chain,) = chains(listed).values()
    rows = {listed[0].symbol: row(underlying_price="1", ts_exchange=5), listed[3].symbol: row()}

    found = lines(chain.expiries[0], rows, VENUE)

    assert [(each.shown, each.inside, each.at_money) for each in found] == [
        ("60,000", "call", False),
        ("64,000", "call", True),
        ("65,000", "put", False),
    ]
    assert found[2].call is not None and found[2].call.row.state == "syncing"
    assert [each.inside for each in lines(chain.expiries[0], {}, VENUE)] == ["", "", ""]


def test_digits_follow_the_size_of_the_underlying_and_the_readers_style() -> None:
    assert [Scale(each).decimals("gamma") for each in (4, 3, 2, -1)] == [6, 5, 4, 1]
    assert [Scale(each).decimals("vega") for each in (4, 3, 2, -1)] == [2, 3, 4, 7]
    assert shown_side(LISTED, row(), Scale(4, style=Style(",", "."))).shown["theta"] == "−75,80"


def test_the_bid_is_left_of_the_ask_on_both_sides() -> None:
    assert sorted(CALL_CELLS) == sorted(PUT_CELLS)
    for cells in (CALL_CELLS, PUT_CELLS):
        assert cells.index("bid") < cells.index("ask")
    assert CALL_CELLS[0] == PUT_CELLS[-1] == "state"


def test_the_shared_figures_are_written_so() -> None:
    """``tests/js/chain.test.js`` reads the same file."""
    cases = json.loads((Path(__file__).parents[2] / "contract/options/lines.json").read_text())["cases"]
    assert len(cases) > 20
    for case in cases:
        terms = case["option"]
        paid = {"settle": "BTC"} if terms["inCoin"] else {"quote": "USDC", "settle": "USDC"}
        expiry = datetime.fromtimestamp(terms["expiryUs"] / 1e6, UTC)
        listed = option(terms["strike"], terms["right"], expiry, **paid)
        told_row = publish.Row("live", "", 0, case["value"])

        side = shown_side(listed, told_row, Scale(case["magnitude"], case["show"]))

        assert {name: side.shown[name] for name in FIGURES} == case["figures"], case["name"]
        if case["show"] != "venue":
            assert estimate(listed, case["value"]).reasons == case["reasons"], case["name"]
