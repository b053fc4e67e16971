"""Kraken's derivatives: perpetuals and futures, settled in dollars or in their coin."""
