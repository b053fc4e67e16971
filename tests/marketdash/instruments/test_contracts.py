"""What a perpetual or a future is said to be and to stand at, on a first paint."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from marketdash.instruments import contracts
from marketdash.instruments.catalogue import BLANK, Listed
from marketdash.publish import Row

NOW_US = 1_795_000_000_000_000
DAY_US = 86_400_000_000
MARK = {"mark": "64012.35820000", "index": "64029.76152174", "open_interest": "81234.567"}


def listed(kind: str, days: float = 0, **changed: Any) -> Listed:
    expiry = datetime.fromtimestamp((NOW_US + days * DAY_US) / 1e6, UTC) if days else None
    whole = BLANK._replace(kind=kind, base="BTC", quote="USD", price_decimals=1, expiry=expiry)
    return whole._replace(**changed)


def stands(of: Listed, **rows: dict[str, Any]) -> contracts.Contract:
    told = {channel: Row("live", "", 1_500_000, body) for channel, body in rows.items()}
    return contracts.contract(of, told, ZoneInfo("UTC"), now_us=NOW_US)


def test_a_perpetual_has_mark_index_basis_and_funding() -> None:
    shown = stands(
        listed("perpetual", settle="USD"),
        mark={**MARK, "open_interest_unit": "base"},
        funding={"rate": "-0.00003112", "next": NOW_US - NOW_US % DAY_US + 16 * 3_600_000_000},
    ).shown

    assert (shown["mark"], shown["index"]) == ("64,012.358", "64,029.762")
    assert (shown["basis"], shown["basis_pct"]) == ("−17.403", "−0.027%")
    assert (shown["rate"], shown["payer"], shown["next"]) == ("−0.0031%", "shorts pay", "16:00")
    assert (shown["interest"], shown["interest_unit"]) == ("81,234.567", "BTC")
    assert shown["yearly"] == "–" and shown["left"] == ""


def test_funding_that_is_paid_all_the_time_has_no_next_time_and_that_is_said() -> None:
    told = {"funding": {"rate": "0.00001"}}
    shown = [stands(listed("perpetual", venue=venue), **told).shown for venue in ("DERIBIT", "BINANCE_USDM")]

    assert [(each["next_in"], each["next"]) for each in shown] == [("continuous", ""), ("", "")]


def test_a_future_has_a_yearly_basis_until_its_last_day() -> None:
    told = {"mark": "10100", "index": "10000"}
    of = [stands(listed("future", days), mark=told).shown for days in (73, 0.5)]

    assert [(each["yearly"], each["left"]) for each in of] == [("+5.000%", "in 73 days"), ("–", "in 12 h")]


@pytest.mark.parametrize("body", [{}, {"mark": "NaN", "index": "1E9"}, {"mark": "5", "index": "0"}])
def test_what_is_not_known_or_no_number_is_a_dash(body: dict[str, Any]) -> None:
    shown = stands(listed("future", 30), mark=body).shown

    assert shown["yearly"] == "–" and shown["basis_pct"] in ("", "–") and shown["interest"] == "–"
    assert stands(listed("perpetual")).ages == {"mark": "–", "funding": "–", "liquidation": "–"}


@pytest.mark.parametrize(
    ("of", "words", "unit", "turnover"),
    [
        (listed("perpetual", settle="USDT"), "Sizes are in BTC; paid in USDT.", "BTC", "1000"),
        (
            listed("perpetual", settle="USDT", contract_size="0.1"),
            "One contract is 0.1 BTC; paid in USDT.",
            "contracts",
            "100",
        ),
        (
            listed("future", 30, settle="BTC", contract_size="100", inverse=True),
            "One contract is 100 USD worth of BTC; paid in BTC: inverse.",
            "contracts",
            "5000",
        ),
        (
            listed("perpetual", settle="BTC", inverse=True),
            "Sizes are in USD, whatever the price; paid in BTC: inverse.",
            "USD",
            "50",
        ),
    ],
)
def test_a_size_is_said_in_words_and_counts_in_what_was_traded(
    of: Listed, words: str, unit: str, turnover: str
) -> None:
    assert (contracts.words(of), of.unit) == (words, unit)
    assert contracts.turnover(of, {"volume": "50", "last": "20"}) == Decimal(turnover)
