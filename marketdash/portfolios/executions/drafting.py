"""A fill as the entry that it is: with the fingerprint that an import of the same trade would have. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

from feeds import symbols
from marketdash.portfolios.accounting import exact
from marketdash.portfolios.accounting.drafts import Draft
from marketdash.portfolios.accounting.exact import InvalidNumber, precisely
from marketdash.portfolios.accounting.ledger import BUY, EXCHANGE, FEE, PRINCIPAL, SELL
from marketdash.portfolios.accounting.shapes import Refused
from marketdash.portfolios.imports import entries
from marketdash.portfolios.imports.declared import Format, does
from marketdash.portfolios.imports.formats import OF_FILLS
from marketdash.portfolios.imports.pieces import Part, Piece

KINDS = {"buy": BUY, "sell": SELL}


class Said(NamedTuple):
    """What an exchange said of one execution, as :class:`~.models.Fill` has it."""

    instrument: str
    trade_id: str
    order_id: str
    side: str
    price: str
    qty: str
    cost: str
    base: str
    quote: str
    fees: tuple[tuple[str, str], ...]
    exchange_us: int

    @property
    def native(self) -> str:
        return symbols.split_instrument(self.instrument)[1]


def alike(said: Said) -> str:
    """What it is known by, before it is looked for among equal ones; whatever its codes mean.

    Raises :class:`Refused`.
    """
    known = {code: code for code in codes(said)}
    return _drafted(said, 0, known).fingerprint


def drafted(said: Said, account: int, known: dict[str, str | None], nth: int) -> Draft:
    """``known``: what each of its codes means here. Raises :class:`Refused`."""
    unknown = [code for code in codes(said) if not known.get(code)]
    if unknown:
        raise Refused("asset", f"expected a known asset, found {', '.join(unknown)}")
    draft = _drafted(said, account, known)  # type: ignore[arg-type]
    mark = entries.nth(draft.fingerprint, nth)
    return replace(draft, at_us=said.exchange_us, fingerprint=mark, source=EXCHANGE)


def codes(said: Said) -> list[str]:
    return list(dict.fromkeys([said.base, said.quote, *(code for code, _ in said.fees)]))


def _drafted(said: Said, account: int, known: dict[str, str]) -> Draft:
    """Its fingerprint is that of the first of its kind."""
    if said.side not in KINDS:
        raise Refused("side", f"expected buy or sell, found {said.side!r:.20}")
    format = format_of(said.instrument)
    with precisely():
        parts = tuple(_parts(said, known))
        key = tuple(str(getattr(said, name)) for name in format.fill or ())
        at_us = said.exchange_us - said.exchange_us % format.tick_us
        piece = Piece(1, does(KINDS[said.side]), at_us, parts, key, (), "")
        reference = ", ".join(
            filter(None, [f"trade {said.trade_id}", said.order_id and f"order {said.order_id}"])
        )
        draft = entries.drafted(format, [piece], account, reference[:200], Counter())
    if draft is None:
        raise Refused("qty", "expected something to have moved")
    return draft


def format_of(instrument: str) -> Format:
    """An exchange of which no file is known has a name of its own for its trades."""
    try:
        venue = symbols.split_instrument(instrument)[0]
    except symbols.InvalidName as problem:
        raise Refused("instrument", str(problem).partition(": ")[2]) from None
    found = OF_FILLS.get(venue)
    if found is None:
        return Format(f"{venue} fills", "", {}, (), {}, identity=("id",), fill=("instrument", "trade_id"))
    return found


def _parts(said: Said, known: dict[str, str]) -> Iterator[Part]:
    price, qty = _number("price", said.price), _number("qty", said.qty)
    cost = _number("cost", said.cost) if said.cost else price * qty
    way = 1 if said.side == "buy" else -1
    for code, amount, role in (
        (said.base, qty * way, PRINCIPAL),
        (said.quote, -cost * way, PRINCIPAL),
        *((code, -_number("fee", amount), FEE) for code, amount in said.fees),
    ):
        if amount:
            yield Part(code, known[code], amount, role)


def _number(name: str, text: str) -> Decimal:
    try:
        return exact.number(text, name)
    except InvalidNumber as problem:
        raise Refused(name, problem.words) from None


def as_said(row: Any) -> Said:
    """Of a stored fill."""
    fees = tuple((code, amount) for code, amount in row.fees)
    return Said(**{name: getattr(row, name) for name in Said._fields if name != "fees"}, fees=fees)
