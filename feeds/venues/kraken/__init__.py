"""Kraken spot: crypto, fiat pairs (the first forex) and tokenised stocks, by its WebSocket API v2."""
