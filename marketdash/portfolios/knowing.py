"""What a file's codes mean here: a venue's alias, one that holds everywhere, an asset's own, a choice."""

from __future__ import annotations

from collections.abc import Mapping

from marketdash.instruments.models import Alias, Asset, Instrument
from marketdash.portfolios.imports.pieces import Known


def known(venue: str = "", chosen: Mapping[str, str] | None = None) -> Known:
    """``chosen``: the file's code → ours, before anything else. A code in other case means the same."""
    codes = set(Asset.objects.values_list("code", flat=True))
    anywhere = dict(Alias.objects.filter(venue=None).values_list("code", "asset__code"))
    there = dict(Alias.objects.filter(venue__name=venue).values_list("code", "asset__code"))
    said = {code: means for code, means in (chosen or {}).items() if means in codes}

    def one(code: str) -> str | None:
        return said.get(code) or there.get(code) or anywhere.get(code) or (code if code in codes else None)

    return Known(lambda code: one(code) or one(code.upper()), _size)


def _size(name: str) -> str | None:
    """Of a contract, as its venue says."""
    found = Instrument.objects.filter(symbol=name).values_list("contract_size", flat=True).first()
    return found or None
