"""What a followed portfolio says: all of it, and what changed since. Pure.

Numbers are plain text with all their digits, what nobody can say is null. Weights and per cents are not said:
they follow from what is (``value ÷ total``, ``gain ÷ |cost|``), and every weight changes with every tick.
Quotes have for an age the negative of the wall time at which they were received, in microseconds; so the age
of a line is that of its oldest quote, ``ts - ts_received``, whenever somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from marketdash.portfolios import exact
from marketdash.portfolios.lines import Holding, Priced
from marketdash.portfolios.lots import EARNED, FEE_PAID, FUNDED, GAIN, POSITION_GAIN, Book
from marketdash.portfolios.moving import Change, Key, Moving
from marketdash.portfolios.summary import Figure, Line, names, tallied

Body: TypeAlias = dict[str, Any]

HEARD_AGAIN_US = 1_000_000
"""A price that came again and is the same one is said so often: its age starts anew."""

_LISTS = ("missing", "stale", "uncosted")


def figure(of: Figure) -> Body:
    return {"value": exact.plain(of.value), "unknown": of.unknown, "known": of.known}


class Rows:
    """Of one portfolio, in order: :meth:`whole` is where :meth:`since` goes on from."""

    def __init__(self, moving: Moving, *, with_accounts: bool = True) -> None:
        self._moving, self._with_accounts = moving, with_accounts
        self._sums: Body = {}
        self._received: dict[Key, int | None] = {}

    def whole(self, ts_us: int) -> Body:
        moving = self._moving
        moving.take()
        self._received = {key: _moving(line)["ts_received"] for key, line in moving.lines.items()}
        self._sums = _sums(moving)
        return {
            "ts": ts_us,
            "base": moving.book.base,
            "method": moving.book.method,
            **self._sums,
            **_of_book(moving.book),
            "holdings": [],
            "positions": [],
            **_items(moving.lines, self._item),
        }

    def _item(self, line: Line) -> Body:
        found = item(line)
        return found if self._with_accounts or "accounts" not in found else {**found, "accounts": []}

    def since(self, ts_us: int) -> Body | None:
        """Sums and lines that are others now; None while all are what they were."""
        lines: Body = {}
        for key, change in self._moving.take().items():
            said = self._said(key, change)
            if said is not None:
                lines.setdefault("positions" if key[1] else "holdings", []).append(said)
        if not lines:
            return None
        before, self._sums = self._sums, _sums(self._moving)
        sums = {name: value for name, value in self._sums.items() if value != before.get(name)}
        return {"ts": ts_us, **_with_reason(sums, self._sums), **lines}

    def _said(self, key: Key, change: Change) -> Body | None:
        """None while it only came again, and not for long."""
        found, named = _changed(change), 2 if key[1] else 1
        received = found.get("ts_received")
        if received is not None:
            held = self._received[key]
            if len(found) == named + 1 and held is not None and abs(received - held) < HEARD_AGAIN_US:
                return None
            self._received[key] = received
        return found if len(found) > named else None


def _sums(moving: Moving) -> Body:
    listed = names(moving.lines.values())
    return {
        "total": exact.plain(moving.total),
        "unrealised": figure(moving.unrealised),
        "day": figure(moving.day),
        **{name: list(listed[name]) for name in _LISTS},
        **_standing(moving.book.base, listed),
    }


def _standing(base: str, listed: Mapping[str, tuple[str, ...]]) -> Body:
    """Live: the total is all of it, at prices that are live."""
    why = [f"no market leads from {', '.join(listed['missing'])} to {base}"] if listed["missing"] else []
    why += [f"{', '.join(listed['stale'])} at a price that is not live"] if listed["stale"] else []
    return {"state": "stale" if why else "live", "reason": "; ".join(why)}


def _with_reason(changed: Body, sums: Body) -> Body:
    """A state that comes without a reason has none."""
    if "reason" in changed:
        return {**changed, "state": sums["state"]}
    return {**changed, "reason": sums["reason"]} if "state" in changed else changed


def _of_book(book: Book) -> Body:
    kinds = {
        "realised": (GAIN, POSITION_GAIN),
        "income": (EARNED,),
        "fees": (FEE_PAID,),
        "funding": (FUNDED,),
    }
    return {name: figure(tallied(book, *of)) for name, of in kinds.items()}


def _items(lines: Mapping[Key, Any], make: Callable[[Any], Body]) -> Body:
    found: Body = {}
    for (_, account), line in lines.items():
        found.setdefault("positions" if account else "holdings", []).append(make(line))
    return found


def item(line: Line) -> Body:
    """One line, all of it."""
    return {**_name(line), **_standing_still(line), **_moving(line)}


def _changed(change: Change) -> Body:
    """The fields that are others now."""
    before, now = change
    if not (isinstance(now, Holding) and isinstance(before, Holding)):
        then, said = _moving(before), _moving(now)
        return {**_name(now), **{name: value for name, value in said.items() if value != then[name]}}
    found: Body = {"asset": now.kept.asset}
    if now.value != before.value:
        found["value"] = _text(now.value)
    if now.gain != before.gain:
        found["gain"] = _text(now.gain)
    if now.day != before.day:
        found["day"] = _text(now.day)
    then, said = _price(before.priced), _price(now.priced)
    for name in _PRICE:
        if said[name] != then[name]:
            found[name] = said[name]
    return found


def _text(value: Decimal | None) -> str | None:
    return None if value is None else exact.plain(value)


_PRICE = ("price", "ts_received", "live", "path", "by")
_NO_PRICE: Body = {"price": None, "live": False, "path": "", "by": [], "ts_received": None}


def _price(of: Priced | None) -> Body:
    """Put into words once for all who hold it."""
    if of is None:
        return _NO_PRICE
    if of.said is None:
        received = None if of.age_us is None else -of.age_us
        of.said = {"price": exact.plain(of.price), "live": of.is_live, "path": of.path, "by": list(of.by)}
        of.said["ts_received"] = received
    return of.said


def _name(line: Line) -> Body:
    if isinstance(line, Holding):
        return {"asset": line.asset}
    return {"name": line.name, "account": line.account}


def _standing_still(line: Line) -> Body:
    """What changes with an entry only."""
    if isinstance(line, Holding):
        figures = {"quantity": line.quantity, "average": line.average, "cost": line.cost}
        accounts = [[each.account, exact.plain(each.quantity)] for each in line.accounts]
        return {"accounts": accounts, **_texts({**figures, "unknown": line.unknown})}
    return {"asset": line.asset, **_texts({"quantity": line.quantity, "opened": line.opened})}


def _moving(line: Line) -> Body:
    found = _texts({"value": line.value, "gain": line.gain, "day": line.day})
    if isinstance(line, Holding):
        return {**found, **_price(line.priced)}
    received = None if line.age_us is None else -line.age_us
    live = line.value is not None and not line.is_stale
    return {**_texts({"mark": line.mark}), **found, "live": live, "ts_received": received}


def _texts(figures: Mapping[str, Decimal | None]) -> Body:
    return {name: _text(value) for name, value in figures.items()}
