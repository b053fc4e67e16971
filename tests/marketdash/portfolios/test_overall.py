"""One total over portfolios in several currencies: by market rates, partial where one is missing or old."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import pytest
from django.contrib.auth.models import User
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from marketdash.portfolios import actions, sharing
from marketdash.portfolios.accounting.exact import plain
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.models import Portfolio
from marketdash.portfolios.valuing.overall import Overall, currency_of, overall
from marketdash.portfolios.valuing.summary import Figure, Summary, summary
from marketdash.portfolios.valuing.valuation import Market
from tests.marketdash.portfolios.listing import listed
from tests.marketdash.portfolios.looking import Rows, client, text, ticker
from tests.marketdash.portfolios.random_ledgers import ledgers
from tests.marketdash.portfolios.test_summary import quote
from tests.marketdash.portfolios.writing import draft_of, entry, leg

USDT_WAY = (quote("EUR/USDT", "1.25", age_us=7_000), quote("USDT/USD", "0.9990"))


def worth(base: str, *held: str) -> Summary:
    """``held``: ``1000 EUR`` …, at no other price than that of the currency itself."""
    legs = [leg(each.split(" ")[1], each.split(" ")[0]) for each in held]
    return summary(Book(base, "fifo").fold([entry("deposit", *legs)] if legs else []), Market(base))


def gained(base: str, *, total: str = "0", **figures: Figure) -> Summary:
    return worth(base)._replace(total=Decimal(total), **figures)


def of(market: Market, *found: Summary) -> Overall:
    return overall(found, market.currency, market.rate)


def test_the_currency_is_that_of_most_portfolios_of_equals_the_first_by_name() -> None:
    assert currency_of(["USD", "EUR", "USD"]) == "USD"
    assert currency_of(["USD", "EUR"]) == "EUR"
    assert currency_of(["USD", "EUR", "BTC", "USD", "EUR"]) == "EUR"


def test_totals_of_other_currencies_go_through_their_rate() -> None:
    found = of(
        Market("USD", [quote("EUR/USD", "1.0837")]), worth("USD", "10.5 USD"), worth("EUR", "1000 EUR")
    )

    assert (plain(found.whole.total), found.currency, found.count) == ("1094.2", "USD", 2)
    assert found.rates["EUR"] is not None and found.rates["EUR"].path == "EUR → USD"
    assert not found.is_partial


def test_a_stablecoin_is_no_dollar() -> None:
    found = of(
        Market("USD", USDT_WAY), worth("USD", "1 USD"), worth("EUR", "1000 EUR"), worth("USDT", "10 USDT")
    )

    assert plain(found.whole.total) == "1259.74"
    way = found.rates["EUR"]
    assert way is not None and (way.path, way.age_us) == ("EUR → USDT → USD", 7_000)


def test_what_no_rate_leads_from_is_left_out_and_said() -> None:
    found = of(Market("USD"), worth("USD", "10 USD"), worth("EUR", "1000 EUR", "1 NEW"))

    assert found.whole.total == 10 and found.is_partial
    assert {each.base: each.missing for each in found.sums} == {"EUR": ("NEW",), "USD": ("EUR",)}


def test_what_is_worth_nothing_needs_no_rate() -> None:
    found = of(Market("USD"), worth("USD", "10 USD"), worth("EUR"))

    assert found.whole.total == 10 and not found.is_partial and found.rates == {}


def test_an_old_rate_counts_and_is_said() -> None:
    market = Market("USD", [quote("EUR/USD", "1.1", state="stale")])
    found = of(market, worth("USD", "10 USD"), worth("EUR", "1000 EUR"))

    assert found.whole.total == 1110 and found.is_partial
    assert {each.base: each.stale for each in found.sums} == {"EUR": (), "USD": ("EUR",)}


def test_gains_are_turned_by_the_same_rate() -> None:
    market = Market("USD", [quote("EUR/USD", "1.25")])
    dollars = gained("USD", total="10", realised=Figure(Decimal(5), 0, 1), day=Figure(Decimal(1), 1, 2))
    euros = gained("EUR", total="100", realised=Figure(Decimal(-8), 1, 2), day=Figure(Decimal(4), 0, 1))

    found = of(market, dollars, euros).whole

    assert (found.realised, found.day) == (Figure(Decimal(-5), 1, 3), Figure(Decimal(6), 1, 3))
    assert found.unrealised == Figure(Decimal(0), 0, 0) and found.day_percent is None


def test_the_change_of_a_day_is_of_what_all_of_it_was_worth() -> None:
    market = Market("USD", [quote("EUR/USD", "1.25")])
    euros = gained("EUR", total="100", day=Figure(Decimal(20), 0, 1))

    found = of(market, gained("USD", total="25"), euros).whole

    assert (plain(found.total), found.day_percent) == ("150", 20)


def test_a_gain_without_a_rate_is_unknown_and_needs_one_though_nothing_is_held() -> None:
    closed = gained("EUR", realised=Figure(Decimal(7), 0, 2))

    found = of(Market("USD"), worth("USD", "10 USD"), closed)

    assert found.whole.realised == Figure(Decimal(0), 2, 0) and found.is_partial
    assert found.rates == {"EUR": None} and found.whole.missing == ("EUR",)


PRICES = st.decimals(Decimal("0.000001"), Decimal("99999"), places=6)


@seed(17)
@settings(max_examples=60)
@given(
    st.lists(st.tuples(ledgers, st.sampled_from(["EUR", "USD", "BTC"])), min_size=2, max_size=4),
    PRICES,
    PRICES,
)
def test_it_is_what_all_of_it_comes_to_by_fractions(
    held: list[tuple[list[object], str]], dollar: Decimal, bitcoin: Decimal
) -> None:
    quotes = [quote("EUR/USD", plain(dollar)), quote("BTC/USD", plain(bitcoin))]
    found = [summary(Book(base, "fifo").fold(entries), Market(base, quotes)) for entries, base in held]  # type: ignore[arg-type]

    currency = currency_of(each.base for each in found)
    all_of_it = of(Market(currency, quotes), *found)

    dollars = {"USD": Fraction(1), "EUR": Fraction(dollar), "BTC": Fraction(bitcoin)}
    expected = sum(Fraction(each.total) * dollars[each.base] / dollars[currency] for each in found)
    assert abs(Fraction(all_of_it.whole.total) - expected) <= Fraction(1, 10**24)
    assert of(Market(currency, quotes), *reversed(found)) == all_of_it


pages = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rows(rows: Rows) -> Iterator[Rows]:
    """The same, and EUR/USD."""
    with listed(EUR_USD="forex"):
        yield rows


@pytest.fixture
def dollars(held: Portfolio, alice: User) -> Portfolio:
    """Of Alice too, with 500 $ besides what is ``held`` in euro."""
    found = actions.create(alice, "Abroad", "USD")
    account = actions.open_account(found, "Bank").pk
    actions.record(found, [draft_of(entry("deposit", leg("USD", "500", account=account)))])
    return found


def row(html: str) -> str:
    """With the one below it, which says by which rates."""
    found = re.search(r"<tr data-overall=.*?</tfoot>", html, re.DOTALL)
    assert found is not None
    return found[0]


def sums(found: str) -> list[str]:
    """Total, 24 hours, unrealised, realised, as they are written."""
    return re.findall(r'<(?:b|span) class="amount" data-[^>]*>([^<]*)<', found)


@pages
def test_the_list_has_one_total_with_the_rate_and_its_age(
    dollars: Portfolio, alice: User, rows: Rows
) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("450.5")
    rows["ticker:KRAKEN:EUR/USD"] = ticker("1.25")

    html = text(client(alice).get("/portfolios/"))

    found = row(html)
    assert "All 2, in EUR" in found and sums(found)[0] == "1,750.50"
    assert "1 USD = 0.80 EUR, USD → EUR, 2 s" in found and "data-partial hidden" in found
    told = re.search(r'id="overall-rates"[^>]*>(.*?)</script>', html)
    assert told is not None
    paths = {
        "USD": {
            "path": "USD → EUR",
            "said": "1 USD = 0.80 EUR, USD → EUR, 2 s",
            "steps": [{"market": "KRAKEN:EUR/USD", "forward": False, "price": "1.25", "live": True}],
        }
    }
    assert json.loads(told[1]) == paths
    again = client(alice).get("/portfolios/rates/").json()
    numbers = sorted(Portfolio.objects.values_list("pk", flat=True))
    assert again == {"currency": "EUR", "paths": paths, "portfolios": numbers}


@pages
def test_without_a_rate_the_total_says_what_it_lacks(dollars: Portfolio, alice: User, rows: Rows) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("450.5")

    found = row(text(client(alice).get("/portfolios/")))

    assert ">1,350.50</b>" in found and "data-partial hidden" not in found
    assert "Not the whole: no market leads from USD to EUR." in found


@pages
def test_a_rate_that_is_not_live_is_said(dollars: Portfolio, alice: User, rows: Rows) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("450.5")
    rows["ticker:KRAKEN:EUR/USD"] = ticker("1.25", "stale")

    found = row(text(client(alice).get("/portfolios/")))

    assert ">1,750.50</b>" in found and "USD → EUR, stale, 2 s" in found
    assert "Not the whole: USD at a price that is not live." in found


@pages
def test_its_gains_are_those_of_each_by_the_rate_of_now(
    dollars: Portfolio, held: Portfolio, alice: User, rows: Rows
) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("450.5", change="50.5")
    rows["ticker:KRAKEN:EUR/USD"] = ticker("1.25")
    there = client(alice)
    (euros,) = re.findall(rf'<tr data-id="{held.pk}".*?</tr>', text(there.get("/portfolios/")), re.DOTALL)

    assert sums(row(text(there.get("/portfolios/"))))[1:] == sums(euros)[1:]  # in dollars nothing was gained


@pages
def test_nobody_is_told_of_a_rate_that_nothing_needs(held: Portfolio, alice: User, rows: Rows) -> None:
    """It has none that is live, and nothing of the total is old for that."""
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("450.5")
    actions.create(alice, "Empty", "USD")

    found = row(text(client(alice).get("/portfolios/")))

    assert sums(found)[0] == "1,350.50" and "data-overall-rates hidden" in found
    assert "Not the whole" not in found and "data-partial hidden" in found


@pages
def test_one_currency_has_no_other_total(held: Portfolio, alice: User, rows: Rows) -> None:
    actions.create(alice, "More", "EUR")

    assert "data-overall" not in text(client(alice).get("/portfolios/"))


@pages
def test_what_is_shared_is_in_nobody_elses_total(
    dollars: Portfolio, alice: User, bob: User, charlie: User, rows: Rows
) -> None:
    sharing.share(dollars, "bob")
    actions.create(bob, "Own", "EUR")

    for who in (bob, charlie):
        html = text(client(who).get("/portfolios/"))
        assert "data-overall" not in html and "overall-rates" not in html
