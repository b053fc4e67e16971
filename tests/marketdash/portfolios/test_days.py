"""The curve of the days before it was measured: holdings of each day at its closes, redone with the past."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from marketdash import publish
from marketdash.history import actions as history
from marketdash.history import backfills
from marketdash.history.models import Backfill
from marketdash.portfolios import actions, prices, recording
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.equity import curve, days
from marketdash.portfolios.equity.days import DAY_US
from marketdash.portfolios.equity.thinning import DAY
from marketdash.portfolios.models import Account, EquityDay, EquityPast, EquityPoint, Import, Portfolio
from marketdash.portfolios.valuing.routes import Pair
from tests.marketdash.history.making import bar
from tests.marketdash.portfolios.listing import listed
from tests.marketdash.portfolios.looking import client, text
from tests.marketdash.portfolios.writing import draft_of, entry, leg

FIRST = 20_000
"""The day that the bars of these tests begin with."""


@pytest.fixture
def followed(assets: Any) -> Iterator[None]:
    """BTC/USDT and USDT/EUR."""
    with listed("BTC/USDT", "USDT/EUR"):
        yield


def closed(symbol: str, **closes: str) -> None:
    """``d3="7"``: of the fourth day."""
    bars = [(int(day[1:]), close) for day, close in closes.items()]
    history.upsert([bar(day, close, symbol=f"KRAKEN:{symbol}", interval=DAY) for day, close in bars])


def recorded(held: Portfolio, account: Account, kind: str, day: float, *legs: Any, mark: str = "") -> Any:
    owned = [each._replace(account=account.pk) for each in legs]
    draft = replace(draft_of(entry(kind, *owned)), at_us=round((FIRST + day) * DAY_US))
    return actions.record(held, [replace(draft, fingerprint=mark) if mark else draft]).entries[0]


def noted(held: Portfolio, day: float, total: str, entries: int, since: float | None = None) -> None:
    EquityPoint.objects.create(
        portfolio=held,
        base=held.base,
        minute=round((FIRST + day) * DAY),
        total=Decimal(total),
        partial=False,
        entries=entries,
        since_us=None if since is None else round((FIRST + since) * DAY_US),
    )


def at(day: float) -> int:
    return round((FIRST + day) * DAY_US)


def stored(held: Portfolio) -> dict[int, tuple[str, bool]]:
    rows = EquityDay.objects.filter(portfolio=held)
    return {each.day - FIRST: (str(each.total), each.partial) for each in rows}


@pytest.fixture
def bought(portfolio: Portfolio, kraken: Account, followed: None) -> Portfolio:
    """100 EUR in on the first day, 1 BTC for 80 of them on the second, first noted on the fifth."""
    recorded(portfolio, kraken, "deposit", 0.5, leg("EUR", "100"))
    last = recorded(portfolio, kraken, "buy", 1.5, leg("BTC", "1"), leg("EUR", "-80"))
    closed("BTC/USDT", d0="90", d1="100", d2="110", d3="120")
    closed("USDT/EUR", d0="0.9", d1="0.9", d2="0.8", d3="0.5")
    noted(portfolio, 4.5, "90", last.pk)
    return portfolio


def test_each_day_is_its_holdings_at_its_closes(bought: Portfolio) -> None:
    assert days.work_due(at(5)) == 1
    assert days.work_due(at(5)) == 0, "once"

    assert stored(bought) == {0: ("100", False), 1: ("110", False), 2: ("108", False), 3: ("80", False)}
    head = EquityPast.objects.get()
    assert (head.since, head.until, head.coming) == (FIRST, FIRST + 4, False)


def test_a_day_without_a_close_is_a_hole_or_partial_and_fetched(
    portfolio: Portfolio, kraken: Account, followed: None
) -> None:
    recorded(portfolio, kraken, "deposit", 0.5, leg("BTC", "1"))
    recorded(portfolio, kraken, "deposit", 2.5, leg("EUR", "7"))
    closed("BTC/USDT", d0="100", d2="110")
    closed("USDT/EUR", d0="0.9", d2="0.8", d3="0.8")
    history.upsert([bar(1, "105", symbol="KRAKEN:BTC/USDT", interval=DAY, incomplete=True)])
    closed("USDT/EUR", d1="1")

    days.work_due(at(4))

    assert stored(portfolio) == {
        0: ("90", False),
        1: ("105", True),
        2: ("95", False),
        3: ("7", True),
    }
    head = EquityPast.objects.get()
    assert head.coming and head.due_us == at(4) + days.SOON_US
    assert Backfill.objects.filter(interval=DAY).count() == 2
    for each in Backfill.objects.all():
        backfills.finish(each)
    closed("BTC/USDT", d1="105", d3="120")

    assert days.work_due(at(4) + days.SOON_US) == 1
    assert stored(portfolio)[1] == ("105", False) and stored(portfolio)[3] == ("103", False)
    assert not EquityPast.objects.get().coming


def test_it_is_redone_when_the_past_changes_and_not_otherwise(
    bought: Portfolio, kraken: Account, monkeypatch: Any
) -> None:
    days.work_due(at(5))
    recorded(bought, kraken, "deposit", 4.7, leg("EUR", "1000"))
    assert days.work_due(at(5)) == 0, "about a day that was measured"
    assert EquityPast.objects.get().entries == bought.entries.latest("pk").pk

    late = recorded(bought, kraken, "deposit", 2.2, leg("EUR", "5"))
    assert days.work_due(at(5)) == 1
    assert [total for total, _ in stored(bought).values()] == ["100", "110", "113", "85"]

    actions.reverse(bought, late.pk)
    Import.objects.create(
        portfolio=bought, account=kraken, file_name="t.csv", sha256="", size=1, state=Import.RUNNING
    )
    assert days.work_due(at(5)) == 0, "an import goes on"
    Import.objects.update(state=Import.DONE)
    assert days.work_due(at(5)) == 1
    assert [total for total, _ in stored(bought).values()] == ["100", "110", "108", "80"]

    actions.set_base(bought, "USDT")
    assert curve.points(Portfolio.objects.get(), "all", at(5)) == []
    assert days.work_due(at(5)) == 1
    assert EquityPast.objects.get().until == FIRST + 5, "nothing was noted in it yet"
    assert stored(bought)[1][0] == "122.222222222222222222222222"


def test_it_is_whole_or_not_at_all_when_it_is_killed(bought: Portfolio, monkeypatch: Any) -> None:
    monkeypatch.setattr(EquityPast.objects, "update_or_create", _dies)
    with pytest.raises(KeyboardInterrupt):
        days.work_due(at(5))
    assert not EquityDay.objects.exists()

    monkeypatch.undo()
    assert days.work_due(at(5)) == 1


def _dies(*given: Any, **named: Any) -> None:
    raise KeyboardInterrupt


# --- on a page ------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_page_shows_the_past_with_the_present_and_leaves_out_what_was_not_known(
    portfolio: Portfolio,
    kraken: Account,
    alice: User,
    bob: User,
    charlie: User,
    followed: None,
    monkeypatch: Any,
) -> None:
    monkeypatch.setattr(curve.time, "time_ns", lambda: at(5) * 1000)
    monkeypatch.setattr(recording.time, "time_ns", lambda: at(5) * 1000)
    noted(portfolio, 4.1, "0", 0)
    first = recorded(portfolio, kraken, "deposit", 0.5, leg("EUR", "100"))
    noted(portfolio, 4.2, "100", first.pk, 0.5)
    recorded(portfolio, kraken, "buy", 1.5, leg("BTC", "1"), leg("EUR", "-80"))
    last = recorded(portfolio, kraken, "reward", 3.5, leg("EUR", "2"))
    noted(portfolio, 4.3, "77", last.pk, 1.5)
    noted(portfolio, 4.5, "82.5", last.pk)
    closed("BTC/USDT", d0="90", d1="100", d2="110", d3="120")
    closed("USDT/EUR", d0="0.9", d1="0.9", d2="0.8", d3="0.5")
    days.work_due(at(5))
    actions.share(portfolio, "bob")

    found = curve.points(portfolio, "all", at(5))
    assert [str(each.total) for each in found] == ["100", "110", "108", "82", "77", "82.5"]
    for user in (alice, bob):
        html = text(client(user).get(f"/portfolios/{portfolio.pk}/?period=month"))
        assert 'class="by-closes" d="M' in html and 'class="whole" d="M' in html
        assert "Lighter, until 7 Oct 2024: from daily closes" in html
        assert 'data-return="time-weighted">−17.50%<' in html
    assert client(charlie).get(f"/portfolios/{portfolio.pk}/").status_code == 404
    only = curve.points(portfolio, "day", at(5))
    assert [str(each.total) for each in only] == ["82", "77", "82.5"]


# --- against an oracle ----------------------------------------------------------------------------

PAIRS = [Pair("A:BTC/EUR", "BTC", "EUR"), Pair("A:ETH/BTC", "ETH", "BTC"), Pair("A:EUR/USD", "EUR", "USD")]
amounts = st.integers(1, 10**9).map(lambda units: Decimal(units).scaleb(-6))
moves = st.lists(
    st.tuples(st.integers(0, 6 * 24), st.sampled_from(("EUR", "USD", "BTC", "ETH")), amounts, st.booleans()),
    min_size=1,
    max_size=14,
)
table = st.dictionaries(
    st.tuples(st.sampled_from(PAIRS), st.integers(0, 6)), st.tuples(amounts, st.booleans()), max_size=21
)


@seed(20261126)
@settings(max_examples=200)
@given(moves, table)
def test_every_day_agrees_with_fractions(moved: list[Any], closes: dict[Any, Any]) -> None:
    moved = sorted(moved, key=lambda each: each[0])
    entries = [
        entry("deposit" if comes else "withdrawal", leg(asset, str(size if comes else -size)))._replace(
            id=at + 1, at_us=hour * 3_600_000_000
        )
        for at, (hour, asset, size, comes) in enumerate(moved)
    ]
    told: days.Closes = {}
    for (pair, number), (price, complete) in closes.items():
        told.setdefault(pair.symbol, {})[number * DAY_US] = publish.DayClose(str(price), complete)
    things = {(asset, "") for _, asset, _, _ in moved}
    with patch.object(prices, "pairs", lambda: PAIRS):
        markets = days._Markets("EUR", things)
        found = days._days(Book("EUR", "fifo"), iter(entries), markets, told, range(7))
        by_day = {each.day: each for each in found}

    for number in range(7):
        held: dict[str, Fraction] = {}
        for hour, asset, size, comes in moved:
            if hour < (number + 1) * 24:
                held[asset] = held.get(asset, Fraction(0)) + Fraction(size) * (1 if comes else -1)
        values = [worth(asset, size, number, closes) for asset, size in held.items() if size]
        known = [value for value, _ in values if value is not None]
        if values and not known:
            assert number not in by_day
            continue
        total = sum((Fraction(round(value * 10**24), 10**24) for value in known), Fraction(0))
        assert Fraction(by_day[number].total) == total
        assert by_day[number].partial == any(value is None or not whole for value, whole in values)


def worth(asset: str, size: Fraction, number: int, closes: dict[Any, Any]) -> tuple[Fraction | None, bool]:
    ways = {"EUR": [], "BTC": [(0, 1)], "ETH": [(1, 1), (0, 1)], "USD": [(2, -1)]}[asset]
    whole = True
    for place, power in ways:
        if (PAIRS[place], number) not in closes:
            return None, False
        price, complete = closes[PAIRS[place], number]
        size, whole = size * Fraction(price) ** power, whole and complete
    return size, whole


def test_a_clock_is_never_asked_for_what_was(bought: Portfolio) -> None:
    """The same whenever it is worked out."""
    days.work_due(at(5))
    first = stored(bought)
    EquityPast.objects.all().delete()

    days.work_due(time.time_ns() // 1000)

    assert stored(bought) == first
