"""The socket at ``/ws/v1/``: who may open it, what it may say, and its end. What it is sent is the hub's.

No channel of its own (``channel_layer_alias`` None), no thread hop for a received frame, no database after
the handshake but for the catalogue's own refresh.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from typing import Any
from urllib.parse import parse_qsl

from channels.consumer import AsyncConsumer
from channels.db import database_sync_to_async
from django.conf import settings

from marketdash import access
from marketdash.addresses import counted_as
from marketdash.instruments.catalogue import catalogue
from marketdash.live import origins, process, protocol, reception, replies, sessions
from marketdash.live.client import Client
from marketdash.live.closing import FLOOD
from marketdash.live.limits import BURST, PER_S, SUBSCRIBED, UNSUBSCRIBED, Rate
from marketdash.live.protocol import Ack, BadRequest, Request, Unsubscribe, names_of
from marketdash.live.requests import Requests
from marketdash.live.wire import Send, Wire, wire_of

logger = logging.getLogger(__name__)

AT_ONCE = 16
"""Messages of one socket that are taken in one turn of the loop: whoever sends hundreds waits for the
others."""

ACK_START = b'{"method":"ack","params":{"frame":'
"""As nearly every client writes it: read without a JSON parser."""

SIGN_IN = b"Sign in before opening a socket.\n"
LINK = "link"
"""The subprotocol of a share link's page; its secret is the one after it, so it is in no address."""

NO_LINK = b"No link that is open has this secret.\n"
CROWD = b"Too many sockets: close some before opening others.\n"
WRONG_ORIGIN = b"This origin may not open a socket; see CSRF_TRUSTED_ORIGINS.\n"

TOO_FAST = (
    f"rate: at most {PER_S:.0f} messages a second, {BURST:.0f} at once; "
    f"each {SUBSCRIBED} symbols that one subscribes count as one more, and each {UNSUBSCRIBED} unsubscribed"
)


