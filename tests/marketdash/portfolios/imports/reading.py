"""Short words for tests of formats: a file's text → its entries, each in one line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from marketdash.portfolios.accounting import drafts
from marketdash.portfolios.accounting.drafts import Draft, DraftLeg
from marketdash.portfolios.accounting.exact import plain
from marketdash.portfolios.accounting.ledger import Entry
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.imports import entries, recognising, sheets
from marketdash.portfolios.imports.declared import Format
from marketdash.portfolios.imports.entries import Found
from marketdash.portfolios.imports.formats import FORMATS
from marketdash.portfolios.imports.lines import Reading
from marketdash.portfolios.imports.pieces import Known

ACCOUNT = 7
CODES = [
    "EUR",
    "USD",
    "GBP",
    "CHF",
    "USDT",
    "USDC",
    "BUSD",
    "BTC",
    "ETH",
    "BNB",
    "SOL",
    "DOT",
    "DOGE",
    "XRP",
    "ADA",
    "KSM",
    "AAPL",
    "VUSA",
    "1INCH",
    "INCH",
    "T",
]
MEANS = {code: code for code in CODES} | {
    **{
        "XXBT": "BTC",
        "XBT": "BTC",
        "XETH": "ETH",
        "ZEUR": "EUR",
        "ZUSD": "USD",
        "ETH2": "ETH",
        "XXDG": "DOGE",
    },
}
SIZES = {"OKX:BTC-USDT-SWAP": "0.01", "OKX:BTC-USD-251226-100000-C": "0.01"}
KNOWN = Known(MEANS.get, SIZES.get)
NOW_US = 1_790_000_000_000_000


def header(text: str | bytes) -> list[str]:
    data = text.encode() if isinstance(text, str) else text
    return sheets.read(data, lambda cells: bool(recognising.candidates(cells, FORMATS))).header


def formats(text: str | bytes) -> list[str]:
    return [each.name for each in recognising.candidates(header(text), FORMATS)]


def reading(
    text: str | bytes, file_name: str = "f.csv", zone: int | None = None, format: Format | None = None
) -> Reading:
    data = text.encode() if isinstance(text, str) else text
    known = (format,) if format else FORMATS
    sheet = sheets.read(data, lambda cells: bool(recognising.candidates(cells, known)))
    (only,) = recognising.candidates(sheet.header, known)
    return Reading(only, sheet, KNOWN, file_name, zone)


def found(text: str | bytes, file_name: str = "f.csv", **more: object) -> Found:
    return entries.found(reading(text, file_name, **more), ACCOUNT, file_name, NOW_US)  # type: ignore[arg-type]


def told(text: str | bytes, file_name: str = "f.csv", **more: object) -> list[str]:
    """Whole entries, when nothing is refused."""
    result = found(text, file_name, **more)
    assert result.wrong == []
    assert all(draft.account == ACCOUNT and draft.source == "import" for draft in result.drafts)
    return [line(draft) for draft in result.drafts]


def folded(*texts: str, base: str) -> Book:
    """What is held of files that came one after the other, and at which cost."""
    checked = [drafts.checked(each, NOW_US) for text in texts for each in found(text).drafts]
    made = [
        Entry(at, each.draft.at_us, each.draft.kind, each.legs, each.rates) for at, each in enumerate(checked)
    ]
    return Book(base, "fifo").fold(sorted(made, key=lambda entry: (entry.at_us, entry.id)))


def line(draft: Draft) -> str:
    """``2024-03-19 19:43:31 buy 0.002 BTC, -100 EUR, fee -0.18 EUR < f.csv:2``."""
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=draft.at_us)
    note = f" ({draft.note})" if draft.note else ""
    return f"{at:%Y-%m-%d %H:%M:%S} {draft.kind} {', '.join(map(_leg, draft.legs))} < {draft.reference}{note}"


def _leg(leg: DraftLeg) -> str:
    role = "" if leg.role == "principal" else f"{leg.role} "
    what = f"{role}{plain(leg.amount)} {leg.asset}"  # type: ignore[arg-type]
    if leg.instrument:
        what += f" of {leg.instrument}"
    if leg.price is not None:
        what += f" at {plain(leg.price)} × {leg.multiplier}{' inverse' if leg.inverse else ''}"  # type: ignore[arg-type]
    return f"{what} worth {plain(leg.worth)} {leg.currency}" if leg.worth is not None else what  # type: ignore[arg-type]


def wrong(text: str | bytes, **more: object) -> list[str]:
    """``3 Amount: expected …`` of each row that is refused."""
    return [f"{each.line} {each.field}: {each.words}" for each in found(text, **more).wrong]


def left(text: str | bytes) -> list[str]:
    return [f"{each.line}: {each.why}" for each in found(text).left]


def marks(text: str | bytes, file_name: str = "f.csv", **more: object) -> list[str]:
    return [draft.fingerprint for draft in found(text, file_name, **more).drafts]
