"""Binance: spot, and its USDⓈ-M and COIN-M futures, three markets with one language."""
