"""The server's words for numbers of portfolios are those of the table that binds the browser's as well."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from marketdash.numerals import EXPLICIT
from marketdash.portfolios.accounting.exact import precisely, share
from marketdash.portfolios.words import shown

TABLE = json.loads((Path(__file__).parents[2] / "contract" / "texts" / "portfolio.json").read_text())


def test_styles() -> None:
    assert TABLE["styles"] == {name: EXPLICIT[name]._asdict() for name in TABLE["styles"]}


@pytest.mark.parametrize("row", TABLE["money"], ids=lambda row: f"{row['value']} {row['currency']}")
def test_money(row: dict[str, Any]) -> None:
    found = shown.money(Decimal(row["value"]), row["currency"], EXPLICIT[row["style"]], row["signed"])
    assert found._asdict() == row["cell"]
    assert shown.places(row["currency"]) == row["places"]


@pytest.mark.parametrize("row", TABLE["unit"], ids=lambda row: row["value"])
def test_unit(row: dict[str, Any]) -> None:
    assert shown.unit(Decimal(row["value"]), EXPLICIT[row["style"]])._asdict() == row["cell"]


@pytest.mark.parametrize("row", TABLE["per_cent"], ids=lambda row: f"{row['one']} of {row['other']}")
def test_per_cents(row: dict[str, Any]) -> None:
    with precisely():
        of, other = Decimal(row["one"]), Decimal(row["other"])
        percent = share(of, Decimal(100), other)
        weight = shown.weight(share(Decimal(1), of, other), EXPLICIT[row["style"]])
    assert shown.percent(percent, EXPLICIT[row["style"]])._asdict() == row["cell"]
    assert weight == row["weight"]
