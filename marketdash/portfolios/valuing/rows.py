"""What a followed portfolio says: all of it, and what changed since. Pure.

Numbers are plain text with all their digits, what nobody can say is null. Weights and per cents are not said:
they follow from what is (``value ÷ total``, ``gain ÷ |cost|``), and every weight changes with every tick.
Quotes have for an age the negative of the wall time at which they were received, in microseconds; so the age
of a line is that of its oldest quote, ``ts - ts_received``, whenever somebody asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from msgspec import Raw
from msgspec.json import Encoder

from marketdash.portfolios.accounting.exact import plain
from marketdash.portfolios.accounting.lots import EARNED, FEE_PAID, FUNDED, GAIN, POSITION_GAIN, Book
from marketdash.portfolios.valuing.lines import Holding
from marketdash.portfolios.valuing.moving import Change, Key, Moving
from marketdash.portfolios.valuing.pricing import Priced
from marketdash.portfolios.valuing.steady import Steady
from marketdash.portfolios.valuing.summary import Figure, Line, names, stands, tallied
from marketdash.portfolios.valuing.told import Told, fields, words

Body: TypeAlias = dict[str, Any]

_encode = Encoder().encode

HEARD_AGAIN_US = 1_000_000
"""A price that came again and is the same one is said so often: its age starts anew."""

_LISTS = ("missing", "stale", "uncosted")


def figure(of: Figure) -> Body:
    return {"value": plain(of.value), "unknown": of.unknown, "known": of.known}


class Rows:
    """Of one portfolio, in order: :meth:`whole` is where :meth:`since` goes on from."""

    def __init__(self, moving: Moving, *, with_accounts: bool = True) -> None:
        self._moving, self._with_accounts = moving, with_accounts
        self._listed: Mapping[str, tuple[str, ...]] | None = None  # to be listed anew
        self._sums: Body = {}
        self._ts_us = 0

    def whole(self, ts_us: int) -> Body:
        self._moving.take()
        lines = self._moving.lines
        for key, line in lines.items():
            self._moving.told[key].received = _moving(line)["ts_received"]
        self._listed = names(lines.values())
        self._sums, self._ts_us = _sums(self._moving, self._listed), ts_us
        return self.said()

    def said(self) -> Body:
        """All of it, as it was last said: what rows lead to."""
        moving, lines = self._moving, self._moving.lines
        return {
            "ts": self._ts_us,
            "base": moving.book.base,
            "method": moving.book.method,
            **self._sums,
            **_of_book(moving.book),
            "holdings": [self._item(key, line) for key, line in lines.items() if not key[1]],
            "positions": [self._item(key, line) for key, line in lines.items() if key[1]],
        }

    def _item(self, key: Key, line: Line) -> Body:
        found = {**item(line), "ts_received": self._moving.told[key].received}
        return found if self._with_accounts or "accounts" not in found else {**found, "accounts": []}

    def since(self, ts_us: int) -> Body | None:
        """Sums and lines that are others now, these as JSON; None while all are what they were."""
        taken = self._moving.take()
        holdings, positions = taken.steady.said, []
        for line, before in taken.steady.again:
            holdings += _again(line, before)
        for key, change in taken.changes.items():
            (positions if key[1] else holdings).extend(self._changed(key, change))
        if not (holdings or positions):
            return None
        self._ts_us = ts_us
        lists = {"holdings": holdings, "positions": positions}
        lines = {name: Raw(f"[{','.join(said)}]") for name, said in lists.items() if said}
        return {"ts": ts_us, **self._sums_since(), **lines}

    def _changed(self, key: Key, change: Change) -> list[str]:
        """Nothing while it only came again, and not for long."""
        told, changed = self._moving.told[key], _changed(change)
        received = changed.pop("ts_received")
        if not changed and not _is_older(told, received):
            return []
        if stands(change.before) != stands(change.now):
            self._listed = None
        if received != told.received:
            changed["ts_received"] = told.received = received
        return [_encode({**_name(change.now), **changed}).decode()]

    def _sums_since(self) -> Body:
        """Those that are others now."""
        before, moving = self._sums, self._moving
        if self._listed is None:
            self._listed = names(moving.lines.values())
            now = _sums(moving, self._listed)
        else:
            now = {**before, **_moving_sums(moving)}
        self._sums = now
        return with_reason({name: each for name, each in now.items() if each != before.get(name)}, now)


def _again(line: Steady, before: Priced) -> list[str]:
    """It is worth what it was: said once a second, because its price is younger."""
    now, told = words(line.priced), line.told
    is_same = before.text == line.priced.text
    if is_same and not _is_older(told, now.received):
        return []
    told.received = now.received
    return [f"{told.head}{now.heard if is_same else now.moved}"]


def _is_older(told: Told, received: int | None) -> bool:
    """What was said: by so much that it is to be said again."""
    held = told.received
    return received is not None and (held is None or abs(received - held) >= HEARD_AGAIN_US)


def _sums(moving: Moving, listed: Mapping[str, tuple[str, ...]]) -> Body:
    return {
        **_moving_sums(moving),
        **{name: list(listed[name]) for name in _LISTS},
        **standing(moving.book.base, listed),
    }


def _moving_sums(moving: Moving) -> Body:
    figures = {"unrealised": figure(moving.unrealised), "day": figure(moving.day)}
    return {"total": plain(moving.total), **figures}


def standing(base: str, listed: Mapping[str, tuple[str, ...]]) -> Body:
    """Live: the total is all of it, at prices that are live."""
    why = [f"no market leads from {', '.join(listed['missing'])} to {base}"] if listed["missing"] else []
    why += [f"{', '.join(listed['stale'])} at a price that is not live"] if listed["stale"] else []
    return {"state": "stale" if why else "live", "reason": "; ".join(why)}


def with_reason(changed: Body, sums: Body) -> Body:
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


def item(line: Line) -> Body:
    """One line, all of it."""
    return {**_name(line), **_standing_still(line), **_moving(line)}


def _changed(change: Change) -> Body:
    """The fields that are others now, and when its price was received."""
    then, said = _moving(change.before), _moving(change.now)
    return {name: each for name, each in said.items() if each != then[name] or name == "ts_received"}


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _name(line: Line) -> Body:
    if isinstance(line, Holding):
        return {"asset": line.asset}
    return {"name": line.name, "account": line.account}


def _standing_still(line: Line) -> Body:
    """What changes with an entry only."""
    if isinstance(line, Holding):
        figures = {"quantity": line.quantity, "average": line.average, "cost": line.cost}
        accounts = [[each.account, plain(each.quantity)] for each in line.accounts]
        return {"accounts": accounts, **_texts({**figures, "unknown": line.unknown})}
    return {"asset": line.asset, **_texts({"quantity": line.quantity, "opened": line.opened})}


def _moving(line: Line) -> Body:
    found = _texts({"value": line.value, "gain": line.gain, "day": line.day})
    if isinstance(line, Holding):
        return {**found, **fields(line.priced)}
    received = None if line.age_us is None else -line.age_us
    live = line.value is not None and not line.is_stale
    return {**_texts({"mark": line.mark}), **found, "live": live, "ts_received": received}


def _texts(figures: Mapping[str, Decimal | None]) -> Body:
    return {name: _text(value) for name, value in figures.items()}
