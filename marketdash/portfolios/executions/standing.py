"""What the desk reads and writes of keys: which there are, where their accounts may trade, how they stand.

Only here is a key opened. All of it asks the database."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from django.db import Error as DatabaseProblem
from django.db.models import Q, QuerySet

from feeds import private
from feeds.private import AccountState, Credentials, OrderUpdate
from marketdash.database_away import is_away
from marketdash.instruments.models import OWNERSHIP, Instrument
from marketdash.portfolios.executions import sealing, taking
from marketdash.portfolios.executions.models import WORDS_LENGTH, ExchangeKey, Fill, PlacedOrder
from marketdash.portfolios.executions.taking import Heard
from marketdash.portfolios.import_models import Import
from marketdash.portfolios.models import Account, Leg

MOST = 100
"""Markets of one account: each is a ticker that the worker publishes as for a page."""
UNREADABLE = "it was sealed with a key that FIELD_ENCRYPTION_KEYS does not have: put it in again"


class Away(Exception):
    """The database is not there, takes nothing, or says to try again."""


class Markets(NamedTuple):
    """Full ``names`` of where an account may trade, native ``symbols`` of where it may have traded."""

    names: frozenset[str] = frozenset()
    symbols: tuple[str, ...] = ()


class Wanted(NamedTuple):
    """A key that is to be followed. ``credentials`` None: it cannot be opened."""

    key: int
    version: int
    account: int
    venue: str
    credentials: Credentials | None
    from_us: int
    through_us: int
    markets: Markets


def keys() -> dict[int, int]:
    """Number → version of each that is to be followed: of people who may sign in, and not refused."""
    return dict(_followed().values_list("pk", "version"))


def _followed() -> QuerySet[ExchangeKey]:
    return ExchangeKey.objects.exclude(sealed="").filter(account__portfolio__owner__is_active=True)


def wanted(key: int) -> Wanted | None:
    """None: it is gone."""
    row = _followed().filter(pk=key).select_related("account__venue").first()
    if row is None:
        return None
    venue = row.account.venue.name if row.account.venue is not None else ""
    times = row.from_us, row.through_us
    return Wanted(row.pk, row.version, row.account_id, venue, _opened(row), *times, markets(row.account))


def _opened(row: ExchangeKey) -> Credentials | None:
    try:
        return sealing.opened(row.account_id, row.sealed)
    except sealing.Unreadable:
        return None


def markets(account: Account) -> Markets:
    """Of open orders and fills, then those in which what it has is sold, then those in which it pays. Of an
    account of which nothing is known yet, all: its first trade may be in any."""
    open_ones = PlacedOrder.objects.filter(account=account, is_over=False)
    traded = Fill.objects.filter(account=account).order_by()
    held = Leg.objects.filter(account=account).order_by().values("asset").distinct()
    listed = Instrument.objects.filter(venue=account.venue_id, enabled=True, kind__in=OWNERSHIP)
    listed = listed.order_by("symbol")
    names = [
        *open_ones.values_list("instrument", flat=True)[:MOST],
        *traded.values_list("instrument", flat=True).distinct()[:MOST],
        *listed.filter(base_asset__in=held).values_list("symbol", flat=True)[:MOST],
        *listed.filter(quote_asset__in=held).values_list("symbol", flat=True)[:MOST],
    ]
    chosen = list(dict.fromkeys(names or listed.values_list("symbol", flat=True)[:MOST]))[:MOST]
    natives = [name.partition(":")[2] for name in chosen]
    natives += listed.values_list("native", flat=True)[:MOST]
    return Markets(frozenset(chosen), tuple(dict.fromkeys(natives))[:MOST])


def markets_of(accounts: Iterable[int]) -> dict[int, Markets]:
    return {each.pk: markets(each) for each in Account.objects.filter(pk__in=list(accounts))}


def try_again(turn: int = 0) -> None:
    """What waits for its entry, or stands on an import that was undone; a part of many in each ``turn``."""
    waits = Q(fills__isnull=False, fills__entry=None) | Q(fills__entry__imported__state=Import.UNDONE)
    for account in Account.objects.filter(waits).select_related("portfolio").distinct():
        taking.again(account, turn)


def write(wanted: Wanted, said: Sequence[Heard | OrderUpdate | AccountState]) -> int:
    """In its order; up to when nothing is missing, as far as that is said. Raises :class:`Away`."""
    through_us = 0
    try:
        account = Account.objects.select_related("portfolio").filter(pk=wanted.account).first()
        for is_state, group in groupby(said, key=lambda each: isinstance(each, AccountState)):
            if is_state:
                for state in group:
                    _stands(wanted, state)
                    through_us = max(through_us, state.complete_us)
            elif account is not None:  # its portfolio was deleted meanwhile
                taking.take(account, list(group))
    except DatabaseProblem as problem:
        if is_away(problem):
            raise Away from problem
        raise
    return through_us


def _stands(wanted: Wanted, state: AccountState) -> None:
    """Of the key that said it, and of no other that was put in meanwhile. One that is refused is wiped."""
    row = ExchangeKey.objects.filter(pk=wanted.key, version=wanted.version)
    told = {"state": state.name, "words": state.words.replace("\0", "")[:WORDS_LENGTH]}
    wiped = {"sealed": ""} if state.name == private.REFUSED else {}
    times = {"since_us": state.since_ns // 1000, "heard_us": time.time_ns() // 1000}
    row.update(**told, **wiped, **times)
    if state.complete_us:
        row.filter(through_us__lt=state.complete_us).update(through_us=state.complete_us)


def say(keys: Sequence[int]) -> None:
    """They stand as they stood: this process lives."""
    if keys:
        said = ExchangeKey.objects.filter(pk__in=keys).exclude(state=ExchangeKey.NEW)
        said.update(heard_us=time.time_ns() // 1000)
