"""What the scripts of a chain's page start from, as JSON. Pure."""

from __future__ import annotations

from typing import Any

from marketdash.instruments.catalogue import Listed
from marketdash.options.chains import Chain, Expiry
from marketdash.options.choices import Choice
from marketdash.options.lines import Rows


def first_paint(shown: list[Expiry], rows: Rows) -> list[dict[str, Any]]:
    """Values that the page came with, as the store is seeded with them."""
    return [
        {
            "symbol": name,
            "value": None,
            "ageUs": None,
            "beside": {
                "option": {
                    "value": {**row.body, "state": row.state, "reason": row.reason},
                    "ageUs": row.age_us,
                }
            },
        }
        for each in shown
        for name in (listed.symbol for listed in each.options)
        if (row := rows.get(name)) is not None
    ]


def model(chain: Chain, shown: list[Expiry], choice: Choice, zone_word: str) -> dict[str, Any]:
    """Every option of the expiries that are shown, two short lists a strike: thousands are few bytes each."""
    return {
        "venue": chain.venue,
        "title": chain.title,
        "inCoin": chain.in_coin,
        "magnitude": chain.magnitude,
        "zoneWord": zone_word,
        "choice": choice._asdict(),
        "expiries": [
            {
                "key": each.key,
                "day": each.day,
                "atUs": each.at_us,
                "strikes": [[row.price, _side(row.call), _side(row.put)] for row in each.strikes],
            }
            for each in shown
        ],
    }


def _side(listed: Listed | None) -> list[Any] | None:
    """``[symbol, slug, digits of its prices, why nothing comes of it]``."""
    return listed and [listed.symbol, listed.slug, listed.price_decimals, listed.gone]
