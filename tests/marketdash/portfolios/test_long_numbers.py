"""A number of as many digits as a ledger holds stays what it is: typed, moved, corrected, taken back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils.html import strip_tags

from marketdash.numerals import ENGLISH
from marketdash.portfolios import actions, queries, recording
from marketdash.portfolios.accounting import drafts, ledger
from marketdash.portfolios.accounting.exact import plain, precisely
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.accounting.owing import Owed
from marketdash.portfolios.entering import retyped, typed
from marketdash.portfolios.entering.blanks import FORMS
from marketdash.portfolios.equity import equity_shown
from marketdash.portfolios.equity.returns import Point
from marketdash.portfolios.models import Account, Entry, Leg, Portfolio
from marketdash.portfolios.words import shown, undone
from tests.marketdash.portfolios.test_typed import FULL, KNOWN, NOW_US
from tests.marketdash.portfolios.writing import draft_of, entry, leg

LONG = "12345678901234567890.123456789012345678901234"
OTHER = "98765432109876543210.987654321098765432109877"


@pytest.mark.parametrize("kind", FORMS)
def test_what_is_typed_is_kept(kind: str) -> None:
    form = FORMS[kind]
    side = next(iter(form.sides), "")
    fields = {**FULL, "kind": kind, "side": side, "amount": LONG, "amount2": OTHER, "fee": OTHER}

    draft = typed.draft({**fields, "fee_asset": "BNB"}, KNOWN, NOW_US, "n")

    sizes = [plain(Decimal(leg.amount).copy_abs()) for leg in draft.legs]
    assert sizes[0] == LONG
    assert {*sizes[1:]} <= {LONG, OTHER, "0.25"}  # what it paid, as FULL has it
    checked = drafts.checked(draft, NOW_US)
    again = retyped.fields(ledger.Entry(1, draft.at_us, kind, checked.legs), 1, "", "EUR")
    assert again is not None
    assert typed.draft(again, KNOWN, NOW_US, "n").legs == draft.legs


@pytest.mark.django_db
def test_a_transfer_moves_all_of_it(portfolio: Portfolio, kraken: Account, wallet: Account) -> None:
    there = leg("BTC", LONG, account=wallet.pk)
    actions.record(portfolio, [draft_of(entry("deposit", leg("BTC", LONG, account=kraken.pk)))])

    actions.record(portfolio, [draft_of(entry("transfer", leg("BTC", f"-{LONG}", account=kraken.pk), there))])

    book = queries.book(portfolio)
    assert [plain(book.pool(account.pk, "BTC").quantity) for account in (kraken, wallet)] == ["0", LONG]


@pytest.mark.django_db
def test_what_differs_in_the_last_digit_is_no_transfer(
    portfolio: Portfolio, kraken: Account, wallet: Account
):
    legs = leg("BTC", f"-{LONG[:-1]}5", account=kraken.pk), leg("BTC", LONG, account=wallet.pk)

    with pytest.raises(actions.Refused, match="expected as much to come in as goes out"):
        actions.record(portfolio, [draft_of(entry("transfer", *legs))])


@pytest.mark.django_db
@pytest.mark.parametrize("taken_back", [actions.reverse, lambda held, pk: recording.reverse_each(held, [pk])])
def test_what_is_taken_back_leaves_nothing(taken_back: Any, portfolio: Portfolio, kraken: Account) -> None:
    actions.record(portfolio, [draft_of(entry("deposit", leg("BTC", LONG, account=kraken.pk)))])

    taken_back(portfolio, Entry.objects.get(portfolio=portfolio).pk)

    with precisely():
        assert sum(each.amount for each in Leg.objects.filter(entry__portfolio=portfolio)) == 0


def test_a_book_and_its_text_agree() -> None:
    book = Book("EUR", "fifo").fold([entry("deposit", leg("BTC", LONG)), entry("deposit", leg("BTC", OTHER))])

    with precisely():
        assert plain(book.pool(1, "BTC").quantity) == plain(Decimal(LONG) + Decimal(OTHER))


def test_what_would_be_owed_is_said_with_all_its_digits() -> None:
    found = Owed(1, "BTC", 1, 0, Decimal(LONG), Decimal(f"-{LONG}"))

    said = strip_tags(undone.owed(found, "Kraken", ENGLISH)).replace(",", "")

    assert f"up to {LONG} BTC would be owed" in said
    assert f"and {LONG} BTC would still be owed" in said


def test_a_return_and_the_middle_of_a_curve_are_rounded_once() -> None:
    """It is a little less than 12.355 %, in its 33rd place."""
    end = Decimal("1123549999.999999999999999999999999")
    points = Point(0, Decimal(10**9)), Point(86_400_000_000, end)

    found = equity_shown.curve(points, [], "EUR", "all")

    assert found.figures[0].cell.text == "+12.35%"
    assert found.picture is not None
    assert found.picture.marks[1].exact == "1061774999.9999999999999999999999995"


def test_a_weight_of_a_portfolio_that_owes_nearly_all_of_it() -> None:
    """A total of next to nothing below a large holding: by a link that is written outside of any context."""
    said = shown.weight(Decimal("123456789012345678901234567890.123"))

    assert said == "12,345,678,901,234,567,890,123,456,789,012.3%"
