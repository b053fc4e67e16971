"""Which asset a venue's code means: its alias there, else an alias everywhere, else the asset's own code."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from marketdash.instruments import search
from marketdash.instruments.models import Alias, Asset, Instrument
from marketdash.instruments.writing import insert_each, update_each

_SETTLED = ["base_asset", "quote_asset", "searched"]


class Assets:
    """All of them, read once for many rows. A code that nobody knows becomes an asset of that code."""

    def __init__(self) -> None:
        self._assets = {asset.code: asset for asset in Asset.objects.all()}
        by_id = {asset.pk: asset for asset in self._assets.values()}
        self._meanings: dict[tuple[int | None, str], Asset] = {}
        self._codes: dict[int, list[str]] = {pk: [asset.code] for pk, asset in by_id.items()}
        for alias in Alias.objects.all():
            self._meanings[alias.venue_id, alias.code] = by_id[alias.asset_id]
            self._codes[alias.asset_id].append(alias.code)

    def find(self, venue_id: int, code: str) -> Asset | None:
        meanings = self._meanings
        return meanings.get((venue_id, code)) or meanings.get((None, code)) or self._assets.get(code)

    def meaning(self, venue_id: int, code: str) -> str:
        """The code of the asset that it is; itself where nobody knows it."""
        found = self.find(venue_id, code)
        return code if found is None else found.code

    def make(self, codes: Iterable[str]) -> None:
        """Assets that are named by their code alone, until somebody gives them a title."""
        made = [Asset(code=code) for code in codes]
        insert_each(made, known_by="code")
        for asset in made:
            self._assets[asset.code] = asset
            self._codes[asset.pk] = [asset.code]

    def codes(self, asset: Asset) -> list[str]:
        """Its own, and every other that means it somewhere."""
        return self._codes[asset.pk]


def settle(rows: Iterable[Instrument]) -> None:
    """Give ``rows`` their assets and the text that a search reads. They are not saved here."""
    rows, known = list(rows), Assets()
    named = dict.fromkeys((row.venue_id, code) for row in rows for code in (row.base, row.quote))
    known.make(dict.fromkeys(code for venue_id, code in named if known.find(venue_id, code) is None))
    for row in rows:
        base, quote = (known.find(row.venue_id, code) for code in (row.base, row.quote))
        assert base is not None and quote is not None
        row.base_asset, row.quote_asset = base, quote
        row.searched = search.text(
            row, [row.base, *known.codes(base)], [row.quote, *known.codes(quote)], [base.title, quote.title]
        )


@transaction.atomic
def settle_all() -> int:
    """After an alias, an asset or a venue's title changed: all rows anew; how many that changed."""
    rows = list(Instrument.objects.select_related("venue"))
    before = [_settled(row) for row in rows]
    settle(rows)
    changed = [row for row, was in zip(rows, before, strict=True) if _settled(row) != was]
    update_each(changed, _SETTLED)
    return len(changed)


def _settled(row: Instrument) -> tuple[int | None, int | None, str]:
    return row.base_asset_id, row.quote_asset_id, row.searched
