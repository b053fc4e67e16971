"""What things are worth by market rates: which path, how old, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketdash.portfolios.accounting.exact import plain
from marketdash.portfolios.valuing.routes import Pair, Ways
from marketdash.portfolios.valuing.valuation import MOST_STEPS, Market, Quote, Rate


def quote(
    name: str, bid: str, ask: str = "", state: str = "live", age_us: int = 0, venue: str = "A"
) -> Quote:
    base, other = name.split("/")
    return Quote(f"{venue}:{name}", base, other, bid, ask or bid, "", age_us, state)


def test_the_currency_itself_is_worth_itself() -> None:
    rate = Market("USD").rate("USD")

    assert rate is not None and (rate.of(Decimal("0.1")), rate.steps, rate.age_us) == (Decimal("0.1"), (), 0)
    assert rate.is_live and rate.path == ""


def test_a_stablecoin_goes_through_its_market() -> None:
    market = Market("USD", [quote("ETH/USDT", "2000"), quote("USDT/USD", "0.90", age_us=7)])

    rate = market.rate("ETH")

    assert rate is not None
    assert (rate.of(Decimal(2)), rate.path, rate.age_us) == (3600, "ETH → USDT → USD", 7)
    assert [step.symbol for step in rate.steps] == ["A:ETH/USDT", "A:USDT/USD"]


def test_without_its_market_a_stablecoin_is_missing() -> None:
    market = Market("USD", [quote("ETH/USDT", "2000")])

    assert (market.rate("ETH"), market.rate("USDT")) == (None, None)


def test_a_rate_is_read_backwards_and_rounded_once() -> None:
    market = Market("BTC", [quote("BTC/EUR", "30000"), quote("ETH/EUR", "7")])

    rate = market.rate("ETH")

    assert rate is not None and rate.path == "ETH → EUR → BTC"
    assert plain(rate.of(Decimal(1))) == "0.000233333333333333333333"
    assert plain(rate.of(Decimal(3))) == "0.0007"


def test_a_live_path_comes_before_a_shorter_one_that_is_not() -> None:
    quotes = [quote("ETH/USD", "1", "1", "stale"), quote("ETH/BTC", "0.05"), quote("BTC/USD", "40000")]
    market = Market("USD", quotes)

    found = market.rate("ETH")

    assert found is not None and (found.of(Decimal(1)), found.is_live) == (2000, True)
    market.update(quote("BTC/USD", "40000", state="down"))
    stale = market.rate("ETH")
    assert stale is not None and (stale.of(Decimal(1)), stale.is_live) == (1, False)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_of_equals_the_narrowest_market_and_then_the_first_name(order: tuple[int, ...]) -> None:
    same = [
        quote("BTC/USD", "100", "101", venue="WIDE"),
        quote("BTC/USD", "200.01", "200.02", venue="B"),
        quote("BTC/USD", "300.01", "300.04", venue="C"),
    ]

    rate = Market("USD", [same[at] for at in order]).rate("BTC")

    assert rate is not None and rate.steps[0].symbol == "B:BTC/USD", "not by every hair of a spread"


def test_a_side_that_is_missing_or_crossed_leaves_the_last_price() -> None:
    sides = [("", "5"), ("5", ""), ("6", "5"), ("0", "5"), ("NaN", "5"), ("-1", "5")]
    for bid, ask in sides:
        market = Market("USD", [Quote("A:X/USD", "X", "USD", bid, ask, "4.5", 0)])
        rate = market.rate("X")
        assert rate is not None and rate.of(Decimal(1)) == Decimal("4.5"), (bid, ask)
        assert Market("USD", [Quote("A:X/USD", "X", "USD", bid, ask, "", 0)]).rate("X") is None
    middle = Market("USD", [Quote("A:X/USD", "X", "USD", "4", "5", "9", 0)]).rate("X")
    assert middle is not None and middle.of(Decimal(1)) == Decimal("4.5")


def test_a_circle_of_markets_harms_nobody() -> None:
    ring = [quote("A/B", "2"), quote("B/C", "2"), quote("C/A", "2"), quote("A/A", "9"), quote("C/USD", "1")]

    market = Market("USD", ring)

    paths = {asset: (rate.path if (rate := market.rate(asset)) else None) for asset in "ABCX"}
    assert paths == {"A": "A → C → USD", "B": "B → C → USD", "C": "C → USD", "X": None}


def test_a_path_has_an_end() -> None:
    chain = [quote(f"N{at + 1}/N{at}", "2") for at in range(MOST_STEPS + 1)]
    market = Market("N0", chain)

    furthest = market.rate(f"N{MOST_STEPS}")

    assert furthest is not None and furthest.of(Decimal(1)) == 2**MOST_STEPS
    assert market.rate(f"N{MOST_STEPS + 1}") is None
    market.update(quote(f"N{MOST_STEPS}/N0", "7", state="stale"))
    beyond = market.rate(f"N{MOST_STEPS + 1}")
    assert beyond is not None and not beyond.is_live, "a stale short cut brings it within reach"


def test_numbers_of_every_length_have_a_value() -> None:
    longest = "99999999999999999999.999999999999999999999999"
    chain = [quote(f"N{at + 1}/N{at}", longest) for at in range(MOST_STEPS)]
    rate = Market("N0", chain).rate(f"N{MOST_STEPS}")

    assert rate is not None
    true = Fraction(Decimal(longest)) ** (MOST_STEPS + 1)
    assert Fraction(rate.of(Decimal(longest))) == Fraction(round(true * 10**24), 10**24)


def test_a_tick_finds_no_path_anew() -> None:
    market = Market("USD", [quote("BTC/USD", "100.00", "100.01")])

    changed = [
        market.update(quote("BTC/USD", "101.00", "101.01")),
        market.update(quote("BTC/USD", "101", "102")),
        market.update(quote("BTC/USD", "101", "102", "stale")),
        market.update(Quote("A:BTC/USD", "BTC", "USD", "", "", "", 0)),
        market.update(Quote("A:BTC/USD", "BTC", "USD", "", "", "", 0)),
    ]

    assert changed == [False, True, True, True, False]
    assert market.rate("BTC") is None


ASSETS = ("USD", "EUR", "BTC", "ETH", "USDT", "SOL")
_prices = st.integers(1, 10**6).map(lambda units: str(Decimal(units).scaleb(-3)))
_quotes = st.builds(
    lambda venue, sides, bid, spread, state, age_us: Quote(
        f"{venue}:{sides[0]}{sides[1]}",
        *sides,
        bid,
        str(Decimal(bid) + Decimal(spread).scaleb(-3)) if bid else "",
        "",
        age_us,
        state,
    ),
    st.sampled_from("AB"),
    st.tuples(st.sampled_from(ASSETS), st.sampled_from(ASSETS)),
    _prices | st.just(""),
    st.integers(-1, 100),
    st.sampled_from(["live", "live", "stale", "down"]),
    st.integers(0, 5),
)


@settings(max_examples=200)
@given(st.lists(_quotes, max_size=25))
def test_ticks_one_by_one_end_where_a_new_table_begins(quotes: list[Quote]) -> None:
    grown = Market("USD")
    for each in quotes:
        grown.update(each)
        grown.rate("BTC")

    fresh = Market("USD", reversed(list({each.symbol: each for each in quotes}.values())))

    assert [grown.rate(asset) for asset in ASSETS] == [fresh.rate(asset) for asset in ASSETS]


@settings(max_examples=150)
@given(st.lists(_quotes, max_size=12))
def test_the_path_is_the_best_of_all_there_are(quotes: list[Quote]) -> None:
    table = {each.symbol: each for each in quotes}
    market = Market("USD", table.values())
    for asset in ASSETS[1:]:
        found = market.rate(asset)
        ways = list(_ways(asset, table, ()))
        assert (found is None) == (not ways)
        if found is not None:
            best = min((sum(table[s].state != "live" for s in way), len(way)) for way in ways)
            mine = sum(step.state != "live" for step in found.steps), len(found.steps)
            assert mine == best
            assert Fraction(found.over) / Fraction(found.under) == _product(found)


def _ways(asset: str, table: dict[str, Quote], taken: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Every path of at most :data:`MOST_STEPS`, without any thought."""
    if asset == "USD":
        yield taken
    for symbol, each in table.items() if len(taken) < MOST_STEPS and asset != "USD" else ():
        usable = each.bid and each.base != each.quote and Decimal(each.ask) >= Decimal(each.bid)
        if usable and symbol not in taken and asset in (each.base, each.quote):
            yield from _ways(each.quote if asset == each.base else each.base, table, (*taken, symbol))


