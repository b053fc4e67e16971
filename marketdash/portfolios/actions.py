"""Every write to portfolios: bounded, validated, and only ever of what the caller may change.

Each function but :func:`leave` takes a portfolio that came through :func:`marketdash.access.owned`. What adds
to it locks its row first: so numbers of entries follow the order in which they were committed, and a reader
that knows all up to one number misses none below it.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet

from marketdash.instruments.models import Asset, Venue
from marketdash.portfolios.accounting.pools import FIFO, METHODS
from marketdash.portfolios.accounting.shapes import Refused
from marketdash.portfolios.executions.keys import put_in as put_in_key
from marketdash.portfolios.executions.keys import remove as remove_key
from marketdash.portfolios.importing.committing import begin, forget, undo
from marketdash.portfolios.importing.looking import bring, look, remember
from marketdash.portfolios.models import NAME_LENGTH, Account, Portfolio
from marketdash.portfolios.recording import (
    Recording,
    correct,
    locked,
    record,
    reverse,
    state_rate,
    told_on_commit,
)
from marketdash.portfolios.restoring import given_up, restored
from marketdash.portfolios.sharing import DAYS, end_link, end_share, ended_on_commit, leave, make_link, share

__all__ = [
    "DAYS",
    "Recording",
    "Refused",
    "begin",
    "bring",
    "correct",
    "create",
    "delete",
    "end_link",
    "end_share",
    "forget",
    "leave",
    "look",
    "make_link",
    "open_account",
    "put_in_key",
    "record",
    "remember",
    "remove_key",
    "remove_given_up",
    "rename",
    "restore",
    "reverse",
    "set_base",
    "set_method",
    "share",
    "state_rate",
    "undo",
]

MAX_PORTFOLIOS, MAX_ACCOUNTS = 50, 100


@transaction.atomic
def create(owner: Any, name: str, base: str, method: str = FIFO) -> Portfolio:
    """``base`` is the code of an asset."""
    get_user_model().objects.select_for_update().get(pk=owner.pk)
    held = Portfolio.objects.filter(owner=owner)
    if held.count() >= MAX_PORTFOLIOS:
        raise Refused("name", f"expected at most {MAX_PORTFOLIOS} portfolios; delete one first")
    kept = _free(name, held)
    return Portfolio.objects.create(owner=owner, name=kept, base=_asset(base), method=_method(method))


@transaction.atomic
def rename(portfolio: Portfolio, name: str) -> None:
    get_user_model().objects.select_for_update().get(pk=portfolio.owner_id)
    portfolio.name = _free(name, Portfolio.objects.filter(owner=portfolio.owner_id).exclude(pk=portfolio.pk))
    portfolio.save(update_fields=["name"])


def set_method(portfolio: Portfolio, method: str) -> None:
    """Nothing of the ledger changes: lots are folded anew."""
    portfolio.method = _method(method)
    portfolio.save(update_fields=["method"])
    told_on_commit(portfolio)


def set_base(portfolio: Portfolio, base: str) -> None:
    """What no entry says in the new currency is unknown until somebody states a rate of that time."""
    portfolio.base = _asset(base)
    portfolio.save(update_fields=["base"])
    told_on_commit(portfolio)


@transaction.atomic
def delete(portfolio: Portfolio) -> None:
    """With its ledger: the one way in which entries end. Nothing is recorded into it meanwhile."""
    key = portfolio.pk
    locked(portfolio).delete()
    ended_on_commit(key)


@transaction.atomic
def open_account(portfolio: Portfolio, name: str, venue: Venue | None = None) -> Account:
    held = Account.objects.filter(portfolio=locked(portfolio))
    if held.count() >= MAX_ACCOUNTS:
        raise Refused("name", f"expected at most {MAX_ACCOUNTS} accounts in a portfolio")
    return Account.objects.create(portfolio=portfolio, name=_free(name, held), venue=venue)


def restore(owner: Any, data: bytes) -> Portfolio:
    """A backup's portfolio, as one more of ``owner``'s."""
    return restored(owner, data, create, open_account, rename)


def remove_given_up() -> int:
    """Portfolios that a restore left half."""
    return given_up(delete)


def _asset(code: str) -> Asset:
    found = Asset.objects.filter(code=code).first() if code.isprintable() else None
    if found is None:
        raise Refused("base", f"expected the code of a known asset, found {code!r:.40}")
    return found


def _method(method: str) -> str:
    if method not in METHODS:
        raise Refused("method", f"expected one of {', '.join(METHODS)}, found {method!r:.40}")
    return method


def _free(name: str, others: QuerySet) -> str:
    """The name as it is kept: one line, printable, and no other's."""
    kept = " ".join(name.split())
    if not 0 < len(kept) <= NAME_LENGTH or not kept.isprintable():
        raise Refused("name", f"expected 1 to {NAME_LENGTH} printable characters, found {name!r:.80}")
    if others.filter(name=kept).exists():
        raise Refused("name", f"expected one that is not in use, found {kept!r}")
    return kept
