"""Binance spot: market data over one combined stream, books spliced with a snapshot by REST."""
