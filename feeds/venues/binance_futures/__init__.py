"""Binance's futures: USDⓈ-M and COIN-M, two markets with one language."""
