"""The only door to a guarded object, and the one list of what a token may be allowed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

from django.conf import settings
from django.db.models import Model, Q, QuerySet

READ_MARKETS, READ_STATUS, READ_WATCHLISTS = "read:markets", "read:status", "read:watchlists"
READ_PORTFOLIOS, WRITE_PORTFOLIOS = "read:portfolios", "write:portfolios"
SCOPES = {
    READ_MARKETS: "Read instruments, prices, books, trades and candles",
    READ_STATUS: "Read the state of venues, links and topics",
    READ_WATCHLISTS: "Read your watchlists and the shared ones",
    READ_PORTFOLIOS: "Read your portfolios: what you hold, what it is worth, all entries",
    WRITE_PORTFOLIOS: "Import files into your portfolios, and take imports back",
}
"""Scope → words. Whoever adds a guarded thing that bots may use names its scope here."""

_SCOPE_OF_CHANNEL = {"status": READ_STATUS, "health": READ_STATUS, "portfolio": READ_PORTFOLIOS}


class BadToken(Exception):
    """Why a token opens nothing, in words for its owner."""


class Bearer(NamedTuple):
    """A token that was shown and is good: whose, and what for."""

    token_id: int
    user: Any
    scopes: frozenset[str]


class Tokens(Protocol):
    """Where tokens are kept. Both read the database."""

    def identify(self, secret: str) -> Bearer:
        """Raises :class:`BadToken`."""

    def ended(self, token_ids: Iterable[int]) -> set[int]:
        """Those that are revoked, expired, gone, or whose owner may not sign in."""


class Grant(NamedTuple):
    """By what somebody sees a portfolio: as ``user_id``, or by the link ``link_id``.

    Without ``amounts`` no quantity and no money may leave the server, only weights and per cents.
    """

    portfolio_id: int
    user_id: int | None = None
    link_id: int | None = None
    amounts: bool = True


class Shares(Protocol):
    """Where it is kept who may see whose portfolio. All of it reads the database."""

    def seen_by(self, user_id: int) -> QuerySet:
        """Keys of the portfolios that others show to somebody."""

    def by_link(self, secret: str) -> Grant | None:
        """None for one that is not known, or expired."""

    def ended(self, grants: Iterable[Grant]) -> set[Grant]:
        """Those that do not hold: the portfolio, the share or the link is gone, or nobody may sign in as
        its owner or its viewer."""


_tokens: list[Tokens] = []
_shares: list[Shares] = []


def register_tokens(tokens: Tokens) -> None:
    """In ``AppConfig.ready()`` of the app that keeps them."""
    _tokens[:] = [tokens]


def register_shares(shares: Shares) -> None:
    """In ``AppConfig.ready()`` of the app that keeps them."""
    _shares[:] = [shares]


def bearer(authorization: str) -> Bearer:
    """Who an ``Authorization`` header speaks for. Raises :class:`BadToken`. Reads the database."""
    scheme, _, secret = authorization.strip().partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise BadToken("Authorization: expected Bearer and a token")
    return _tokens[0].identify(secret.strip())


def ended_tokens(token_ids: Iterable[int]) -> set[int]:
    """Of those held by open sockets. Reads the database."""
    ids = list(token_ids)
    return _tokens[0].ended(ids) if ids else set()


def refuse_in_address(parameters: Iterable[str]) -> None:
    """An address is kept in logs and histories: a token in it is refused. Raises :class:`BadToken`."""
    if any(name.lower() in ("token", "access_token", "authorization", "bearer") for name in parameters):
        raise BadToken("token: send it as Authorization: Bearer …, never in an address; revoke this one")


def scope_of(channel: str) -> str:
    """What a token needs to follow a channel of the WebSocket API."""
    return _SCOPE_OF_CHANNEL.get(channel, READ_MARKETS)


def may_read_markets(user: Any) -> bool:
    """Prices, books, trades and bars: everybody who is signed in, and visitors where they are public.

    ``user`` is a Django user, an anonymous one, or None.
    """
    if settings.PUBLIC_MARKETS:
        return True
    return user is not None and bool(user.is_authenticated and user.is_active)


def may_read_details(user: Any) -> bool:
    """Error texts, addresses and processes of the operator's machines: staff.

    What everybody may read of a failure are the reasons in our own and the venues' words.
    """
    return user is not None and bool(user.is_authenticated and user.is_active and user.is_staff)


def readable(things: QuerySet, user: Any) -> QuerySet:
    """Of things with an ``owner``: one's own, and the shared ones (owner None) for who may read markets."""
    return things.filter(_own(user) | (Q(owner=None) if may_read_markets(user) else Q(pk__in=())))


def owned(things: QuerySet, user: Any) -> QuerySet:
    """One's own and nobody else's, whoever one is: portfolios."""
    return things.filter(_own(user))


def viewable(things: QuerySet, user: Any) -> QuerySet:
    """Portfolios that one may look at: one's own, and those that others show to one."""
    if not _is_active(user):
        return things.none()
    return things.filter(_own(user) | Q(pk__in=_shares[0].seen_by(user.pk)))


def view_grant(user: Any, portfolio_id: int) -> Grant | None:
    """Whether somebody may look at a portfolio, for who follows it: what :func:`ended_grants` asks of later.
    None is for what does not exist as well. Reads the database."""
    if not _is_active(user):
        return None
    asked = Grant(portfolio_id, user.pk)
    return None if ended_grants([asked]) else asked


def link_grant(secret: str) -> Grant | None:
    """What a share link opens, for whoever has it, signed in or not. None is for one that never was as well.
    Reads the database."""
    return _shares[0].by_link(secret)


def may_view(user: Any, portfolio_id: int) -> bool:
    """The same as a word. Reads the database."""
    return view_grant(user, portfolio_id) is not None


def ended_grants(grants: Iterable[Grant]) -> set[Grant]:
    """Of those by which open sockets follow portfolios. Reads the database."""
    held = set(grants)
    return _shares[0].ended(held) if held else set()


def changeable(things: QuerySet, user: Any) -> QuerySet:
    """One's own, and the shared ones for an administrator of that kind of thing."""
    shared = Q(owner=None) if may_arrange_shared(user, things.model) else Q(pk__in=())
    return things.filter(_own(user) | shared)


def may_change(user: Any, thing: Any) -> bool:
    """The same of one thing that is at hand already."""
    if thing.owner_id is None:
        return may_arrange_shared(user, type(thing))
    return _is_active(user) and thing.owner_id == user.pk


def may_arrange_shared(user: Any, kind: type[Model]) -> bool:
    """Staff with the permission to change that kind of thing: superusers have it."""
    needed = f"{kind._meta.app_label}.change_{kind._meta.model_name}"
    return _is_active(user) and user.is_staff and user.has_perm(needed)


def _own(user: Any) -> Q:
    return Q(owner=user.pk) if _is_active(user) else Q(pk__in=())


def _is_active(user: Any) -> bool:
    return user is not None and bool(user.is_authenticated and user.is_active)
