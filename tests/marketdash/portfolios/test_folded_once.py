"""What was folded of a long ledger is folded no second time, but for what a change reaches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from marketdash.portfolios import actions, queries, reading
from marketdash.portfolios.accounting.ledger import Entry
from marketdash.portfolios.folding import Folding
from marketdash.portfolios.models import Account, Portfolio, SavedBook
from tests.marketdash.portfolios import agreement
from tests.marketdash.portfolios.test_folding import anew, bought, clock, folding, short  # noqa: F401 - fixtures
from tests.marketdash.portfolios.writing import draft_of, entry, leg

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def applied(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of the entries that were folded, in turn; a book is saved early from seven entries on."""
    found: list[int] = []

    def further(self: reading.Folded, entries: Iterable[Entry]) -> int:
        these = list(entries)
        found.extend(each.id for each in these)
        return as_it_is(self, these)

    as_it_is = reading.Folded.further
    monkeypatch.setattr(reading.Folded, "further", further)
    monkeypatch.setattr(queries, "MOST_REVIEWED", 6)
    return found


def test_no_entry_is_folded_twice_when_a_long_ledger_is_folded_first(
    portfolio: Portfolio,
    kraken: Account,
    folding: Folding,  # noqa: F811
    applied: list[int],
) -> None:
    made = actions.record(portfolio, bought(kraken, *range(10, 30))).entries

    assert [folding.work_due(), folding.work_due()] == [0, 1]

    assert applied == [each.pk for each in made]
    assert SavedBook.objects.filter(early=True).exists()
    assert agreement.of_book(queries.book(portfolio)) == anew(portfolio)


def test_after_a_change_among_the_newest_only_those_behind_the_early_book_are_folded_anew(
    portfolio: Portfolio,
    kraken: Account,
    folding: Folding,  # noqa: F811
    applied: list[int],
) -> None:
    unknown = replace(draft_of(entry("deposit", leg("ETH", "20", account=kraken.pk))), at_us=1)
    made = actions.record(portfolio, [unknown, *bought(kraken, *range(10, 30))]).entries
    folding.work_due()
    folding.work_due()
    applied.clear()

    actions.reverse(portfolio, made[-2].pk)
    folding.work_due()
    folding.work_due()

    assert applied == [each.pk for each in [*made[-3:-2], made[-1]]]
    assert agreement.of_book(queries.book(portfolio)) == anew(portfolio)
    assert [each.cost for each in queries.lacks(portfolio)] == [("ETH",)]
