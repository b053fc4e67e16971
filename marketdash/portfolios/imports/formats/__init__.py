"""All formats that are known, each declared in a module of its own."""

from __future__ import annotations

from marketdash.portfolios.imports.declared import Format
from marketdash.portfolios.imports.formats import (
    binance_statement,
    binance_trades,
    coinbase,
    kraken,
)

FORMATS: tuple[Format, ...] = (
    *kraken.FORMATS,
    *binance_trades.FORMATS,
    *binance_statement.FORMATS,
    *coinbase.FORMATS,
)
BY_NAME = {each.name: each for each in FORMATS}
