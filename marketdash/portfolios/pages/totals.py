"""What a person's own portfolios come to: each, those in one currency, and all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from marketdash.numerals import Style
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.models import Portfolio
from marketdash.portfolios.prices import Prices
from marketdash.portfolios.valuing.overall import currency_of, overall
from marketdash.portfolios.valuing.summary import Summary, together
from marketdash.portfolios.words import shown
from marketdash.portfolios.words.overall_shown import ShownOverall, shown_overall

Held = Sequence[tuple[Portfolio, Book | None]]


def crossing(bases: Sequence[str]) -> dict[str, set[str]]:
    """The currency of the total over all, and the others, whose rates it needs; empty where there is one.
    ``bases`` of each portfolio."""
    others = {*bases} - {currency_of(bases)} if bases else set()
    return {currency_of(bases): others} if others else {}


def bases_of(held: Held) -> list[str]:
    return [each.base.code for each, _ in held]


def totals(held: Held, priced: Prices, closed: Mapping[str, str], style: Style) -> dict[str, Any]:
    """For the page that lists them. Sums are there once all of their portfolios are worked out. In a thread,
    like all that is worked out for a page."""
    found = [(each, book and priced.of(book)) for each, book in held]
    by_base: dict[str, list[Summary | None]] = {}
    for each, summary in found:
        by_base.setdefault(each.base.code, []).append(summary)
    whole = ([each for each in sums if each] for sums in by_base.values() if all(sums) and sums[1:])
    return {
        "rows": [(each, summary and shown.shown(summary, {}, closed, style)) for each, summary in found],
        "together": [(shown.shown(together(sums), {}, closed, style), len(sums)) for sums in whole],
        "overall": _overall(crossing(bases_of(held)), [each for _, each in found], priced, closed, style),
    }


def _overall(
    currencies: Iterable[str],
    found: Sequence[Summary | None],
    priced: Prices,
    closed: Mapping[str, str],
    style: Style,
) -> ShownOverall | None:
    known = [each for each in found if each is not None]
    for currency in currencies if len(known) == len(found) else ():
        return shown_overall(overall(known, currency, priced.market(currency).rate), closed, style)
    return None
