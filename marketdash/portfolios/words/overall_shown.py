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
from marketdash.portfolios.words.shown import Cell, money, partial, places, rated, unit


class ShownOverall(NamedTuple):
    """``partial``: in words why the total is not whole. ``rates``: currency and words. ``moving``: by
    currency the path of its rate and each market on it, for a page that follows them."""

    total: Cell
    base: str
    places: int
    count: int
    partial: str
    rates: list[tuple[str, str]]
    moving: dict[str, Any]


def shown_overall(found: Overall, closed: Mapping[str, str], style: Style = ENGLISH) -> ShownOverall:
    """``closed``: by market whose price is a stored close, its date in words."""
    base = found.currency
    return ShownOverall(
        money(found.total, base, style),
        base,
        places(base),
        found.count,
        "; ".join(words for each in found.sums if (words := partial(each))),
        [(code, _rate(code, rate, base, closed, style)) for code, rate in found.rates.items()],
        {code: _path(rate) for code, rate in found.rates.items() if rate is not None},
    )


def _rate(code: str, rate: Rate | None, base: str, closed: Mapping[str, str], style: Style) -> str:
    by = rated(rate, base, closed)
    if rate is None:
        return f"{code}: {by}"
    with precisely():
        return f"1 {code} = {unit(rate.of(ONE), style)} {base}, {by}"


def _path(rate: Rate) -> dict[str, Any]:
    return {"path": rate.path, "steps": [_step(each) for each in rate.steps]}


def _step(step: Step) -> dict[str, Any]:
    """``forward``: the price is one of what the market trades, and multiplies; else it divides."""
    listed = catalogue.get(step.symbol)
    forward = listed is not None and listed.asset == step.source
    price = plain(step.over if forward else step.under)
    return {"market": step.symbol, "forward": forward, "price": price, "live": step.state == LIVE}
