"""What a request does, and what it is answered."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterator

from msgspec import UNSET

from feeds.symbols import BOOK, HEALTH, OHLC, STATUS, channels_of
from marketdash import access
from marketdash.access import Grant
from marketdash.instruments.catalogue import Catalogue
from marketdash.live import reception, replies
from marketdash.live.client import Client, Subscribed
from marketdash.live.closing import RIGHTS_CHANGED
from marketdash.live.hub import Hub
from marketdash.live.levels import MAX_LEVELS
from marketdash.live.presence import DETAILED, PLAIN, STATE_ALONE
from marketdash.live.protocol import (
    Ack,
    BadRequest,
    Book,
    Params,
    Ping,
    Portfolio,
    Request,
    Status,
    Subscribe,
    Unsubscribe,
    merged_ms,
)
from marketdash.live.replies import Result
from marketdash.live.viewers import MAX_TOPICS, topic_key

logger = logging.getLogger(__name__)

PERCENTS_INTERVAL_MS = 1000
"""Of a portfolio without amounts, whatever was asked: no more often than its page may be read."""

TOO_DEEP = f"books of at most {MAX_LEVELS} levels together, for all sockets of one person or address"


class Requests:
    """Of one socket."""

    __slots__ = ("_hub", "_client", "_catalogue")

    def __init__(self, hub: Hub, client: Client, catalogue: Catalogue) -> None:
        self._hub, self._client, self._catalogue = hub, client, catalogue

    async def answer(self, request: Request) -> None:
        if isinstance(request, Ack):
            self._client.acknowledge(request.params.frame)
        elif isinstance(request, Ping):
            await self._client.say(
                replies.pong(time.time_ns() // 1000, time.monotonic_ns() // 1000, request.req_id)
            )
        elif isinstance(request, Subscribe):
            await self._subscribe(request)
        else:
            await self._unsubscribe(request)

    async def refuse(self, bad: BadRequest) -> None:
        await self._client.say(replies.failure(bad.error, method=bad.method, req_id=bad.req_id))

    async def _subscribe(self, request: Subscribe) -> None:
        params = request.params
        await self._read_catalogue()
        taken: list[str] = []
        replied: list[bytes] = []
        grants = await self._grants(params)
        await self._hub.turns.mine()
        known = self._known(params, grants)
        for symbol in self._symbols(params):
            problem = self._problem(params, symbol, len(taken), known)
            if not problem:
                taken.append(symbol)
            replied.append(_reply(request, symbol, problem))
        await self._client.say(*replied)
        if self._client.closing is None and taken:
            sub = subscribed(params, self._client)
            if isinstance(params, Status) and params.symbol is UNSET:
                self._client.all_venues = sub
            self._hub.follow(self._client, params.channel, sub, taken)

    async def _grants(self, params: Params) -> dict[str, Grant]:
        """By key, those of portfolios that this socket's person, or its link, may look at.

        They are its own before they are looked at: what ends in between closes the socket. One by which it
        follows already stays its own, else nobody would end what it follows: the socket ends with it.
        """
        client, asked = self._client, self._asked_for(params)
        if not asked:
            return {}
        fresh = ended = asked - client.grants
        client.grants |= fresh
        try:
            ended = asked - await reception.holding(asked)
        except Exception:  # the database is away: nobody is let in meanwhile
            logger.exception("live: who may look at portfolios could not be read")
        if ended - fresh:
            client.close(RIGHTS_CHANGED)
        client.grants -= ended & fresh
        return {self._key(grant.portfolio_id): grant for grant in asked - ended}

    def _asked_for(self, params: Params) -> set[Grant]:
        """A link was looked at before the socket was anybody's; what ended since shows now."""
        who, link = self._client.user_id, self._client.link
        if not isinstance(params, Portfolio) or self._forbidden(params.channel):
            return set()
        if link is not None:
            return {link}
        return set() if who is None else {Grant(key, who) for key in params.id}

    async def _read_catalogue(self) -> None:
        try:
            await self._catalogue.ensure()
        except Exception:  # the database is away: what was read before serves on
            logger.exception("catalogue: could not be read")

    async def _unsubscribe(self, request: Unsubscribe) -> None:
        params, client = request.params, self._client
        await self._hub.turns.mine()
        param = subscribed(params, client).param
        if isinstance(params, Status) and params.symbol is UNSET:
            client.all_venues = None
            symbols = [symbol for channel, _, symbol in client.topics if channel == STATUS]
        else:
            symbols = list(self._symbols(params))
        known = {symbol for symbol in symbols if topic_key(params.channel, param, symbol) in client.topics}
        self._hub.viewers.unfollow(client, params.channel, param, known)
        if isinstance(params, Portfolio) and client.link is None:
            client.grants -= {grant for grant in client.grants if str(grant.portfolio_id) in known}
        missing = {symbol: f"symbol: {symbol} is not subscribed" for symbol in symbols if symbol not in known}
        await client.say(*(_reply(request, symbol, missing.get(symbol, "")) for symbol in symbols))

    def _symbols(self, params: Params) -> Iterator[str]:
        if isinstance(params, Portfolio):
            return iter(dict.fromkeys(map(self._key, params.id)))
        if params.symbol is UNSET:
            return iter(sorted(self._venues()))
        return iter(dict.fromkeys(params.symbol))

    def _venues(self) -> set[str]:
        return {listed.venue for listed in self._catalogue.all()}

    def _known(self, params: Params, grants: Collection[str]) -> Collection[str]:
        """Of channels whose symbols are no instruments, those that there are: gathered once for a request,
        which may name a thousand."""
        return self._venues() if params.channel in (STATUS, HEALTH) else grants

    def _key(self, portfolio_id: int) -> str:
        """As the hub knows it: who has a link sees no accounts, or no amounts, and so another topic."""
        link = self._client.link
        if link is None:
            return str(portfolio_id)
        return f"{portfolio_id}/shown" if link.amounts else f"{portfolio_id}/percents"

    def _problem(self, params: Params, symbol: str, more: int, known: Collection[str]) -> str:
        """Why this symbol cannot be subscribed, or nothing."""
        key = topic_key(params.channel, subscribed(params, self._client).param, symbol)
        if key not in self._client.topics and len(self._client.topics) + more >= MAX_TOPICS:
            return f"symbol: at most {MAX_TOPICS} topics on one socket"
        if said := self._forbidden(params.channel):
            return said
        if isinstance(params, Portfolio):
            number = _number(symbol)
            return "" if symbol in known else f"id: no portfolio that you may see has the number {number}"
        if params.channel in (STATUS, HEALTH):
            return "" if symbol in known else f"symbol: {symbol} is not a venue that is followed here"
        listed = self._catalogue.get(symbol)
        if listed is None:
            now = self._catalogue.renamed(symbol)
            return f"symbol: {symbol} is called {now} now" if now else f"symbol: {symbol} is not listed here"
        if params.channel not in channels_of(listed.kind):
            return f"channel: {symbol} is of the kind {listed.kind}, which has no {params.channel}"
        if not isinstance(params, Book):
            return ""
        if not listed.book_depth:
            return f"channel: no book of {symbol} is followed here"
        taken = self._hub.viewers.levels.take(self._client, symbol, params.depth)
        return "" if taken else f"depth: {TOO_DEEP}"

    def _forbidden(self, channel: str) -> str:
        """Why a token does not open a channel, or nothing. People, and visitors, have no scopes."""
        if self._client.link is not None:
            opened = (STATUS, Portfolio.__struct_config__.tag)
            return "" if channel in opened else "channel: a link opens portfolio and status alone"
        scopes, needed = self._client.scopes, access.scope_of(channel)
        if scopes is None or needed in scopes:
            return ""
        held = ", ".join(sorted(scopes)) or "none"
        return f"channel: {channel} needs the scope {needed}, this token has {held}"


