"""The one total over portfolios in several currencies, as people read it, and what has it move."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from feeds.frames import LIVE
from marketdash.instruments.catalogue import catalogue
from marketdash.numerals import ENGLISH, Style
from marketdash.portfolios.accounting.exact import ONE, plain, precisely
from marketdash.portfolios.valuing.overall import Overall
from marketdash.portfolios.valuing.valuation import Rate, Step
from marketdash.portfolios.words.shown import Shown, partial, rated, shown, unit


class ShownOverall(NamedTuple):
    """``shown``: its sums, with words why they are not whole. ``rates``: each other currency and words of its
    rate, none where nothing needs it. ``moving``: by currency the paths, for a page that follows them."""

    shown: Shown
    count: int
    rates: list[tuple[str, str]]
    moving: dict[str, Any]


def shown_overall(found: Overall, closed: Mapping[str, str], style: Style = ENGLISH) -> ShownOverall:
    """``closed``: by market whose price is a stored close, its date in words."""
    base = found.currency
    words = "; ".join(said for each in found.sums if (said := partial(each)))
    others = [each.base for each in found.sums if each.base != base]
    told = {code: rate_words(code, rate, base, closed, style) for code, rate in found.rates.items()}
    return ShownOverall(
        shown(found.whole, {}, closed, style)._replace(partial=words),
        found.count,
        [(code, told.get(code, "")) for code in others],
        paths(found.rates, base, closed, style),
    )


def rate_words(code: str, rate: Rate | None, base: str, closed: Mapping[str, str], style: Style) -> str:
    by = rated(rate, base, closed)
    if rate is None:
        return f"{code}: {by}"
    with precisely():
        return f"1 {code} = {unit(rate.of(ONE), style)} {base}, {by}"


def paths(
    rates: Mapping[str, Rate | None], base: str, closed: Mapping[str, str], style: Style
) -> dict[str, Any]:
    """By currency the way of its rate, each market on it, and the words that stand until they are heard."""
    return {
        code: {
            "path": rate.path,
            "said": rate_words(code, rate, base, closed, style),
            "steps": [_step(each) for each in rate.steps],
        }
        for code, rate in rates.items()
        if rate is not None
    }


def _step(step: Step) -> dict[str, Any]:
    """``forward``: the price is one of what the market trades, and multiplies; else it divides."""
    listed = catalogue.get(step.symbol)
    forward = listed is not None and listed.asset == step.source
    price = plain(step.over if forward else step.under)
    return {"market": step.symbol, "forward": forward, "price": price, "live": step.state == LIVE}
