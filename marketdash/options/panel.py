"""One option on its own page: the venue's figures, ours beside them, and what it is. Pure.

``static/js/widgets/option.js`` writes the same after the first paint.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from marketdash.instruments import contracts, display
from marketdash.instruments.catalogue import Listed
from marketdash.numerals import ENGLISH, Style
from marketdash.options.estimates import FIGURES
from marketdash.options.lines import NOTHING, Scale, shown_side
from marketdash.publish import Row


class OptionPanel(NamedTuple):
    """``venue``, ``ours`` and ``difference`` by figure, as people read them; ``reasons`` why one of ours is
    missing. ``state`` and ``age`` are those of the volatilities."""

    words: str
    venue: Mapping[str, str]
    ours: Mapping[str, str]
    difference: Mapping[str, str]
    reasons: Mapping[str, str]
    underlying: str
    forward: str
    left: str
    expiry: str
    state: str
    age: str


def option_panel(
    listed: Listed, row: Row | None, zone: ZoneInfo, style: Style = ENGLISH, now_us: int = 0
) -> OptionPanel:
    """``row`` of its topic, None where nothing is known."""
    row = row or NOTHING
    magnitude = Decimal(listed.strike).adjusted() if listed.strike else 4
    scales = {show: Scale(magnitude, show, style) for show in ("venue", "ours", "difference")}
    sides = {show: shown_side(listed, row, scale) for show, scale in scales.items()}
    forward = display.decimal(row.body.get("underlying_price"))
    return OptionPanel(
        contracts.words(listed, style),
        sides["venue"].shown,
        {name: sides["ours"].shown[name] for name in FIGURES},
        {name: sides["difference"].shown[name] for name in FIGURES},
        {name: sides["ours"].titles.get(name, "") for name in FIGURES},
        str(row.body.get("underlying", "")),
        display.fixed(forward, scales["venue"].decimals("vega"), style),
        contracts.left(listed.expiry_us - now_us) if listed.expiry_us else "",
        display.date_and_time(listed.expiry_us, zone) if listed.expiry_us else "",
        row.standing.state,
        display.age(row.age_us if row.body else None),
    )
