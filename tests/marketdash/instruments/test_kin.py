"""What stands beside an instrument; ``tests/js/kin.test.js`` reads the same cases."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from marketdash.instruments.kin import MAX_KIN, elsewhere
from marketdash.instruments.listed import BLANK, Listed

GOLDEN = json.loads((Path(__file__).parents[2] / "contract/kin/elsewhere.json").read_text())


def listed(symbol: str, told: dict[str, Any]) -> Listed:
    venue, _, native = symbol.partition(":")
    expiry_us = told.get("expiryUs")
    return BLANK._replace(
        symbol=symbol, venue=venue, native=native, kind=told["kind"], base=told["asset"], asset=told["asset"],
        quote=told["quote"], quote_asset=told["quote"],
        strike=told.get("strike", ""), right=told.get("right", ""),
        expiry=datetime.fromtimestamp(expiry_us // 1_000_000, UTC) if expiry_us else None,
    )  # fmt: skip


EVERY = {symbol: listed(symbol, told) for symbol, told in GOLDEN["every"].items()}


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: case["name"])
def test_the_same_asset_stands_beside_it(case: dict[str, Any]) -> None:
    found = elsewhere(EVERY[case["of"]], EVERY.values())

    assert [each.symbol for each in found] == case["elsewhere"]


def test_a_page_carries_no_more_than_it_can_show() -> None:
    many = [EVERY["KRAKEN:BTC/USD"]._replace(symbol=f"KRAKEN:{n}", native=str(n)) for n in range(100)]

    assert len(elsewhere(EVERY["BINANCE:BTCUSDT"], many)) == MAX_KIN
