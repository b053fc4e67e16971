"""Whether all doors say the same, digit by digit, and what a stranger worked out."""

from __future__ import annotations

from fractions import Fraction

from tests.marketdash.portfolios.doors import reading
from tests.marketdash.portfolios.doors.reading import Cell
from tests.marketdash.portfolios.doors.site import Seen
from tests.marketdash.portfolios.doors.worth import Told

LAST_PLACE = Fraction(1, 10**24)
DEAR = 10**5
"""In the currency: what an inverse contract costs is rounded in coins."""
SAID = {
    "holding": (
        "quantity",
        "average",
        "cost",
        "unknown",
        "price",
        "value",
        "gain",
        "gain_pct",
        "day",
        "weight",
    ),
    "contract": ("quantity", "opened", "mark", "value", "gain", "day", "weight"),
}
QUOTIENTS, FINE = ("weight", "gain_pct", "opened"), Fraction(1, 10**12)
"""Of sums that were rounded each."""
ON_SOCKET = ("weight", "gain_pct")
"""Not said there: they follow from what is."""
IN_FILE = {"opened": "average", "mark": "price"}
CENTS = ("EUR", "USD")


def agree(seen: Seen, told: Told, name: str, accounts: dict[str, int], slack: Fraction) -> None:
    """``slack``: what roundings of costs come to; an average of dust is off by more."""
    sums, lines = reading.api(seen.api)
    of_figures(sums, lines, told, slack)
    of_socket(seen, sums, lines)
    of_files(seen, sums, lines, name, accounts)
    of_page(seen, told, sums, lines)
    of_lots(seen, accounts)
    for what, names in told.lists.items():
        assert seen.api[what] == seen.socket[what] == names, what


def of_figures(sums: reading.Digits, lines: dict[str, reading.Digits], told: Told, slack: Fraction) -> None:
    """The API against fractions: only divisions may round, and each to 24 places."""
    for what, right in told.sums.items():
        near(sums[what], right, FINE if what == "day_pct" else slack * DEAR, what)
    assert set(lines) == set(told.lines)
    for name, line in told.lines.items():
        for what in SAID["contract" if "mark" in line else "holding"]:
            most = Fraction(0) if what == "quantity" else slack * (DEAR if "mark" in line else 1)
            most = FINE if what in QUOTIENTS else most
            if what == "average" and line["average"] and line["cost"]:
                most = slack / min(1, abs(line["cost"] / line["average"]))
            near(lines[name][what], line[what], most, f"{name} {what}")
        path = told.paths.get(name)
        if path is not None:
            assert lines[name]["path"] == (" → ".join(path.assets) if path.markets else "")
            assert lines[name]["by"] == [f"KRAKEN:{each}" for each in path.markets]
    weights = [Fraction(line["weight"]) for line in lines.values() if line["weight"] is not None]
    assert not weights or sum(weights) == 1
    assert Fraction(sums["total"] or 0) == sum(Fraction(line["value"] or 0) for line in lines.values())


def near(said: str | None, right: Fraction | None, slack: Fraction, what: str) -> None:
    if right is None:
        assert said is None, (what, said)
        return
    assert said is not None, what
    assert said == reading.plain(said), (what, said)
    assert abs(Fraction(said) - right) <= slack, (what, said, float(right), float(Fraction(said) - right))


def of_socket(seen: Seen, sums: reading.Digits, lines: dict[str, reading.Digits]) -> None:
    there, items = reading.api(seen.socket)
    assert there == {what: each for what, each in sums.items() if what != "day_pct"}
    for name, line in lines.items():
        for what, each in line.items():
            if what not in (*ON_SOCKET, "ts_received"):
                assert items[name][what] == each, (name, what)
    assert set(items) == set(lines)
    for what in (
        "base",
        "method",
        "state",
        "reason",
        "unrealised",
        "realised",
        "income",
        "fees",
        "funding",
        "day",
    ):
        assert seen.socket[what] == seen.api[what], what


def of_files(
    seen: Seen, sums: reading.Digits, lines: dict[str, reading.Digits], name: str, accounts: dict[str, int]
) -> None:
    rows = reading.holdings(seen.holdings, accounts)
    assert set(rows) == set(lines)
    for asset, line in lines.items():
        for what in SAID["contract" if "mark" in line else "holding"]:
            assert rows[asset][IN_FILE.get(what, what)] == line[what], (asset, what)
        assert rows[asset]["price_live"] == ("yes" if line["live"] else "no")
    worth = reading.worths(seen.worths, name)
    for what in ("total", "day", "day_pct", "unrealised", "realised"):
        assert worth[what] == sums[what], what
    assert (worth["lacks_price_of"], worth["old_price_of"]) == (
        ", ".join(seen.api["missing"]) or None,
        ", ".join(seen.api["stale"]) or None,
    )


