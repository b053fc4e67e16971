"""What a file's codes mean here: a venue's alias, one that holds everywhere, an asset's own, a choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from marketdash.instruments import parts
from marketdash.instruments.models import Alias, Asset, Instrument
from marketdash.portfolios import own_assets
from marketdash.portfolios.imports.pieces import Known


def known(
    venue: str = "", chosen: Mapping[str, str] | None = None, kept: Iterable[str] = (), room: int = 0
) -> Known:
    """``chosen``: the file's code → ours, before anything else. A code in other case means the same.
    ``kept``: codes of the file that mean themselves where nothing else is known of them, ``room`` of them."""
    codes = set(Asset.objects.values_list("code", flat=True))
    anywhere = dict(Alias.objects.filter(venue=None).values_list("code", "asset__code"))
    there = dict(Alias.objects.filter(venue__name=venue).values_list("code", "asset__code"))

    def one(code: str) -> str | None:
        return there.get(code) or anywhere.get(code) or (code if code in codes else None)

    def any_case(code: str) -> str | None:
        return one(code) or one(code.upper())

    said = {code: means for code, text in (chosen or {}).items() if (means := any_case(text))}

    def meaning(code: str) -> str | None:
        return said.get(code) or any_case(code)

    own = [code for code in kept if not meaning(code) and not parts.code_problem(code)]
    over = {code: f"{own_assets.expected()}, found {code!r:.40} as one more" for code in own[room:]}
    return Known(meaning, _size, frozenset(own[:room]), over)


def _size(name: str) -> str | None:
    """Of a contract, as its venue says."""
    found = Instrument.objects.filter(symbol=name).values_list("contract_size", flat=True).first()
    return found or None
