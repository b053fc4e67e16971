"""What a change among old entries would do: of a ledger too long to be folded for it, in quantities alone."""

from __future__ import annotations

from hypothesis import given, seed, settings
from hypothesis import strategies as st

from marketdash.portfolios.accounting.ledger import Entry
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.accounting.preview import brief, compared, folded
from tests.marketdash.portfolios.random_ledgers import ledgers


def doubled(entry: Entry) -> Entry:
    return entry._replace(legs=tuple(leg._replace(amount=leg.amount * 2) for leg in entry.legs))


@seed(14)
@settings(max_examples=100)
@given(st.data(), ledgers.filter(bool), st.booleans())
def test_in_brief_quantities_are_what_folding_all_of_it_gives(
    data: st.DataObject, entries: list[Entry], stays: bool
) -> None:
    old = data.draw(st.sampled_from(entries))
    entry = doubled(old)._replace(at_us=old.at_us + 1, id=2**40)
    before = Book("EUR", "fifo").fold(entries)

    whole = compared(before, *folded(entries, entry, None if stays else old.id, "EUR", "fifo"))
    found = brief(before, entry, None if stays else old)

    assert found.changes == whole.changes
    assert (found.is_brief, found.outcomes, found.realised) == (True, [], None)
