"""A venue that tells an account of its own, as far as pages ask about it."""

from __future__ import annotations

from feeds.codec import KeyAdvice


class Codec:
    venue, title = "KRAKEN", "Kraken"
    advice = KeyAdvice("API key", "Private key", "Query orders", "Create orders", "Settings, API")
