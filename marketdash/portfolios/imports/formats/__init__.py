"""All formats that are known, each declared in a module of its own."""

from __future__ import annotations

from marketdash.portfolios.imports.declared import Format
from marketdash.portfolios.imports.formats import (
    binance_statement,
    binance_trades,
    bybit,
    coinbase,
    cointracking,
    deribit,
    ghostfolio,
    interactive_brokers,
    koinly,
    kraken,
    okx,
    rotki,
    trading212,
)

_MODULES = (
    *(kraken, binance_trades, binance_statement, coinbase, bybit, okx, deribit),
    *(ghostfolio, koinly, cointracking, rotki, interactive_brokers, trading212),
)
FORMATS: tuple[Format, ...] = tuple(each for module in _MODULES for each in module.FORMATS)
BY_NAME = {each.name: each for each in FORMATS}
OF_FILLS = {each.venue: each for each in FORMATS if each.fill is not None}
"""By venue, the format whose rows are its trades."""
