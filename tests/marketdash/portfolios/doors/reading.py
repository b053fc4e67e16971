"""What each door says, as digits: by sum, and by line and name of the figure."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime
from fractions import Fraction
from html import unescape
from typing import Any, NamedTuple

Digits = dict[str, str | None]

SUMS = ("unrealised", "realised", "income", "fees", "funding", "day")
_SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉"
_LABELS = {"24 hours": "day", "day-percent": "day_pct"}
_COLUMNS = {
    "average_cost": "average",
    "quantity_of_unknown_cost": "unknown",
    "gain_percent": "gain_pct",
    "change_24h": "day",
}
OF_LOTS = ("account", "asset", "quantity", "cost", "opened", "entry")
_SUM_COLUMNS = {"change_24h": "day", "change_24h_percent": "day_pct"}


class Cell(NamedTuple):
    """As it is written, and the whole number beside it."""

    text: str
    exact: str

    @property
    def digits(self) -> str | None:
        return plain(self.exact or self.text)


class Page(NamedTuple):
    sums: dict[str, Cell]
    lines: dict[str, dict[str, Cell]]
    words: str
    without: dict[str, str]


def plain(text: str) -> str | None:
    """The one text of a number as people read it."""
    text = re.sub(r"[+,%]", "", text.strip()).replace("−", "-")
    text = re.sub(f"0([{_SUBSCRIPTS}]+)", lambda found: "0" * (_SUBSCRIPTS.index(found[1])), text)
    if text in ("", "–"):
        return None
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def figures(html: str) -> dict[str, Cell]:
    """Of a page, or of a row of a list."""
    found = re.findall(r'<(?:b|span)[^>]* data-(?:sum|figure)="([^"]+)"(?: title="([^"]*)")?>([^<]*)<', html)
    return {_LABELS.get(label, label): Cell(unescape(text), title) for label, title, text in found}


def page(html: str) -> Page:
    lines = {}
    for head, body in re.findall(r"<tr (data-(?:asset|contracts)=\"[^\"]+\"[^>]*)>(.*?)</tr>", html, re.S):
        kind, name = re.findall(r'data-(asset|contracts)="([^"]+)"', head)[0]
        account = re.findall(r'data-account="(\d+)"', head)
        found = re.findall(r'data-cell="(\w+)"(?: title="([^"]*)")?[^>]*>([^<]*)<', body)
        lines[f"{name} {account[0]}" if account else name] = {
            what: Cell(unescape(text), title) for what, title, text in found
        }
    (partial,) = re.findall(r"data-partial-words[^>]*>([^<]*)<", html)
    numbers = re.findall(r'data-figure="([^"]+)".*?data-without[^>]*>([^<]*)<', html)
    return Page(
        figures(html), lines, unescape(partial), {_LABELS.get(what, what): said for what, said in numbers}
    )


def per_cents(html: str) -> dict[str, dict[str, str]]:
    """By line, of a page without amounts."""
    lines = {}
    for body in re.findall(r'<tr data-line="[^"]+"[^>]*>(.*?)</tr>', html, re.S):
        found = re.findall(r'data-cell="(\w+)"[^>]*>([^<]*)<', body)
        line = {what: unescape(text) for what, text in found}
        lines[line["name"]] = line
    return lines


def api(body: dict[str, Any]) -> tuple[Digits, dict[str, Digits]]:
    """Of the API and of the socket alike."""
    sums: Digits = {"total": body["total"], **({"day_pct": body["day_pct"]} if "day_pct" in body else {})}
    for name in SUMS:
        nobody = body[name]["unknown"] and not body[name]["known"]
        sums[name] = None if nobody else body[name]["value"]
    lines = {each["asset"]: each for each in body["holdings"]}
    return sums, lines | {f"{each['name']} {each['account']}": each for each in body["positions"]}


def holdings(table: str, accounts: dict[str, int]) -> dict[str, Digits]:
    """Contracts stand by their account's number, which the file does not say."""
    found = {}
    for row in csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))):
        line = {_COLUMNS.get(name, name): cell or None for name, cell in row.items()}
        name = row["asset"]
        found[f"{name} {accounts[row['accounts']]}" if row["accounts"] in accounts else name] = line
    return found


def worths(table: str, name: str) -> Digits:
    rows = csv.DictReader(io.StringIO(table.removeprefix("\ufeff")))
    (row,) = [row for row in rows if row["name"] == name]
    return {_SUM_COLUMNS.get(what, what): cell or None for what, cell in row.items()}


def lots(table: str, accounts: dict[str, int]) -> list[tuple[object, ...]]:
    """As REST names them."""
    rows = csv.DictReader(io.StringIO(table.removeprefix("\ufeff")))
    return [(accounts[row["account"]], *(_of_lot(row, what) for what in OF_LOTS[1:])) for row in rows]


def _of_lot(row: dict[str, str], what: str) -> object:
    if what == "opened":
        return round(datetime.fromisoformat(row[what]).timestamp() * 1_000_000)
    return int(row[what]) if what == "entry" else row[what] or None


def rounded(number: Fraction, places: int) -> str:
    """For the eye: half away from zero, thousands apart."""
    scaled = abs(number) * 10**places
    whole = int(scaled + Fraction(1, 2))
    text = f"{whole // 10**places:,}"
    after = f".{whole % 10**places:0{places}d}" if places else ""
    return f"{'−' if number < 0 and whole else ''}{text}{after}"
