"""Drafts of imports as bytes, and back: what was looked at is what is recorded. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from decimal import Decimal

import msgspec

from marketdash.portfolios.accounting.drafts import Draft, DraftLeg, Number
from marketdash.portfolios.accounting.exact import plain
from marketdash.portfolios.accounting.ledger import IMPORTED

_Leg = tuple[str, str, str, str | None, str, str, str, str | None, str, bool]
_Row = tuple[str, int, str, str, str, list[_Leg]]
_rows = msgspec.msgpack.Decoder(list[_Row])


def kept(made: Sequence[Draft]) -> bytes:
    """Without their account, which is one and known."""
    return zlib.compress(msgspec.msgpack.encode([_row(draft) for draft in made]), 1)


def loaded(body: bytes, account: int) -> list[Draft]:
    return [
        Draft(kind, at_us, account, [_leg(leg, account) for leg in legs], (), IMPORTED, reference, note, mark)
        for kind, at_us, reference, note, mark, legs in _rows.decode(zlib.decompress(body))
    ]


def _row(draft: Draft) -> _Row:
    legs = [_kept(leg) for leg in draft.legs]
    return draft.kind, draft.at_us, draft.reference, draft.note, draft.fingerprint, legs


def _kept(leg: DraftLeg) -> _Leg:
    numbers = _text(leg.worth), leg.currency, leg.worth_source, leg.instrument, _text(leg.price)
    return (leg.asset, str(_text(leg.amount)), leg.role, *numbers, str(leg.multiplier), leg.inverse)


def _text(number: Number | None) -> str | None:
    return plain(number) if isinstance(number, Decimal) else None if number is None else str(number)


def _leg(kept: _Leg, account: int) -> DraftLeg:
    return DraftLeg(account, *kept)
