"""Rates of the past: what stored closes say by the rules of live rates, once, and in the place of none."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from typing import Any
from unittest.mock import patch

from hypothesis import given, seed, settings
from hypothesis import strategies as st

from marketdash import publish
from marketdash.portfolios import prices
from marketdash.portfolios.accounting.drafts import DraftRate
from marketdash.portfolios.accounting.ledger import Entry
from marketdash.portfolios.past import forecast, nearby
from marketdash.portfolios.past.past import Past
from marketdash.portfolios.valuing.routes import Pair, Ways
from marketdash.publish import PastClose
from tests.marketdash.history.making import T0_US
from tests.marketdash.portfolios import agreement
from tests.marketdash.portfolios.random_ledgers import ledgers
from tests.marketdash.portfolios.writing import draft_of, entry, fee, leg

MINUTE_US, HOUR_US, DAY_US = 60_000_000, 3_600_000_000, 86_400_000_000
PAIRS = [Pair(f"A:{a}/{b}", a, b) for a, b in permutations(("BTC", "ETH", "EUR", "USD", "USDT"), 2) if a < b]
closes = st.fixed_dictionaries(
    {},
    optional={
        pair.symbol: st.tuples(
            st.decimals("0.000001", "99999", places=6).map(str),
            st.sampled_from([0, -59_000_000, 3_600_000_000, 3_600_000_001, -80_000_000_000]),
        )
        for pair in PAIRS
    },
)


def best(asset: str, told: dict[str, tuple[str, int]], followed: list[Pair]) -> Fraction | None:
    """Every path looked at, one by one."""
    by = {frozenset((pair.base, pair.quote)): pair for pair in followed}
    longest = Ways(followed, "EUR").most_steps().get(asset, 0)
    found = []
    others = sorted({side for pair in followed for side in (pair.base, pair.quote)} - {asset, "EUR"})
    for count in range(longest):
        for between in permutations(others, count):
            stops = [asset, *between, "EUR"]
            way = [by.get(frozenset(step)) for step in zip(stops, stops[1:], strict=False)]
            if not all(pair is not None and pair.symbol in told for pair in way):
                continue
            far = sum(abs(told[pair.symbol][1]) > HOUR_US for pair in way)
            rate = Fraction(1)
            for start, pair in zip(stops, way, strict=False):
                price = Fraction(told[pair.symbol][0])
                rate = rate * price if pair.base == start else rate / price
            found.append((far, len(way), [pair.symbol for pair in reversed(way)], rate))
    return min(found)[-1] if found else None


class Told:
    """A memory that says the same of every time."""

    def __init__(self, told: dict[str, tuple[str, int]]) -> None:
        self.told = told

    def closes_at(self, wanted: Any) -> dict[Any, PastClose]:
        return {
            (symbol, at_us): PastClose(self.told[symbol][0], at_us + self.told[symbol][1], 1)
            for symbol, at_us in wanted
            if symbol in self.told
        }


@seed(20261126)
@settings(max_examples=150)
@given(ledgers, closes, st.sets(st.sampled_from(PAIRS), min_size=1))
def test_a_fold_with_stated_rates_is_the_oracle_s(
    entries: list[Entry], told: dict[str, tuple[str, int]], followed: set[Pair]
) -> None:
    listed = sorted(followed)
    told = {pair.symbol: told[pair.symbol] for pair in listed if pair.symbol in told}
    with patch.object(publish, "_memory", Told(told)), patch.object(prices, "pairs", lambda: listed):
        found = {each.entry.id: each for each in Past("EUR").found(entries)}

    whole = []
    for each in entries:
        rates, lacks = (found[each.id].rates, found[each.id].lacks) if each.id in found else ([], [])
        assert bool(nearby.lacking(each, "EUR")) == (each.id in found)
        for rate in rates:
            true = best(rate.asset, told, listed)
            assert true is not None and rate.currency == "EUR"
            assert Fraction(rate.rate) == Fraction(round(true * 10**24), 10**24)
            assert rate.asset not in {stated.asset for stated in each.rates if stated.currency == "EUR"}
        for asset in lacks:
            true = best(asset, told, listed)
            assert true is None or not round(true * 10**24) or true >= 10**20
        whole.append(nearby.with_rates(each, rates))
    agreement.check(whole)


def test_a_rate_says_its_path_its_closes_and_how_far_they_are() -> None:
    told = {
        "A:BTC/ETH": ("20", -59_000_000),
        "A:ETH/USDT": ("3000", 80_000_000_000),
        "A:EUR/USDT": ("1.25", 0),
    }
    some = [pair for pair in PAIRS if pair.symbol in told]
    spent = entry("buy", leg("NEW", "1"), leg("BTC", "-1"))._replace(at_us=T0_US)
    with patch.object(publish, "_memory", Told(told)), patch.object(prices, "pairs", lambda: some):
        (found,) = Past("EUR").found([spent])

    assert found.lacks == []
    assert found.rates == [
        (
            "BTC",
            "EUR",
            Decimal(48000),
            "BTC → ETH → USDT → EUR by A:BTC/ETH 1 m close of 2024-10-03 23:59 UTC, 59 s earlier; "
            "A:ETH/USDT 1 m close of 2024-10-04 22:13 UTC, 22 h 13 min later; "
            "A:EUR/USDT 1 m close of 2024-10-04 00:00 UTC",
        )
    ]


def test_what_somebody_said_is_the_cost_and_its_currency_comes_first() -> None:
    said = entry("deposit", leg("BTC", "1", worth="100"))

    assert nearby.lacking(said, "USD") == ["EUR", "BTC"]
    assert nearby.lacking(said, "EUR") == []
    assert nearby.lacking(entry("deposit", leg("BTC", "1")), "EUR") == ["BTC"], "how much was paid in"
    assert nearby.lacking(entry("transfer", leg("BTC", "-1"), leg("BTC", "1", account=2)), "EUR") == []
    trade = entry("buy", leg("BTC", "1"), leg("USDT", "-9"), fee("BNB", "-1"))
    assert nearby.lacking(trade, "EUR") == ["USDT", "BTC", "BNB"]


def test_a_deposit_has_an_unknown_cost_whatever_markets_said() -> None:
    bare = entry("deposit", leg("BTC", "1"))

    assert nearby.has_unknown_cost(bare, "EUR")
    assert not nearby.has_unknown_cost(entry("withdrawal", leg("BTC", "-1")), "EUR")
    assert not nearby.has_unknown_cost(entry("deposit", leg("EUR", "1")), "EUR")


@seed(3)
@settings(max_examples=60)
@given(ledgers, closes)
def test_a_forecast_is_what_comes_of_it(entries: list[Entry], told: dict[str, tuple[str, int]]) -> None:
    drafts = [replace(draft_of(each), rates=[tuple(rate) for rate in each.rates]) for each in entries]
    drafts = [replace(each, rates=[DraftRate(*rate) for rate in each.rates]) for each in drafts]
    with patch.object(publish, "_memory", Told(told)), patch.object(prices, "pairs", lambda: PAIRS):
        said = forecast.uncosted(drafts, "EUR", T0_US)
        found = {each.entry.id: each.rates for each in Past("EUR").found(entries)}

    whole = [nearby.with_rates(each, found.get(each.id, [])) for each in entries]
    unknown = sum(nearby.has_unknown_cost(each, "EUR") for each in whole)
    assert sum(said.get(why, 0) for why in ("deposited", "asked", "nobody")) == unknown


def test_bars_are_asked_for_of_a_few_ways_and_none_where_closes_are_near() -> None:
    pairs = [Pair(f"A:{coin}/{other}", coin, other) for coin in "VWXYZ" for other in ("USDT", "EUR")]
    pairs.append(Pair("A:BNB/USDT", "BNB", "USDT"))
    spent = entry("buy", leg("NEW", "1"), leg("USDT", "-1"), fee("BNB", "-1"))
    asked: list[Any] = []

    def ask(moments: set[Any]) -> set[str]:
        asked.append(sorted(symbol for symbol, _ in moments))
        return {"A:V/EUR"}

    with patch.object(publish, "_memory", Told({})), patch.object(prices, "pairs", lambda: pairs):
        (waits,) = Past("EUR", ask).found([spent])
    three = [f"A:{coin}/{other}" for coin in "VWX" for other in ("EUR", "USDT")]
    assert asked == [["A:BNB/USDT", *three]] and waits.coming

    told = {"A:Z/USDT": ("2", 0), "A:Z/EUR": ("4", 0), "A:BNB/USDT": ("300", 0)}
    with patch.object(publish, "_memory", Told(told)), patch.object(prices, "pairs", lambda: pairs):
        (known,) = Past("EUR", ask).found([spent])
    assert asked[1] == [] and [rate.rate for rate in known.rates] == [2, 600] and not known.coming
