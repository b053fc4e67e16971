"""The curve on pages: drawn where there are points, worked out by the ledger, for whoever may see amounts."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from marketdash.portfolios import actions
from marketdash.portfolios.accounting.drafts import DraftRate
from marketdash.portfolios.equity import curve, equity_shown
from marketdash.portfolios.equity.returns import DAY_US, Flow, Point
from marketdash.portfolios.equity.thinning import MINUTE_US
from marketdash.portfolios.models import Account, EquityPoint, Portfolio
from tests.marketdash.portfolios.looking import Rows, client, text, ticker
from tests.marketdash.portfolios.writing import draft_of, entry, leg

pages = pytest.mark.django_db(transaction=True)


def noted(held: Portfolio, *totals: str, back: int = 0, partial: bool = False, **more: Any) -> None:
    """A point a minute; the last of them ``back`` minutes ago."""
    last = time.time_ns() // 1000 // MINUTE_US - back
    for ago, total in enumerate(reversed(totals)):
        of = {"total": Decimal(total), "partial": partial, "entries": 0, **more}
        EquityPoint.objects.create(portfolio=held, base=held.base, minute=last - ago, **of)


def section(html: str) -> str:
    return html[html.index('id="equity"') : html.index('id="held-title"')]


def figures(html: str) -> dict[str, str]:
    return dict(re.findall(r'data-return="([^"]+)">([^<]+)<', html))


@pages
def test_an_owner_and_a_viewer_see_it_and_a_stranger_does_not(
    held: Portfolio, alice: User, bob: User, charlie: User, rows: Rows
) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("450.5")
    noted(held, "1000", "1250", "1100")
    actions.share(held, "bob")

    for user in (alice, bob):
        html = section(text(client(user).get(f"/portfolios/{held.pk}/")))
        assert figures(html) == {
            "time-weighted": "+10.00%",
            "money-weighted": "+10.00%",
            "drawdown": "−12.00%",
        }
        assert 'd="M0.0 300.0L500.0 0.0L1000.0 180.0"' in html and "style=" not in html
        assert all(mark in html for mark in ("1,250.00", "1,125.00", "1,000.00"))
        assert '<a href="?period=day#equity" aria-current="true">Day</a>' in html
    assert client(charlie).get(f"/portfolios/{held.pk}/").status_code == 404


@pages
def test_a_link_shows_it_with_amounts_and_not_without(held: Portfolio, rows: Rows) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("450.5")
    noted(held, "1000", "1234.56")
    links = [actions.make_link(held, "for Dora", 7, amounts)[1] for amounts in (True, False)]

    shown, hidden = (text(Client().get(f"/shared/{secret}/?period=week")) for secret in links)

    assert "1,234.56" in section(shown) and 'period=week#equity" aria-current' in shown
    for word in ("equity", "1,234.56", "23.46", '<svg viewBox="0 0 1000', "Drawdown", "period="):
        assert word not in hidden[hidden.index('<main id="content"') :], word


@pages
def test_an_open_page_is_told_what_a_new_one_shows(
    held: Portfolio, alice: User, bob: User, charlie: User, rows: Rows
) -> None:
    noted(held, "1000", "1250", "1100")
    actions.share(held, "bob")
    secret = actions.make_link(held, "for Dora", 7, True)[1]
    json = {"Accept": "application/json"}

    answers = [
        client(alice).get(f"/portfolios/{held.pk}/curve/?period=week"),
        client(bob).get(f"/portfolios/{held.pk}/curve/?period=week"),
        Client().get(f"/shared/{secret}/?period=week", headers=json),
    ]

    page = section(text(client(alice).get(f"/portfolios/{held.pk}/?period=week")))
    for answer in answers:
        told = answer.json()
        assert [each["text"] for each in told["figures"]] == list(figures(page).values())
        assert all(
            f'd="{told["picture"][name]}"' in page for name in ("whole", "area", "by_closes", "lacking")
        )
        assert all(f">{mark}<" in page for mark in told["picture"]["marks"])
        assert told["notes"] in page and 0 < told["due_s"] <= 67
    assert "no-store" in answers[0]["Cache-Control"] and "Accept" in answers[2]["Vary"]
    assert client(charlie).get(f"/portfolios/{held.pk}/curve/").status_code == 404
    bare = actions.make_link(held, "for Dora", 7, False)[1]
    hidden = Client().get(f"/shared/{bare}/?period=week", headers=json)
    assert hidden["Content-Type"].startswith("text/html") and b"1,250" not in hidden.content


def test_it_is_asked_for_after_each_minute_and_sooner_where_it_is_late() -> None:
    drawn = equity_shown.nothing("day", "")._replace(until_us=10 * MINUTE_US)

    due = [curve.due_s(drawn, 10 * MINUTE_US + second * 1_000_000) for second in (0, 20, 59, 60, 110)]

    assert due == [67, 47, 8, 20, 17]


@pages
@pytest.mark.parametrize("period", ["", "decade", "\0", "week&period=year"])
def test_an_empty_curve_says_what_to_expect(held: Portfolio, alice: User, rows: Rows, period: str) -> None:
    page = section(text(client(alice).get(f"/portfolios/{held.pk}/?period={period}")))
    assert curve.FIRST in page and "<div data-drawn hidden>" in page

    noted(held, "5", back=3 * 1440 * 200)
    page = section(text(client(alice).get(f"/portfolios/{held.pk}/?period=day")))
    assert "No point was noted in this time." in page
    page = section(text(client(alice).get(f"/portfolios/{held.pk}/?period=all")))
    assert "One point so far" in page and "no time has passed" in page


@pages
def test_what_has_no_price_at_all_has_no_first_point_to_wait_for(
    portfolio: Portfolio, kraken: Account, alice: User, rows: Rows
) -> None:
    actions.record(portfolio, [draft_of(entry("deposit", leg("NEW", "1", account=kraken.pk)))])

    assert curve.WITHOUT_WORTH in text(client(alice).get(f"/portfolios/{portfolio.pk}/"))


@pytest.mark.django_db
def test_flows_follow_the_ledger_as_it_is_now(portfolio: Portfolio, kraken: Account) -> None:
    pk, at_us = kraken.pk, 7 * DAY_US
    drafts = [
        draft_of(entry("deposit", leg("EUR", "100", account=pk))),
        draft_of(entry("buy", leg("BTC", "1", account=pk), leg("EUR", "-50", account=pk))),
        draft_of(entry("withdrawal", leg("BTC", "-1", account=pk), leg("EUR", "-1", "fee", account=pk))),
        draft_of(entry("reward", leg("EUR", "3", account=pk))),
    ]
    rows = actions.record(portfolio, [replace(each, at_us=at_us) for each in drafts]).entries
    first, _, out, last = (row.pk for row in rows)

    assert curve.flows(portfolio, 0, last) == [Flow(first, at_us, Decimal(100)), Flow(out, at_us, None)]
    actions.state_rate(portfolio, out, DraftRate("BTC", "EUR", "70", "typed"))
    gone = actions.reverse(portfolio, first).pk

    assert curve.flows(portfolio, first, last) == [Flow(out, at_us, Decimal(-70))]
    assert curve.flows(portfolio, last, gone) == [Flow(gone, at_us, Decimal(-100))]


@pytest.mark.django_db
def test_a_curve_has_points_of_its_currency_and_period_alone(portfolio: Portfolio, assets: Any) -> None:
    noted(portfolio, "1", "2", back=10)
    noted(portfolio, "3", back=2000)
    actions.set_base(portfolio, "USD")
    noted(portfolio, "9")

    found = {}
    for base in ("USD", "EUR"):
        actions.set_base(portfolio, base)
        for period in ("day", "all"):
            points = curve.points(portfolio, period, time.time_ns() // 1000)
            found[base, period] = [int(each.total) for each in points]

    assert found == {
        ("USD", "day"): [9],
        ("USD", "all"): [9],
        ("EUR", "day"): [1, 2],
        ("EUR", "all"): [3, 1, 2],
    }


def minutes(*totals: str | None, partial: tuple[int, ...] = ()) -> list[Point]:
    told = [(at, total) for at, total in enumerate(totals) if total is not None]
    return [Point(at * MINUTE_US, Decimal(total), at in partial) for at, total in told]


def picture(points: list[Point]) -> equity_shown.Picture:
    found = equity_shown.curve(points, [], "EUR", "day").picture
    assert found is not None
    return found


def test_a_time_without_points_is_a_gap_and_no_line() -> None:
    found = picture(minutes("0", "3", None, None, None, "3", "0", None, "3"))

    assert found.whole == "M0.0 300.0L125.0 0.0 M625.0 0.0L750.0 300.0L1000.0 0.0"
    assert found.area.count("Z") == 2 and found.lacking == ""


def test_where_something_had_no_price_the_line_is_another() -> None:
    points = minutes("3", "3", "0", "3", "3", partial=(2,))

    found = equity_shown.curve(points, [], "EUR", "day")

    assert found.picture is not None and found.figures[2].cell.text == "0.00%"
    assert found.picture.lacking == "M250.0 0.0L500.0 300.0L750.0 0.0"
    assert found.picture.whole == "M0.0 0.0L250.0 0.0 M750.0 0.0L1000.0 0.0"
    assert "Returns leave 1 of 5 points out." in found.notes[1]


def test_one_point_is_a_dash_and_one_height_is_the_middle() -> None:
    alone = picture(minutes("5"))
    assert (alone.whole, alone.area) == ("M496.0 150.0h8", "")
    flat = picture(minutes("5", "5"))
    assert flat.whole == "M0.0 150.0L1000.0 150.0" and len(flat.marks) == 1


@settings(max_examples=25)
@given(st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=3000))
def test_a_picture_is_small_and_loses_neither_peak_nor_trough(totals: list[int]) -> None:
    found = picture(minutes(*map(str, totals)))

    heights = [Decimal(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", found.whole)]
    assert len(heights) <= 3 * (equity_shown.COLUMNS + 1)
    if len(set(totals)) > 1:
        assert (min(heights), max(heights)) == (0, 300)
