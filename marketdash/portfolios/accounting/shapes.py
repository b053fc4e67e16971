"""Which legs an entry of each kind has. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from marketdash.portfolios.accounting.ledger import (
    AIRDROP,
    BUY,
    CARRIES,
    DEPOSIT,
    DIVIDEND,
    EXERCISE,
    EXPIRY,
    FEE,
    FEES,
    FILL,
    FUNDING,
    INTEREST,
    PAID,
    POSITION,
    PRINCIPAL,
    RENAME,
    REWARD,
    SELL,
    SETTLEMENT,
    SPLIT,
    SWAP,
    TRANSFER,
    WITHDRAWAL,
    Leg,
)


class Refused(ValueError):
    """What was asked cannot be; ``field`` is what it was about, ``words`` what was expected and found."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(f"{field}: {words}")
        self.field, self.words = field, words


class Shape(NamedTuple):
    """How principals go: ``incoming`` and ``outgoing`` are needed (True), barred (False) or free (None).

    ``needs`` is a role of which there is at least one; ``also`` are the roles that may stand beside it.
    """

    incoming: bool | None
    outgoing: bool | None
    needs: str = PRINCIPAL
    also: frozenset[str] = frozenset({PRINCIPAL, FEE})


_BOTH = Shape(incoming=True, outgoing=True)
_FREE = Shape(incoming=None, outgoing=None)
_OF_CONTRACTS = frozenset({POSITION, PAID, FEE})
SHAPES = {
    **dict.fromkeys((BUY, SELL, SWAP, TRANSFER, SPLIT, RENAME), _BOTH),
    **dict.fromkeys((REWARD, AIRDROP, DEPOSIT), Shape(incoming=True, outgoing=False)),
    **dict.fromkeys((INTEREST, DIVIDEND), _FREE),
    FUNDING: _FREE._replace(also=frozenset({PRINCIPAL, PAID, FEE})),  # a settlement may have both in one sum
    WITHDRAWAL: Shape(incoming=False, outgoing=True),
    FEES: Shape(None, None, FEE, frozenset({FEE})),
    **dict.fromkeys((FILL, EXPIRY), Shape(None, None, POSITION, _OF_CONTRACTS)),
    EXERCISE: Shape(None, None, POSITION, _OF_CONTRACTS | {PRINCIPAL}),
    SETTLEMENT: Shape(None, None, PAID, frozenset({PAID, FEE})),
}


def check(kind: str, legs: Sequence[Leg]) -> None:
    """Raises :class:`Refused`, naming the leg where there is one to name."""
    shape = SHAPES[kind]
    for at, leg in enumerate(legs):
        if leg.role not in shape.also:
            raise Refused(f"legs.{at}.role", f"expected {' or '.join(sorted(shape.also))}, found {leg.role}")
        if leg.role in (POSITION, PAID) and not leg.instrument:
            raise Refused(f"legs.{at}.instrument", f"expected a name, as each {leg.role} leg has")
    if not any(leg.role == shape.needs for leg in legs):
        raise Refused("legs", f"expected at least one of role {shape.needs}")
    principal = [leg for leg in legs if leg.role == PRINCIPAL]
    _check_directions(shape, principal)
    if kind in CARRIES:
        _check_pairs(kind, principal)
    elif shape is _BOTH or kind == EXERCISE:
        _check_exchange(principal)


def _check_directions(shape: Shape, principal: Sequence[Leg]) -> None:
    for word, asked, found in (
        ("comes in", shape.incoming, any(leg.amount > 0 for leg in principal)),
        ("goes out", shape.outgoing, any(leg.amount < 0 for leg in principal)),
    ):
        if asked is not None and asked is not found:
            raise Refused("legs", f"expected {'something' if asked else 'nothing'} that {word}")


def _check_exchange(principal: Sequence[Leg]) -> None:
    """What is given and got has to differ, or nothing says which lots were sold."""
    given = {(leg.account, leg.asset) for leg in principal if leg.amount < 0}
    for leg in principal:
        if leg.amount > 0 and (leg.account, leg.asset) in given:
            raise Refused("legs", f"expected another asset to come in than goes out, found {leg.asset} twice")
    if principal and not (given and any(leg.amount > 0 for leg in principal)):
        raise Refused("legs", "expected something that comes in for what goes out")


def _check_pairs(kind: str, principal: Sequence[Leg]) -> None:
    """Pairs of what is given and what it becomes, one after the other."""
    if len(principal) % 2:
        raise Refused(
            "legs", f"expected pairs of what goes out and what comes in, found {len(principal)} legs"
        )
    for given, got in zip(principal[::2], principal[1::2], strict=True):
        if (given.amount > 0) == (got.amount > 0):
            raise Refused("legs", f"expected one leg to go out and one to come in, found two of {got.asset}")
        if problem := _PAIRS[kind](given, got):
            raise Refused("legs", f"expected {problem}")


def _transferred(given: Leg, got: Leg) -> str:
    if given.asset != got.asset or given.amount != got.amount.copy_negate():
        found = f"{given.amount} {given.asset} and {got.amount} {got.asset}"
        return f"as much to come in as goes out, what is lost on the way being a fee; found {found}"
    return "another account to come in" if given.account == got.account else ""


def _split(given: Leg, got: Leg) -> str:
    is_one = given.account == got.account and given.asset == got.asset
    return "" if is_one else f"one asset in one account, found {given.asset} and {got.asset}"


def _renamed(given: Leg, got: Leg) -> str:
    is_other = given.account == got.account and given.asset != got.asset
    return "" if is_other else f"another asset in the same account, found {given.asset} and {got.asset}"


_PAIRS = {TRANSFER: _transferred, SPLIT: _split, RENAME: _renamed}
