"""Bitfinex: spot markets, and perpetuals that are settled in dollars of Tether."""
