"""Totals over portfolios are written by the server and by an open page alike, digit by digit."""

from __future__ import annotations

import json
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import given, seed, settings
from hypothesis import strategies as st

from marketdash.numerals import EXPLICIT
from marketdash.portfolios.accounting.exact import plain
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.valuing.overall import by_currency, currency_of, overall
from marketdash.portfolios.valuing.summary import FIGURES, Figure, Summary, summary
from marketdash.portfolios.valuing.valuation import Market, Rate, Step
from marketdash.portfolios.words.overall_shown import shown_overall
from marketdash.portfolios.words.shown import Shown, places, shown
from tests import provide

SCRIPT = Path(__file__).parents[2] / "js" / "overall_written.js"
NOT_LIVE, TOLD = "stale", ("day", "unrealised", "realised")

amounts = st.one_of(
    st.just(Decimal(0)),
    st.decimals(Decimal("-99999999"), Decimal("99999999"), places=3),
    st.decimals(Decimal("-0.02"), Decimal("0.02"), places=24),
)
prices = st.decimals(Decimal("0.00000001"), Decimal("99999"), places=8)
figures = st.builds(Figure, amounts, st.integers(0, 2), st.integers(1, 3))
figures |= st.just(Figure(Decimal(0), 2, 0))
names = st.lists(st.sampled_from(["ETH", "NEW", "OLD"]), max_size=2, unique=True).map(
    lambda each: tuple(sorted(each))
)
portfolios = st.builds(
    lambda base, more: summary(Book(base, "fifo"), Market(base))._replace(**more),
    st.sampled_from(["EUR", "USD", "BTC"]),
    st.fixed_dictionaries(
        {"total": amounts, "missing": names, "stale": names, **dict.fromkeys(FIGURES, figures)}
    ),
)
rates = st.none() | st.builds(
    lambda over, under, state: Rate(over, under, (Step("A:B/C", "B", "C", over, under, 0, state),)),
    prices,
    prices | st.just(Decimal(1)),
    st.sampled_from(["live", NOT_LIVE]),
)
cases = st.tuples(
    st.lists(portfolios, min_size=2, max_size=5),
    st.fixed_dictionaries(dict.fromkeys(["EUR", "USD", "BTC"], rates)),
    st.sampled_from(sorted(EXPLICIT)),
)
Case = tuple[list[Summary], dict[str, Rate | None], str]


@seed(29)
@settings(max_examples=25, deadline=None)
@given(st.lists(cases, min_size=1, max_size=20))
def test_an_open_page_writes_what_the_server_writes(drawn: list[Case]) -> None:
    assert by_the_page(drawn) == [by_the_server(*each) for each in drawn]


def by_the_server(found: list[Summary], rate_of: dict[str, Rate | None], style: str) -> dict[str, Any]:
    written = EXPLICIT[style]
    whole = shown_overall(overall(found, currency_of(each.base for each in found), rate_of.get), {}, written)
    each = [cells(shown(sums, {}, {}, written)) for sums in by_currency(found).values()]
    return {"each": each, "whole": cells(whole.shown), "partial": whole.shown.partial}


def cells(found: Shown) -> dict[str, Any]:
    numbers = dict(zip(TOLD, found.numbers, strict=False))
    percent = found.day_percent.text
    return {
        "total": found.total._asdict(),
        **{name: number.cell._asdict() for name, number in numbers.items()},
        "day_percent": "" if percent == "–" else percent,
        "without": [int((number.without or "without 0").split(" ")[1]) for number in numbers.values()],
    }


def by_the_page(drawn: list[Case]) -> list[dict[str, Any]]:
    node = provide.node()
    assert node, "no Node.js for the tests"
    told = json.dumps([as_told(*each) for each in drawn])
    done = subprocess.run([node, SCRIPT], input=told, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def as_told(found: list[Summary], rate_of: dict[str, Rate | None], style: str) -> dict[str, Any]:
    return {
        "portfolios": [body(each) for each in found],
        "base": currency_of(each.base for each in found),
        "places": {each.base: places(each.base) for each in found},
        "rates": {
            code: {"rate": {"over": plain(rate.over), "under": plain(rate.under)}, "live": rate.is_live}
            for code, rate in rate_of.items()
            if rate is not None
        },
        "style": EXPLICIT[style]._asdict(),
    }


def body(of: Summary) -> dict[str, Any]:
    """As rows of the channel have it."""
    said = {name: getattr(of, name) for name in FIGURES}
    figures = {name: {**each._asdict(), "value": plain(each.value)} for name, each in said.items()}
    return {"base": of.base, "total": plain(of.total), **figures, "missing": of.missing, "stale": of.stale}