def _product(rate: Rate) -> Fraction:
    whole = Fraction(1)
    for step in rate.steps:
        whole *= Fraction(step.over) / Fraction(step.under)
    return whole


@settings(max_examples=80)
@given(st.lists(_quotes, min_size=1, max_size=25), st.sampled_from(ASSETS[1:]))
def test_other_markets_in_the_table_make_no_difference(told: list[Quote], asset: str) -> None:
    """What a page asks for alone, and what a process holds for all who watch, give the same rate."""
    table = {each.symbol: each for each in told}
    pairs = [Pair(each.symbol, each.base, each.quote) for each in table.values()]
    most = Ways(pairs, "USD").most_steps()
    needed_alone = set(Ways(pairs, "USD").needed([asset]))

    alone = Market("USD", (each for each in table.values() if each.symbol in needed_alone), most)

    assert Market("USD", table.values(), most).rate(asset) == alone.rate(asset)


def test_a_path_that_nobody_asked_for_is_taken_by_nobody() -> None:
    """It is there because others hold what lies on it, and a page that reads alone would not know of it."""
    told = [quote("ETH/USD", "5", state="stale"), quote("ETH/BTC", "2"), quote("BTC/EUR", "2")]
    told.append(quote("EUR/USD", "2"))
    most = Ways([Pair(each.symbol, each.base, each.quote) for each in told], "USD").most_steps()

    rate = Market("USD", told, most).rate("ETH")

    assert rate is not None and (rate.path, rate.is_live) == ("ETH → USD", False)


@settings(max_examples=40)
@given(st.lists(_quotes, min_size=1, max_size=25))
def test_a_rate_is_the_same_object_until_something_of_it_came_anew(told: list[Quote]) -> None:
    market = Market("USD")
    for each in told:
        before = {asset: market.rate(asset) for asset in ASSETS}
        changed = market.update(each)
        for asset, rate in before.items():
            now = market.rate(asset)
            symbols = [step.symbol for step in rate.steps] if rate is not None else []
            assert now is rate or changed or each.symbol in symbols
            if each.symbol in symbols:
                assert now is not rate