def _number(key: str) -> int:
    return int(key.partition("/")[0])


def _reply(request: Subscribe | Unsubscribe, symbol: str, problem: str) -> bytes:
    method = "subscribe" if isinstance(request, Subscribe) else "unsubscribe"
    if problem:
        what = {"id": _number(symbol)} if isinstance(request.params, Portfolio) else {"symbol": symbol}
        return replies.failure(problem, method=method, req_id=request.req_id, **what)
    return replies.success(method, _result(request.params, symbol), request.req_id)


def subscribed(params: Params, client: Client) -> Subscribed:
    """How the hub knows it."""
    if isinstance(params, Status):
        return Subscribed((DETAILED if client.details else PLAIN) if params.links else STATE_ALONE, 0)
    if isinstance(params, Portfolio) and client.link is not None and not client.link.amounts:
        return Subscribed(0, PERCENTS_INTERVAL_MS)
    param = {BOOK: "depth", OHLC: "interval"}.get(params.channel)
    return Subscribed(getattr(params, param) if param else 0, merged_ms(getattr(params, "interval_ms", 0)))


def _result(params: Params, symbol: str) -> Result:
    if isinstance(params, Portfolio):
        return Result(params.channel, id=_number(symbol))
    return Result(
        params.channel,
        symbol,
        depth=getattr(params, "depth", UNSET),
        interval=getattr(params, "interval", UNSET),
    )
