"""What stands as the price of a market, at first paint; ``tests/js/price.test.js`` reads the same cases."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string

from marketdash.instruments import lines
from marketdash.instruments.listed import BLANK
from marketdash.numerals import EXPLICIT
from marketdash.publish import LastClose

CASES = json.loads((Path(__file__).parents[2] / "contract/prices/middles.json").read_text())
TRADED = BLANK._replace(symbol="KRAKEN:EUR/USD", venue="KRAKEN", base="EUR", quote="USD", price_decimals=5)
DEALT = TRADED._replace(symbol="OANDA:EUR_USD", venue="OANDA")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_what_stands_as_a_price(case: dict[str, Any]) -> None:
    listed = DEALT if case["middle"] else TRADED
    body = {name: case[name] for name in ("bid", "ask", "last") if name in case}

    found = lines.price_of(listed, body)

    assert listed.is_middle == case["middle"]
    assert (found and Decimal(found)) == (case["price"] and Decimal(case["price"]))
    assert lines.line(listed, ("live", "", 0, body)).shown["last"] == case["shown"]


def test_a_dealers_stored_close_is_shown_as_old() -> None:
    line = lines.remembered(DEALT, LastClose("1.08452", 0), 60_000_000)

    assert (line.state, line.shown["last"], line.shown["age"]) == ("stale", "1.084520", "60 s")


def test_a_dealers_rate_orders_what_is_priced_in_that_currency() -> None:
    found = [lines.line(DEALT, ("live", "", 0, {"bid": "1.1", "ask": "1.3"}))]

    assert lines.dollars(found)["EUR"] == Decimal("1.2")


@pytest.mark.parametrize(
    ("style", "strike"), [("comma-point", "80,000.5"), ("point-comma", "80.000,5"), ("plain", "80000.5")]
)
def test_a_strike_is_written_as_its_person_writes_numbers_and_its_name_stays(style: str, strike: str) -> None:
    expiry = datetime(2026, 12, 26, 8, tzinfo=UTC)
    option = BLANK._replace(symbol="DERIBIT:BTC-26DEC26-80000d5-C", kind="option", base="BTC", quote="BTC")
    option = option._replace(strike="80000.5", right="call", expiry=expiry)

    found = lines.line(option, None, EXPLICIT[style])

    assert found.shown["short"] == f"26 Dec 26 {strike} C"
    assert found.shown["kind"] == f"Call {strike}, 26 Dec 2026"
    (page,) = lines.embedded([found])
    assert (page["contract"]["short"], page["contract"]["strike"]) == (found.shown["short"], "80000.5")
    assert page["symbol"] == option.symbol


@pytest.mark.parametrize(("body", "shown"), [({}, False), ({"bid": "1.1", "ask": "1.3"}, True)])
@pytest.mark.parametrize("template", ["instruments/market_row.html", "panels/figures.html"])
def test_what_is_no_price_is_not_called_a_middle(template: str, body: dict[str, str], shown: bool) -> None:
    line = lines.line(DEALT, ("live", "", 0, body))
    context = {"line": line, "listed": DEALT, "shown": line.shown, "user": AnonymousUser()}

    [mid] = re.findall(r'<[ip] class="mid"[^>]*>', render_to_string(template, context))

    assert ("hidden" not in mid) == shown