class Refused(Exception):
    """Before the socket was accepted."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(body)
        self.status, self.body = status, body


class MarketConsumer(AsyncConsumer):
    """One for each socket."""

    channel_layer_alias = None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Send) -> None:
        await receive()  # websocket.connect
        hub = process.hub()
        self.wire = wire = wire_of(send)
        self.client = Client(wire, hub.ready)
        self.requests = Requests(hub, self.client, catalogue)
        self.rate = Rate(asyncio.get_running_loop().time())
        try:
            await self._admit(scope, hub, wire)
            await self._talk(receive, wire)
        except Refused as refused:
            await _refuse(scope, send, refused)
        finally:
            wire.on_ack(None)
            hub.viewers.leave(self.client)

    # the handshake

    async def _admit(self, scope: dict[str, Any], hub: Any, wire: Wire) -> None:
        """Everything that can refuse a socket, before it is accepted; only "too many" needs a close code."""
        headers = dict(scope["headers"])
        secret = link_secret(scope.get("subprotocols", []))
        session_key = cookie_of(headers.get(b"cookie", b"").decode("latin-1"), settings.SESSION_COOKIE_NAME)
        bearer = headers.get(b"authorization")
        self._check_origin(scope, headers, bearer is None and bool(session_key) and not secret)
        if secret:
            await self._by_link(secret)
        else:
            user = await self._who(session_key, bearer, scope.get("query_string", b""))
            if not access.may_read_markets(user):
                raise Refused(403, SIGN_IN)
        self.client.address = counted_as(str((scope.get("client") or ("",))[0]))
        problem = hub.viewers.admit(self.client)
        if problem is not None and not hub.viewers.turn_away(self.client):
            raise Refused(429, CROWD)
        await wire.send({"type": "websocket.accept", **({"subprotocol": LINK} if secret else {})})
        if problem is not None:
            self.client.close(problem)

    def _check_origin(self, scope: dict[str, Any], headers: dict[bytes, bytes], has_cookie: bool) -> None:
        origin = headers.get(b"origin")
        allowed = origins.is_allowed(
            None if origin is None else origin.decode("latin-1"),
            host=headers.get(b"host", b"").decode("latin-1"),
            secure=_is_secure(scope, headers),
            has_cookie=has_cookie,
            hosts=settings.ALLOWED_HOSTS,
            trusted=settings.CSRF_TRUSTED_ORIGINS,
        )
        if not allowed:
            raise Refused(403, WRONG_ORIGIN)

    async def _by_link(self, secret: str) -> None:
        """By the link alone, whatever cookie comes with it: two tabs of one browser may be two people's."""
        grant = await database_sync_to_async(access.link_grant)(secret)
        if grant is None:
            raise Refused(403, NO_LINK)
        self.client.link, self.client.grants = grant, {grant}

    async def _who(self, session_key: str, bearer: bytes | None, query: bytes) -> Any:
        """By the token alone where one is shown, so that a bot never leans on a cookie by accident."""
        try:
            access.refuse_in_address(name for name, _ in parse_qsl(query.decode("latin-1"), True))
            if bearer is None:
                return await self._identify(session_key)
            found = await database_sync_to_async(access.bearer)(bearer.decode("latin-1"))
        except access.BadToken as bad:
            raise Refused(401, f"{bad}\n".encode()) from None
        self.client.scopes, self.client.user_id = found.scopes, found.user.pk
        self.client.identity = sessions.TokenIdentity(found.user.pk, found.token_id)
        return found.user

    async def _identify(self, session_key: str) -> Any:
        """The user, or None for a visitor. No database for who sends no cookie."""
        found = await reception.identify(session_key) if session_key else None
        if found is None:
            return None
        self.client.identity, user = found
        self.client.user_id = self.client.identity.user_id
        self.client.details = access.may_read_details(user)
        return user

    # the conversation

    async def _talk(self, receive: Any, wire: Wire) -> None:
        wire.on_ack(self._acknowledged)
        for number in itertools.count(1):
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            await self.dispatch(message)
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """One frame from the client, without the thread hop of the overridden method."""
        if self.client.closing is not None:
            return
        text = message.get("text")
        try:
            if text is None:
                raise BadRequest("frame: expected text, found binary")
            request = protocol.parse(text)
        except BadRequest as bad:
            if await self._within_rate():
                await self.requests.refuse(bad)
            return
        if isinstance(request, Ack) and self._takes(request):
            return
        if await self._within_rate(cost_of(request)):
            await self.requests.answer(request)

    async def _within_rate(self, cost: int = 1) -> bool:
        now_s = asyncio.get_running_loop().time()
        if self.rate.allows(now_s, cost):
            return True
        if self.rate.exhausted:
            self.client.close(FLOOD)
            self.wire.blame()
        elif self.rate.to_be_said(now_s):
            await self.client.say(replies.failure(TOO_FAST))
        return False

    def _acknowledged(self, frame: bytes) -> bool:
        """From the server's parser, without a task. A malformed one is left to :meth:`dispatch`, which
        answers it, and so is one too many, which it counts."""
        digits = frame[len(ACK_START) : -2]
        if digits.isdigit() and len(digits) < 17 and frame.startswith(ACK_START) and frame.endswith(b"}}"):
            return self.client.acknowledge(int(digits))
        try:
            request = protocol.parse(frame)
        except BadRequest:
            return False
        return isinstance(request, Ack) and self._takes(request)

    def _takes(self, ack: Ack) -> bool:
        return self.client.acknowledge(ack.params.frame, ack.params.away_ms / 1000)


def cost_of(request: Request) -> int:
    """In messages."""
    return 1 + names_of(request) // (UNSUBSCRIBED if isinstance(request, Unsubscribe) else SUBSCRIBED)


def cookie_of(header: str, name: str) -> str:
    """The last of that name, as Django finds it. Not taken out of quotes: older Pythons need a fifth of a
    second for 8 KB of them, and what Django writes here has none."""
    found = ""
    for each in header.split(";"):
        key, _, value = each.partition("=")
        if key.strip() == name:
            found = value.strip()
    return found


def link_secret(subprotocols: list[str]) -> str:
    return subprotocols[1] if len(subprotocols) == 2 and subprotocols[0] == LINK else ""


def _is_secure(scope: dict[str, Any], headers: dict[bytes, bytes]) -> bool:
    """Behind a proxy that ends TLS only the header says it, where the settings trust it."""
    if settings.SECURE_PROXY_SSL_HEADER:
        name, value = settings.SECURE_PROXY_SSL_HEADER
        header = name.removeprefix("HTTP_").replace("_", "-").lower().encode()
        if headers.get(header, b"").decode("latin-1") == value:
            return True
    return scope.get("scheme") == "wss"


async def _refuse(scope: dict[str, Any], send: Send, refused: Refused) -> None:
    """An HTTP answer that says why, where the server can send one."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 4003})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    if refused.status == 401:
        headers.append((b"www-authenticate", b'Bearer error="invalid_token"'))
    await send({"type": "websocket.http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": refused.body})
