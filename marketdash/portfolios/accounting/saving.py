"""A book as bytes, and back: a ledger is folded once, and later from there. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import msgspec

from marketdash.portfolios.accounting import basis, exact, lacking, ledger, lots, pools, preview
from marketdash.portfolios.accounting.lacking import Lack
from marketdash.portfolios.accounting.ledger import Contract
from marketdash.portfolios.accounting.lots import Book, Position, Tally
from marketdash.portfolios.accounting.pools import POOLS, Lot, Pool

_Row = tuple[str, str | None, int, int, int, str | None, int]


class _Pool(msgspec.Struct, array_like=True):
    quantity: str
    cost: str
    unknown: str
    arrivals: int
    lots: msgspec.Raw


class _Position(msgspec.Struct, array_like=True):
    asset: str
    gained: str
    paid: str
    pool: _Pool
    contract: tuple[str, str, bool] | None


class _Book(msgspec.Struct, array_like=True):
    base: str
    method: str
    last: tuple[int, int]
    pools: list[tuple[int, str, _Pool]]
    positions: list[tuple[int, str, _Position]]
    tallies: list[tuple[str, int, str, str, str, int, str]]


_encoder, _decoder = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(_Book)
_row_decoder = msgspec.msgpack.Decoder(list[_Row])
_lack_decoder = msgspec.msgpack.Decoder(list[Lack])


_SOURCES = exact, ledger, basis, pools, lots, preview, lacking


def _rules() -> str:
    sources = (Path(str(module.__file__)).read_bytes() for module in _SOURCES)
    return hashlib.sha256(b"".join([*sources, Path(__file__).read_bytes()])).hexdigest()


RULES = _rules()
"""Of the very code that folds: what another release saved is not gone on with."""


def saved(book: Book) -> bytes:
    return _encoder.encode(
        _Book(
            book.base,
            book.method,
            book.last,
            [(*key, _of_pool(pool)) for key, pool in book.pools.items()],
            [(*key, _of_position(held)) for key, held in book.positions.items()],
            [(*key, *_of_tally(tally)) for key, tally in book.tallies.items()],
        )
    )


def loaded(body: bytes) -> Book:
    """Of what :func:`saved` gave under the same :data:`RULES`."""
    rows = _decoder.decode(body)
    book = Book(rows.base, rows.method)
    book.last = rows.last
    for account, asset, pool in rows.pools:
        book.pools[account, asset] = _pool(pool, rows.method)
    for account, name, held in rows.positions:
        book.positions[account, name] = _position(held, rows.method)
    for what, account, thing, *sums in rows.tallies:
        book.tallies[what, account, thing] = _tally(*sums)
    return book


def saved_lacks(lacks: list[Lack]) -> bytes:
    return _encoder.encode(lacks) if lacks else b""


def loaded_lacks(body: bytes) -> list[Lack]:
    return _lack_decoder.decode(body) if body else []


def _of_pool(pool: Pool) -> _Pool:
    lots = pool.asleep.rows if isinstance(pool.asleep, _Sleeping) else msgspec.Raw(_rows(pool.lots()))
    return _Pool(str(pool.quantity), str(pool.cost), str(pool.unknown), pool.arrivals, lots)


def _pool(saved: _Pool, method: str) -> Pool:
    pool = POOLS[method]()
    pool.quantity, pool.cost, pool.unknown = map(Decimal, (saved.quantity, saved.cost, saved.unknown))
    pool.arrivals, pool.asleep = saved.arrivals, _Sleeping(saved.lots)
    return pool


def _rows(lots: Iterable[Lot]) -> bytes:
    return _encoder.encode(
        [
            (str(lot.quantity), _text(lot.cost), lot.opened_us, *lot.origin, _text(lot.unit), lot.arrived)
            for lot in lots
        ]
    )


class _Sleeping(NamedTuple):
    """Lots as they were saved: made when somebody needs them, saved again as they are when nobody did."""

    rows: msgspec.Raw

    def __call__(self) -> Iterator[Lot]:
        for quantity, cost, opened_us, entry, place, unit, arrived in _row_decoder.decode(self.rows):
            lot = Lot(Decimal(quantity), _number(cost), opened_us, (entry, place), _number(unit))
            lot.arrived = arrived
            yield lot


def _of_position(held: Position) -> _Position:
    terms = held.contract and (str(held.contract.price), str(held.contract.multiplier), held.contract.inverse)
    return _Position(held.asset, str(held.gained), str(held.paid), _of_pool(held.pool), terms)


def _position(rows: _Position, method: str) -> Position:
    held = Position(_pool(rows.pool, method))
    held.asset, held.gained, held.paid = rows.asset, Decimal(rows.gained), Decimal(rows.paid)
    if rows.contract is not None:
        price, multiplier, inverse = rows.contract
        held.contract = Contract(Decimal(price), Decimal(multiplier), inverse)
    return held


def _of_tally(tally: Tally) -> tuple[str, str, int, str]:
    return str(tally.amount), str(tally.value), tally.unknown, str(tally.unknown_amount)


def _tally(amount: str, value: str, unknown: int, unknown_amount: str) -> Tally:
    tally = Tally()
    tally.amount, tally.value = Decimal(amount), Decimal(value)
    tally.unknown, tally.unknown_amount = unknown, Decimal(unknown_amount)
    return tally


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
