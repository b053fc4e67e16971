"""A market against an index of the same pair; ``tests/js/oracle.test.js`` reads the same cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from marketdash.instruments import display
from marketdash.instruments.catalogue import BLANK, Listed
from marketdash.instruments.contracts import premium, share
from marketdash.instruments.lines import Line, line
from marketdash.instruments.oracles import bps, compares, middle, multiple, oracles, published_us, words
from marketdash.publish import Row

GOLDEN = json.loads((Path(__file__).parents[2] / "contract/oracles/deviations.json").read_text())
S = 1_000_000
AT = 1_766_000_000 * S
INDEX = {"last": "64010.00000000", "confidence": "25.60000000", "ts_exchange": AT, "ts_received": AT + 2 * S}


def listed(kind: str, base: str, quote: str, venue: str = "KRAKEN") -> Listed:
    return BLANK._replace(
        symbol=f"{venue}:{base}/{quote}", venue=venue, venue_title=venue.capitalize(), kind=kind, base=base,
        quote=quote, asset=base, quote_asset=quote, price_decimals=1,
    )  # fmt: skip


def held(it: Listed, body: dict[str, Any], state: str = "live", age_us: int = 0) -> Line:
    return line(it, Row(state, "", age_us, body))


MARKET = held(listed("spot", "BTC", "USD"), {"bid": "64012.1", "ask": "64012.2"})
ORACLE = listed("index", "BTC", "USD", "PYTH")


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: case["name"])
def test_the_figures_are_these(case: dict[str, Any]) -> None:
    mid = middle(case)
    off = premium(None if mid is None else f"{mid:f}", case["last"])
    found = {
        "mid": (mid, None),
        "off": (off, None),
        "share": (share(off, case["last"]), 3),
        "times": (multiple(off, case["confidence"]), 1),
        "bps": (bps(case["confidence"], case["last"]), 2),
    }

    for name, (number, decimals) in found.items():
        expected = display.decimal(case[name])
        if number is None or expected is None:
            assert number is None and expected is None, name
        elif decimals is None:
            assert number == expected, name
        else:
            assert display.fixed(number, decimals) == display.fixed(expected, decimals), name


@pytest.mark.parametrize("case", GOLDEN["words"], ids=lambda case: "/".join(case["listed"]))
def test_another_currency_is_not_compared_and_that_is_said(case: dict[str, Any]) -> None:
    here, others = listed(*case["listed"]), [listed(*each, "X") for each in case["others"]]

    assert sum(compares(here, each) for each in others) == case["compared"]
    assert words(here, others) == case["words"]


def test_a_row_says_how_far_the_market_is_off_and_how_old_the_index_is() -> None:
    found = oracles(MARKET, [held(ORACLE, INDEX, age_us=3 * S)])

    [row] = found.rows
    assert (found.mid, found.words) == ("64,012.15", "")
    assert row.shown == {
        "price": "64,010.000", "confidence": "25.600", "off": "+0.003%", "times": "+0.1 ×", "bps": "4.00",
        "age": "5 s",
    }  # fmt: skip
    assert row.titles == {"price": "64010.00000000", "confidence": "25.60000000"}


@pytest.mark.parametrize("state", ["stale", "halted", "down", "syncing"])
def test_what_is_not_live_is_not_compared(state: str) -> None:
    still = oracles(MARKET, [held(ORACLE, INDEX, state, 90 * S)])
    nobody = oracles(held(MARKET.listed, dict(MARKET.body), state), [held(ORACLE, INDEX)])

    for found in (still, nobody):
        assert (found.rows[0].shown["off"], found.rows[0].shown["times"]) == ("–", "–")
    assert still.rows[0].line.state == state and still.rows[0].shown["age"] == "92 s"
    assert nobody.mid == "–"


def test_an_age_counts_from_the_publication() -> None:
    assert published_us(INDEX, 3 * S) == 5 * S
    assert published_us({**INDEX, "ts_received": AT - S}, 3 * S) == 3 * S, "clocks are apart: never younger"
    assert published_us(INDEX, None) is published_us({}, 5) is None
