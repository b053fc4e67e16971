"""What a followed portfolio says: all of it, and what changed since. Pure.

Numbers are plain text with all their digits, what nobody can say is null. Weights and per cents are not said:
they follow from what is (``value ÷ total``, ``gain ÷ |cost|``), and every weight changes with every tick.
Quotes have for an age the negative of the wall time at which they were received, in microseconds; so the age
of a line is that of its oldest quote, ``ts - ts_received``, whenever somebody asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from msgspec import Raw
from msgspec.json import Encoder

from marketdash.portfolios.accounting.exact import plain
from marketdash.portfolios.accounting.lots import EARNED, FEE_PAID, FUNDED, GAIN, POSITION_GAIN, Book
from marketdash.portfolios.valuing.lines import Holding, Priced
from marketdash.portfolios.valuing.moving import Change, Key, Moving
from marketdash.portfolios.valuing.summary import Figure, Line, names, tallied

Body: TypeAlias = dict[str, Any]

_encode = Encoder().encode

HEARD_AGAIN_US = 1_000_000
"""A price that came again and is the same one is said so often: its age starts anew."""

_LISTS = ("missing", "stale", "uncosted")


def _json(value: str) -> str:
    return _encode(value).decode()


def figure(of: Figure) -> Body:
    return {"value": plain(of.value), "unknown": of.unknown, "known": of.known}


class Rows:
    """Of one portfolio, in order: :meth:`whole` is where :meth:`since` goes on from."""

    def __init__(self, moving: Moving, *, with_accounts: bool = True) -> None:
        self._moving, self._with_accounts = moving, with_accounts
        self._heads = {key: f'{{"asset":{_json(key[0])}' for key in moving.lines if not key[1]}
        self._listed: Mapping[str, tuple[str, ...]] | None = None  # to be listed anew
        self._sums: Body = {}
        self._received: dict[Key, int | None] = {}
        self._ts_us = 0

    def whole(self, ts_us: int) -> Body:
        lines = self._moving.lines
        self._moving.take()
        self._received = {key: _moving(line)["ts_received"] for key, line in lines.items()}
        self._listed = None
        self._sums, self._ts_us = self._sums_now(), ts_us
        return self.said()

    def _sums_now(self) -> Body:
        if self._listed is None:
            self._listed = names(self._moving.lines.values())
        return _sums(self._moving, self._listed)

    def said(self) -> Body:
        """All of it, as it was last said: what rows lead to."""
        moving = self._moving
        return {
            "ts": self._ts_us,
            "base": moving.book.base,
            "method": moving.book.method,
            **self._sums,
            **_of_book(moving.book),
            "holdings": [self._item(key, line) for key, line in moving.lines.items() if not key[1]],
            "positions": [self._item(key, line) for key, line in moving.lines.items() if key[1]],
        }

    def _item(self, key: Key, line: Line) -> Body:
        found = {**item(line), "ts_received": self._received[key]}
        return found if self._with_accounts or "accounts" not in found else {**found, "accounts": []}

    def since(self, ts_us: int) -> Body | None:
        """Sums and lines that are others now, some as JSON; None while all are what they were."""
        lines: Body = {}
        for key, change in self._moving.take().items():
            said = self._said(key, change)
            if said is not None:
                lines.setdefault("positions" if key[1] else "holdings", []).append(said)
        if not lines:
            return None
        before, self._sums, self._ts_us = self._sums, self._sums_now(), ts_us
        sums = {name: value for name, value in self._sums.items() if value != before.get(name)}
        return {"ts": ts_us, **with_reason(sums, self._sums), **lines}

    def _said(self, key: Key, change: Change) -> Body | Raw | None:
        """None while it only came again, and not for long."""
        before, now, _ = change
        if isinstance(now, Holding) and now.priced and before.priced:  # type: ignore[union-attr]
            then, price = _in_words(before.priced), _in_words(now.priced)  # type: ignore[union-attr]
            if then.standing == price.standing:
                return self._told(key, change, then, price)
        self._listed = None
        found = _changed(change)
        self._received[key] = found.get("ts_received", self._received[key])
        return found if len(found) > (2 if key[1] else 1) else None

    def _told(self, key: Key, change: Change, then: _Words, price: _Words) -> Raw | None:
        """The hot path: another price along the same way."""
        _, now, alike = change
        if alike:
            self._received[key] = price.received
            value, gain, day = plain(now.value), plain(now.gain), plain(now.day)  # type: ignore[arg-type, union-attr]
            return Raw(f'{self._heads[key]},"value":"{value}","gain":"{gain}","day":"{day}"{price.moved}')
        figures, is_same = _figures(change), price.price == then.price
        if is_same and not figures and not self._is_older(key, price.received):
            return None
        self._received[key] = price.received
        return Raw(f"{self._heads[key]}{figures}{price.heard if is_same else price.moved}")

    def _is_older(self, key: Key, received: int | None) -> bool:
        held = self._received[key]
        return received is not None and (held is None or abs(received - held) >= HEARD_AGAIN_US)


def _sums(moving: Moving, listed: Mapping[str, tuple[str, ...]]) -> Body:
    return {
        "total": plain(moving.total),
        "unrealised": figure(moving.unrealised),
        "day": figure(moving.day),
        **{name: list(listed[name]) for name in _LISTS},
        **standing(moving.book.base, listed),
    }


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
    """The fields that are others now."""
    before, now, _ = change
    then, said = _moving(before), _moving(now)
    return {**_name(now), **{name: value for name, value in said.items() if value != then[name]}}


def _figures(change: Change) -> str:
    """Those of a holding that are others now, as JSON."""
    before, now, _ = change
    moved = ((name, getattr(before, name), getattr(now, name)) for name in ("value", "gain", "day"))
    return "".join(f',"{name}":{_quoted(to)}' for name, since, to in moved if since != to)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _quoted(value: Decimal | None) -> str:
    return "null" if value is None else f'"{plain(value)}"'


class _Words(NamedTuple):
    """A price in words, once for all who hold the asset. ``heard`` and ``moved`` end a line's JSON: with a
    price that came again, and with another one."""

    price: str
    received: int | None
    standing: tuple[bool, str, tuple[str, ...]]
    fields: Body
    heard: str
    moved: str


_NO_PRICE: Body = {"price": None, "live": False, "path": "", "by": [], "ts_received": None}


def _in_words(of: Priced) -> _Words:
    if of.said is None:
        price, received = plain(of.price), None if of.age_us is None else -of.age_us
        fields = {"price": price, "live": of.is_live, "path": of.path, "by": list(of.by)}
        heard = f',"ts_received":{"null" if received is None else received}}}'
        moved = f',"price":"{price}"{heard}'
        standing = (of.is_live, of.path, of.by)
        of.said = _Words(price, received, standing, {**fields, "ts_received": received}, heard, moved)
    return of.said


def _price(of: Priced | None) -> Body:
    return _NO_PRICE if of is None else _in_words(of).fields


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
        return {**found, **_price(line.priced)}
    received = None if line.age_us is None else -line.age_us
    live = line.value is not None and not line.is_stale
    return {**_texts({"mark": line.mark}), **found, "live": live, "ts_received": received}


def _texts(figures: Mapping[str, Decimal | None]) -> Body:
    return {name: _text(value) for name, value in figures.items()}
