"""What a portfolio shows: sums that agree, and what is not known said as such."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

from marketdash.portfolios.accounting.exact import plain, precisely
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.accounting.pools import METHODS
from marketdash.portfolios.valuing.lines import Open
from marketdash.portfolios.valuing.pricing import Earlier
from marketdash.portfolios.valuing.routes import Pair, Ways
from marketdash.portfolios.valuing.summary import Summary, summary
from marketdash.portfolios.valuing.valuation import Market, Quote
from tests.marketdash.portfolios.random_ledgers import ledgers
from tests.marketdash.portfolios.writing import contracts, entry, fee, leg, paid, rate


def quote(name: str, price: str, state: str = "live", age_us: int = 1_000) -> Quote:
    base, other = name.split("/")
    return Quote(f"A:{name}", base, other, price, price, "", age_us, state)


def told(*entries: object, method: str = "fifo") -> Book:
    return Book("EUR", method).fold(entries)  # type: ignore[arg-type]


BOUGHT = (
    entry("deposit", leg("EUR", "1000")),
    entry("buy", leg("BTC", "2"), leg("EUR", "-600"), fee("EUR", "-1")),
)


def test_a_small_portfolio_to_the_last_digit() -> None:
    sold = entry("sell", leg("BTC", "-0.5"), leg("EUR", "250.05"))

    found = summary(told(*BOUGHT, sold), Market("EUR", [quote("BTC/EUR", "400.1")]))

    assert [(each.asset, plain(each.quantity), plain(each.value or 0)) for each in found.holdings] == [
        ("EUR", "649.05", "649.05"),
        ("BTC", "1.5", "600.15"),
    ]
    bitcoin = found.holdings[1]
    assert (bitcoin.average, bitcoin.cost, bitcoin.price) == (300, 450, Decimal("400.1"))
    assert (bitcoin.gain, plain(bitcoin.percent or 0)) == (Decimal("150.15"), "33.366666666666666666666667")
    assert found.total == Decimal("1249.2") and not found.is_partial
    assert (found.realised.value, found.realised.unknown) == (Decimal("100.05"), 0)
    assert (found.unrealised.value, found.fees.value) == (Decimal("150.15"), -1)
    assert bitcoin.rate is not None and (bitcoin.rate.path, bitcoin.age_us) == ("BTC → EUR", 1_000)
    assert found.age_us == 1_000


def test_what_no_market_leads_from_is_missing_and_not_zero() -> None:
    found = summary(told(*BOUGHT, entry("airdrop", leg("NEW", "5"))), Market("EUR"))

    new = next(each for each in found.holdings if each.asset == "NEW")
    assert (new.value, new.price, new.weight, new.gain, new.day) == (None,) * 5
    assert found.missing == ("BTC", "NEW") and found.is_partial
    assert found.unrealised.unknown == 2 and found.total == 399
    assert [each.asset for each in found.holdings] == ["EUR", "BTC", "NEW"]  # the unknown last, by name


def test_a_stale_price_counts_and_is_named() -> None:
    market = Market("EUR", [quote("BTC/EUR", "400", "stale", 90_000_000)])
    earlier = {"A:BTC/EUR": Earlier("BTC", Decimal(300))}

    found = summary(told(*BOUGHT), market, {}, earlier)

    assert (found.total, found.stale, found.age_us) == (1199, ("BTC",), 90_000_000)
    assert found.is_partial and not found.missing
    assert found.day.unknown == 1 and found.day_percent is None  # an old price says nothing of a day


def test_unknown_cost_stays_unknown_and_the_rest_is_known() -> None:
    deposit = entry("deposit", leg("BTC", "1"))

    found = summary(told(*BOUGHT, deposit), Market("EUR", [quote("BTC/EUR", "400")]))

    bitcoin = found.holdings[0]
    assert (bitcoin.quantity, bitcoin.unknown, bitcoin.cost, bitcoin.average) == (3, 1, 600, 300)
    assert (bitcoin.value, bitcoin.gain) == (1200, 200)  # of the two whose cost is known
    assert found.uncosted == ("BTC",)
    alone = summary(told(deposit), Market("EUR", [quote("BTC/EUR", "400")])).holdings[0]
    assert (alone.value, alone.gain, alone.average, alone.percent) == (400, None, None, None)


def test_the_day_is_what_is_held_now_along_its_path() -> None:
    market = Market("EUR", [quote("BTC/USD", "400"), quote("EUR/USD", "1.25")])
    earlier = {"A:BTC/USD": Earlier("BTC", Decimal(250)), "A:EUR/USD": Earlier("EUR", Decimal("1.25"))}

    found = summary(told(*BOUGHT), market, {}, earlier)

    assert (found.day.value, found.day.unknown) == (240, 0)  # 2 × (400 - 250) ÷ 1.25
    assert found.day_percent == Decimal("30.037546933667083854818523")
    assert summary(told(*BOUGHT), market, {}, {}).day.unknown == 1


def test_one_account_owes_what_another_has() -> None:
    found = summary(
        told(
            entry("deposit", leg("BTC", "1", worth="100")),
            entry("sell", leg("BTC", "-3", account=2), leg("EUR", "900", account=2)),
        ),
        Market("EUR", [quote("BTC/EUR", "400")]),
    )

    bitcoin = found.holdings[1]
    assert [tuple(each) for each in bitcoin.accounts] == [(1, 1), (2, -3)]
    assert (bitcoin.quantity, bitcoin.value, bitcoin.average, bitcoin.percent) == (-2, -800, None, None)
    assert (bitcoin.gain, found.total) == (0, 100)  # 300 on the one, -300 on the other
    assert sum(each.weight or 0 for each in found.holdings) == 1


def test_debts_have_no_weights() -> None:
    sold = entry("sell", leg("BTC", "-1"), leg("EUR", "100"))

    found = summary(told(sold), Market("EUR", [quote("BTC/EUR", "400")]))

    assert found.total == -300 and [each.weight for each in found.holdings] == [None, None]


@pytest.mark.parametrize(("inverse", "mark", "gain"), [(False, "110", "20"), (True, "125", "0.004")])
def test_contracts_are_worth_what_is_still_to_come(inverse: bool, mark: str, gain: str) -> None:
    name, asset = "A:BTC-PERP", "BTC" if inverse else "USDT"
    terms = contracts(name, asset, "2", "100", inverse=inverse)
    opened = entry("fill", terms, paid(name, asset, "0.001"), rate(asset, "1"))
    market = Market("EUR", [quote(f"{asset}/EUR", "10")])

    found = summary(told(opened), market, {name: quote("BTC/USD", mark)})

    (line,) = found.positions
    assert (line.opened, line.mark, line.quantity) == (100, Decimal(mark), 2)
    assert line.gain == Decimal(gain) * 10
    assert line.value == (Decimal(gain) - Decimal("0.001")) * 10
    assert found.total == Decimal(gain) * 10  # what was paid is in the account already
    blind = summary(told(opened), market)
    assert blind.missing == (name,) and blind.positions[0].value is None


def test_the_day_of_contracts_is_of_all_that_is_still_to_come() -> None:
    """Two options at 0.06 BTC that were at 0.05, while a bitcoin went from 400 to 500."""
    name, bitcoin = "A:BTC-C", quote("BTC/EUR", "500")
    bought = entry("fill", contracts(name, "BTC", "2", "0.05"), paid(name, "BTC", "-0.1"), rate("BTC", "450"))
    earlier = {bitcoin.symbol: Earlier("BTC", Decimal(400)), name: Earlier("BTC", Decimal("0.05"))}

    def line(known: dict[str, Earlier], of: Quote = bitcoin) -> Open:
        marks = {name: quote("BTC-C/BTC", "0.06")}
        return summary(told(bought), Market("EUR", [of]), marks, known).positions[0]

    assert (line(earlier).value, line(earlier).day) == (60, 20)  # 0.12 × 500 - 0.1 × 400
    assert line({name: earlier[name]}).day is None  # nobody can say what a bitcoin was
    old = line(earlier, bitcoin._replace(state="stale"))
    assert (old.value, old.day) == (60, None)  # an old price says nothing of a day
    assert old.is_stale and not line(earlier).is_stale


def test_what_became_the_currency_keeps_its_cost_and_so_its_gain() -> None:
    coins = entry("deposit", leg("BTC", "1", worth="100"))

    found = summary(told(coins, entry("rename", leg("BTC", "-1"), leg("EUR", "300"))), Market("EUR"))

    assert (found.unrealised.value, found.unrealised.unknown, found.total) == (200, 0, 300)
    assert found.holdings[0].gain == 200


PRICES = st.decimals(Decimal("0.000001"), Decimal("99999"), places=6)


@seed(8)
@given(ledgers, st.sampled_from(sorted(METHODS)), st.lists(PRICES, min_size=8, max_size=8))
def test_sums_agree_whatever_happened(entries: list[object], method: str, prices: list[Decimal]) -> None:
    book = Book("EUR", method).fold(entries)  # type: ignore[arg-type]
    assets = sorted({asset for _, asset in book.pools} - {"EUR"})
    quotes = [quote(f"{asset}/EUR", plain(prices[at % 8])) for at, asset in enumerate(assets)]

    found = summary(book, Market("EUR", quotes))

    agrees(found)
    assert [each.asset for each in found.holdings] == [
        each.asset for each in summary(book, Market("EUR", quotes[::-1])).holdings
    ]


def agrees(found: Summary) -> None:
    lines = [*found.holdings, *found.positions]
    with precisely():
        assert found.total == sum((each.value for each in lines if each.value is not None), Decimal(0))
        gains = [each.gain for each in lines if each.gain is not None]
        assert found.unrealised.value == sum(gains, Decimal(0))
        weights = [each.weight for each in lines if each.weight is not None]
        assert sum(weights, Decimal(0)) == (1 if weights else 0)
        for each in found.holdings:
            assert sum((held.quantity for held in each.accounts), Decimal(0)) == each.quantity
            if each.value is not None and not each.unknown:
                assert each.gain == each.value - each.cost
    assert bool(weights) == (found.total > 0)


PAIRS = [
    Pair("ETH/USDT", "ETH", "USDT"),
    Pair("USDT/USD", "USDT", "USD"),
    Pair("ETH/USD", "ETH", "USD"),
    Pair("DOGE/TRY", "DOGE", "TRY"),
    Pair("SOL/ETH", "SOL", "ETH"),
]


def test_only_markets_on_the_way_are_asked() -> None:
    assert Ways(PAIRS, "USD").needed(["ETH"]) == ["ETH/USDT", "USDT/USD", "ETH/USD"]
    assert Ways(PAIRS, "USD").needed(["USDT"]) == ["ETH/USDT", "USDT/USD", "ETH/USD"]
    assert Ways(PAIRS, "USD").needed(["SOL"]) == ["ETH/USDT", "USDT/USD", "ETH/USD", "SOL/ETH"]
    assert Ways(PAIRS, "USD").needed(["DOGE", "USD", "NOBODY"]) == []