def of_lots(seen: Seen, accounts: dict[str, int]) -> None:
    """REST and file lot by lot; what is open of a thing is what its line says."""
    rows = reading.lots(seen.lots, accounts)
    assert rows == [tuple(lot[what] for what in reading.OF_LOTS) for lot in seen.open_lots]
    for lot in seen.open_lots:
        assert ("price" in lot) == (":" in lot["asset"])
    for line in seen.api["positions"]:
        mine = [
            lot for lot in seen.open_lots if (lot["asset"], lot["account"]) == (line["name"], line["account"])
        ]
        assert sum(Fraction(lot["quantity"]) for lot in mine) == Fraction(line["quantity"])
        assert len(mine) != 1 or mine[0]["price"] == line["opened"]
    for line in seen.api["holdings"]:
        mine = [lot for lot in seen.open_lots if lot["asset"] == line["asset"]]
        assert sum(Fraction(lot["quantity"]) for lot in mine) == Fraction(line["quantity"])
        assert sum(Fraction(lot["cost"] or 0) for lot in mine) == Fraction(line["cost"])
        assert sum(abs(Fraction(lot["quantity"])) for lot in mine if lot["cost"] is None) == Fraction(
            line["unknown"]
        )


def of_page(seen: Seen, told: Told, sums: reading.Digits, lines: dict[str, reading.Digits]) -> None:
    page, base = reading.page(seen.page), seen.api["base"]
    assert base in CENTS
    for what, digits in sums.items():
        if what != "day_pct":
            money(page.sums[what], digits, what)
    percent(page.sums["day_pct"].text, sums["day_pct"], "day_pct")
    assert set(page.lines) == set(lines)
    for name, line in lines.items():
        row = page.lines[name]
        assert row["quantity"].digits == line["quantity"], name
        for what in ("value", "gain", "day"):
            money(row[what], line[what], f"{name} {what}")
        for what, of in (("average", "opened" if "mark" in line else "average"), ("price", "price")):
            digits = line["mark"] if of == "opened" and what == "price" else line.get(of)
            if "mark" in line and what == "price":
                digits = line["mark"]
            assert row[what].digits == digits, (name, what, row[what], digits)
        percent(row["weight"].text, times_hundred(line["weight"]), f"{name} weight", 1)
        if "percent" in row:
            percent(row["percent"].text, line["gain_pct"], f"{name} percent")
        if line.get("unknown") not in (None, "0"):
            assert reading.plain(row["unknown"].text.partition(" ")[0]) == line["unknown"]
    assert page.words == words(told, base)
    for what, count in told.unknown.items():
        assert page.without.get(what, "") == (f"without {count} unknown" if count else ""), what
        assert seen.api[what]["unknown"] == count, what


def times_hundred(digits: str | None) -> str | None:
    return None if digits is None else str(Fraction(digits) * 100)


def money(cell: Cell, digits: str | None, what: str) -> None:
    """All digits are there, and what is read is rounded to cents once."""
    assert cell.digits == digits or (digits is not None and "0.01" in cell.text), (what, cell, digits)
    if digits is None:
        return
    number = Fraction(digits)
    if 0 < abs(number) < Fraction(5, 1000):
        assert (cell.text.lstrip("+"), cell.exact) == (("< 0.01" if number > 0 else "> −0.01"), digits), what
        return
    assert cell.text.lstrip("+") == reading.rounded(number, 2), (what, cell, digits)


def percent(text: str, digits: str | None, what: str, places: int = 2) -> None:
    if digits is None:
        assert text in ("", "–"), (what, text)
        return
    assert text.lstrip("+") == f"{reading.rounded(Fraction(digits), places)}%", (what, text, digits)


def words(told: Told, base: str) -> str:
    """Why a total is not the whole; of many the first six by name."""
    missing, stale = (_first(told.lists[what]) for what in ("missing", "stale"))
    parts = [f"no market leads from {missing} to {base}"] if missing else []
    parts += [f"{stale} at a price that is not live"] if stale else []
    return f"Not the whole: {'; '.join(parts)}." if parts else ""


def _first(names: list[str]) -> str:
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
