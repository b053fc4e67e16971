"""A whole portfolio as one compressed JSON file: accounts, every entry with legs and rates, imports.

Numbers are text. An entry refers to others by their place in the file, so that it can be another portfolio's.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from marketdash.portfolios.accounting.exact import plain
from marketdash.portfolios.accounting.ledger import REVERSAL
from marketdash.portfolios.accounting.shapes import Refused
from marketdash.portfolios.models import Entry, Leg, Portfolio, Rate

VERSION = 1
MOST_BYTES, MOST_UNPACKED = 32 * 1024 * 1024, 512 * 1024 * 1024


class KeptLeg(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    account: int
    asset: str
    amount: str
    role: str = "principal"
    worth: str | None = None
    currency: str = ""
    worth_source: str = ""
    instrument: str = ""
    price: str | None = None
    multiplier: str = "1"
    inverse: bool = False


class KeptRate(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """``late``: stated after its entry."""

    asset: str
    currency: str
    rate: str
    source: str
    late: bool = False


class KeptEntry(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """``account``, ``corrects`` and ``imported`` are places in the file."""

    at_us: int
    kind: str
    account: int
    source: str
    fingerprint: str
    legs: list[KeptLeg]
    rates: list[KeptRate] = []
    reference: str = ""
    note: str = ""
    corrects: int | None = None
    imported: int | None = None


class KeptAccount(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    name: str
    venue: str = ""


class KeptImport(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    account: int
    file_name: str
    sha256: str
    size: int
    format: str
    undone: bool
    found: int
    new: int
    duplicates: int
    refused: int
    left: int


class Kept(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    name: str
    base: str
    method: str
    accounts: list[KeptAccount]
    imports: list[KeptImport]
    entries: list[KeptEntry]


def written(portfolio: Portfolio) -> bytes:
    """As it is at this moment: what is recorded meanwhile is not in it. Accounts are read last, so that all
    of which anything is told are among them."""
    imports = list(portfolio.imports.exclude(state="looked").order_by("pk"))
    heads = list(Entry.objects.filter(portfolio=portfolio).order_by("pk"))
    opened = list(portfolio.accounts.select_related("venue").order_by("pk"))
    accounts = {each.pk: at for at, each in enumerate(opened)}
    kept = Kept(
        VERSION,
        portfolio.name,
        portfolio.base.code,
        portfolio.method,
        [_account(each) for each in opened],
        [_import(each, accounts[each.account_id]) for each in imports],
        _entries(portfolio, heads, accounts, {each.pk: at for at, each in enumerate(imports)}),
    )
    return gzip.compress(msgspec.json.encode(kept), 6, mtime=0)


def read(data: bytes) -> Kept:
    """Raises :class:`Refused`, naming the place in the file."""
    if len(data) > MOST_BYTES:
        raise Refused("file", f"expected at most {MOST_BYTES // 2**20} MiB, found {-(-len(data) >> 20)}")
    try:
        text = gzip.GzipFile(fileobj=io.BytesIO(data)).read(MOST_UNPACKED + 1)
    except (OSError, EOFError, zlib.error):
        raise Refused("file", "expected a backup of a portfolio (.json.gz), found another file") from None
    if len(text) > MOST_UNPACKED:
        raise Refused("file", f"expected at most {MOST_UNPACKED // 2**20} MiB unpacked, found more")
    try:
        kept = msgspec.json.decode(text, type=Kept)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise Refused("file", f"expected a backup of a portfolio: {problem}") from None
    if kept.version != VERSION:
        raise Refused("version", f"expected {VERSION}, found {kept.version}")
    return kept


def _account(each: Any) -> KeptAccount:
    return KeptAccount(each.name, each.venue.name if each.venue else "")


def _import(each: Any, account: int) -> KeptImport:
    what = each.file_name, each.sha256, each.size, each.format, each.state in ("undone", "undoing")
    return KeptImport(account, *what, each.found, each.new, each.duplicates, each.refused, each.left)


def _entries(
    portfolio: Portfolio, heads: Sequence[Entry], accounts: dict[int, int], imports: dict[int, int]
) -> list[KeptEntry]:
    """In the order of their numbers."""
    last = heads[-1].pk if heads else 0
    legs, rates = _legs(portfolio, last, accounts), _rates(portfolio, last)
    places = {head.pk: at for at, head in enumerate(heads)}
    return [
        KeptEntry(
            head.at_us,
            head.kind,
            accounts[head.account_id],
            head.source,
            "" if head.kind == REVERSAL else head.fingerprint,  # follows from what it reverses
            legs[head.pk],
            rates.get(head.pk, []),
            head.reference,
            head.note,
            None if head.corrects_id is None else places[head.corrects_id],
            None if head.imported_id is None else imports.get(head.imported_id),
        )
        for head in heads
    ]


def _legs(portfolio: Portfolio, last: int, accounts: dict[int, int]) -> dict[int, list[KeptLeg]]:
    found: dict[int, list[KeptLeg]] = defaultdict(list)
    rows = Leg.objects.filter(entry__portfolio=portfolio, entry__lte=last).order_by("pk")
    for leg in rows.select_related("asset", "currency").iterator(chunk_size=2000):
        found[leg.entry_id].append(
            KeptLeg(
                accounts[leg.account_id],
                leg.asset.code,
                plain(leg.amount),
                leg.role,
                _text(leg.worth),
                leg.currency.code if leg.currency else "",
                leg.worth_source,
                leg.instrument,
                _text(leg.price),
                _text(leg.multiplier) or "1",
                leg.inverse,
            )
        )
    return found


def _rates(portfolio: Portfolio, last: int) -> dict[int, list[KeptRate]]:
    found: dict[int, list[KeptRate]] = defaultdict(list)
    rows: Iterable[Rate] = Rate.objects.filter(entry__portfolio=portfolio, entry__lte=last).order_by("pk")
    for rate in rows.select_related("asset", "currency"):  # type: ignore[attr-defined]
        kept = KeptRate(rate.asset.code, rate.currency.code, plain(rate.rate), rate.source, rate.late)
        found[rate.entry_id].append(kept)
    return found


def _text(number: Decimal | None) -> str | None:
    return None if number is None else plain(number)
