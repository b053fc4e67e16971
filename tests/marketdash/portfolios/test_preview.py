"""What a change among old entries would do: of a ledger too long to be folded for it, in quantities alone,
but all of it among the newest."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from marketdash.portfolios import actions, queries
from marketdash.portfolios.accounting.ledger import Entry
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.accounting.pools import METHODS
from marketdash.portfolios.accounting.preview import Preview, brief, compared, folded
from marketdash.portfolios.models import Account, Portfolio
from tests.marketdash.portfolios.looking import text
from tests.marketdash.portfolios.random_ledgers import ledgers
from tests.marketdash.portfolios.test_entry_pages import at, buy, cells, kept  # noqa: F401
from tests.marketdash.portfolios.writing import draft_of, entry, leg


def doubled(entry: Entry) -> Entry:
    return entry._replace(legs=tuple(leg._replace(amount=leg.amount * 2) for leg in entry.legs))


@seed(14)
@settings(max_examples=100)
@given(st.data(), ledgers.filter(bool), st.booleans())
def test_in_brief_quantities_are_what_folding_all_of_it_gives(
    data: st.DataObject, entries: list[Entry], stays: bool
) -> None:
    old = data.draw(st.sampled_from(entries))
    new = doubled(old)._replace(at_us=old.at_us + 1, id=2**40)
    before = Book("EUR", "fifo").fold(entries)

    whole = compared(before, *folded(Book("EUR", "fifo"), entries, new, None if stays else old.id))
    found = brief(before, new, None if stays else old)

    assert found.changes == whole.changes
    assert (found.is_brief, found.outcomes, found.realised) == (True, [], None)


@pytest.mark.django_db(transaction=True)
def test_a_correction_in_a_ledger_too_long_to_be_folded_for_it_says_so(
    alice_there: Client,  # noqa: F811
    at: str,  # noqa: F811
    portfolio: Portfolio,
    kraken: Account,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    legs = leg("BTC", "1", account=kraken.pk), leg("EUR", "-100", account=kraken.pk)
    (first,) = actions.record(portfolio, [draft_of(entry("buy", *legs))]).entries
    monkeypatch.setattr(queries, "MOST_REVIEWED", 0)

    html = text(
        alice_there.post(f"{at}review/", buy(kraken, amount="3", amount2="100", corrects=str(first.pk)))
    )

    assert cells(html, "BTC") == ["BTC", "Kraken", "1", "3"] and cells(html, "EUR") == []
    assert "not worked out before it is saved" in html and "data-realised" not in html
    alice_there.post(f"{at}save/", kept(html))
    assert queries.book(portfolio).holdings() == {(kraken.pk, "BTC"): 3, (kraken.pk, "EUR"): -100}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", sorted(METHODS))
def test_of_a_long_ledger_a_change_among_the_newest_is_folded_from_before_them(
    portfolio: Portfolio, kraken: Account, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    portfolio.method = method
    amounts = ("1", "-100"), ("2", "-400"), ("-1", "300"), ("1", "-50"), ("-2", "700"), ("3", "-30")
    drafts = []
    for at_us, (amount, paid) in enumerate(amounts * 3, 1):
        legs = leg("BTC", amount, account=kraken.pk), leg("EUR", paid, account=kraken.pk)
        drafts.append(replace(draft_of(entry("buy", *legs)), at_us=at_us))
    pks = [each.pk for each in actions.record(portfolio, drafts).entries]
    monkeypatch.setattr(queries, "MOST_REVIEWED", 6)
    queries.keep_early(portfolio)

    def reviewed(nth: int) -> tuple[Preview, Preview]:
        old = queries.entry(portfolio, pks[nth])
        assert old is not None
        change = doubled(old)._replace(id=2**62), old.id
        everything = folded(Book("EUR", method), queries.entries(portfolio), *change)
        return queries.preview(portfolio, *change), compared(queries.book(portfolio), *everything)

    for nth in (-1, -3):
        found, whole = reviewed(nth)
        assert found == whole and not found.is_brief and found.outcomes
    assert reviewed(-4)[0].is_brief, "it is in the book that is folded from"

    actions.record(portfolio, [replace(drafts[0], at_us=5, fingerprint="late")])
    assert reviewed(-1)[0].is_brief, "something was recorded that belongs before its end"
