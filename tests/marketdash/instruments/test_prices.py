"""What stands as the price of a market, at first paint; ``tests/js/price.test.js`` reads the same cases."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from marketdash.instruments import lines
from marketdash.instruments.listed import BLANK
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
