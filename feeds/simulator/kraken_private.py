"""Kraken's private side: signed POSTs that answer 200 to everything, a token for the socket, executions.

https://docs.kraken.com/api/docs/guides/spot-rest-auth
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from fractions import Fraction
from typing import Any
from urllib.parse import parse_qsl

from feeds.simulator import kraken_executions as text
from feeds.simulator.exchange import Answer, as_json
from feeds.simulator.link import Link, now_s
from feeds.simulator.paper import (
    READ,
    TRADE,
    WITHDRAW,
    PaperAccount,
    PaperFill,
    PaperKey,
    PaperOrder,
    rounded,
)
from feeds.simulator.private import CHANNEL, Asked, Made, Private
from feeds.simulator.text import iso_us

_PREFIX = "/0/private/"
_PAGE = 50
_TOKEN_S = 900
_COUNTER, _SINKS_PER_S = 15, 1 / 3
_RIGHTS = {
    READ: ("query-funds", "query-open-trades", "query-closed-trades", "query-ledger", "create-ws-token"),
    TRADE: ("modify-trades", "close-trades"),
    WITHDRAW: ("withdraw-funds",),
}


class Problem(ValueError):
    """An error in the venue's own words."""


class KrakenPrivate(Private):
    """All that keys of ``/kraken`` open."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._tokens: dict[str, tuple[PaperAccount, float]] = {}
        self._subscribed: dict[Link, PaperAccount] = {}
        self._sequences: dict[Link, int] = {}
        self._spent: dict[str, tuple[float, float]] = {}

    def made_key(self, kind: str) -> Made:
        secret = base64.b64encode(secrets.token_bytes(64)).decode()
        return Made(secrets.token_urlsafe(42), secret, secret)

    def trade_id(self, fill: PaperFill) -> str:
        return text.trade_id(fill)

    def fee(self, order: PaperOrder, qty: Fraction, cost: Fraction, maker: bool) -> tuple[Fraction, str]:
        share = Fraction(25 if maker else 40, 10_000)
        return rounded(cost * share, text.FEE_DECIMALS), order.market.listing.quote

    # REST

    def answers(self, path: str) -> bool:
        return path.startswith(_PREFIX)

    def answer(self, asked: Asked) -> Answer:
        views: dict[str, tuple[str, float, Callable[[PaperKey, dict[str, str]], Any]]] = {
            "GetApiKeyInfo": ("", 1, self._info),
            "GetWebSocketsToken": ("create-ws-token", 1, self._token),
            "TradesHistory": ("query-closed-trades", 2, self._history),
            "OpenOrders": ("query-open-trades", 1, self._open_orders),
        }
        try:
            right, cost, view = views[asked.path.removeprefix(_PREFIX)]
            key, fields = self._known(asked)
            if right and right not in self._granted(key):
                raise Problem("EGeneral:Permission denied")
            self._spend(key, cost)
            return Answer(200, as_json({"error": [], "result": view(key, fields)}))
        except KeyError:
            return Answer(200, as_json({"error": ["EGeneral:Unknown method"]}))
        except Problem as problem:
            self.desk.counters[str(problem)] += 1
            return Answer(200, as_json({"error": [str(problem)]}))

    def _known(self, asked: Asked) -> tuple[PaperKey, dict[str, str]]:
        key = self.key(asked.headers.get("api-key", ""))
        if asked.method != "POST" or key is None:
            raise Problem("EAPI:Invalid key")
        fields = dict(parse_qsl(asked.body.decode(), keep_blank_values=True))
        digest = hashlib.sha256(fields.get("nonce", "").encode() + asked.body).digest()
        expected = hmac.new(base64.b64decode(key.kept), asked.path.encode() + digest, hashlib.sha512)
        given = asked.headers.get("api-sign", "").encode()
        if not hmac.compare_digest(base64.b64encode(expected.digest()), given):
            raise Problem("EAPI:Invalid signature")
        nonce = int(fields["nonce"]) if fields.get("nonce", "").isdigit() else 0
        if nonce <= key.nonce:
            raise Problem("EAPI:Invalid nonce")
        key.nonce = nonce
        return key, fields

    def _spend(self, key: PaperKey, cost: float) -> None:
        """A counter for each key, which sinks by itself."""
        spent, at_s = self._spent.get(key.key, (0.0, now_s()))
        spent = max(0.0, spent - (now_s() - at_s) * _SINKS_PER_S)
        if self.exchange.trouble.rate_limited > 0:
            self.exchange.trouble.rate_limited -= 1
            raise Problem("EAPI:Rate limit exceeded")
        if spent + cost > _COUNTER:
            self.exchange.counters["private_over_limit"] += 1
            raise Problem("EAPI:Rate limit exceeded")
        self._spent[key.key] = (spent + cost, now_s())

    def _granted(self, key: PaperKey) -> list[str]:
        return [name for right, names in _RIGHTS.items() if right in key.rights for name in names]

    def _info(self, key: PaperKey, fields: dict[str, str]) -> dict[str, Any]:
        return {
            "apiKeyName": key.account.name, "apiKey": key.key, "nonce": str(key.nonce), "nonceWindow": 0,
            "permissions": self._granted(key), "iban": "", "validUntil": "0", "queryFrom": "0",
            "queryTo": "0", "createdTime": "1772542900", "modifiedTime": "1772543095", "ipAllowlist": [],
            "lastUsed": "0",
        }  # fmt: skip

    def _token(self, key: PaperKey, fields: dict[str, str]) -> dict[str, Any]:
        token = secrets.token_urlsafe(32)
        expires_s = now_s() + _TOKEN_S
        if self.trouble.dead_tokens > 0:
            self.trouble.dead_tokens -= 1
            expires_s = 0.0
        self._tokens[token] = (key.account, expires_s)
        self.desk.counters["tokens"] += 1
        return {"token": token, "expires": _TOKEN_S}

    def _history(self, key: PaperKey, fields: dict[str, str]) -> dict[str, Any]:
        """Newest first; ``start`` is exclusive, in seconds."""
        start, offset = Fraction(fields.get("start", "0")), int(fields.get("ofs", "0"))
        wanted = [fill for fill in self.shown(key.account) if Fraction(fill.time_ns, 10**9) > start][::-1]
        page = wanted[offset : offset + _PAGE]
        return {"trades": {text.trade_id(fill): text.trade(fill) for fill in page}, "count": len(wanted)}

    def _open_orders(self, key: PaperKey, fields: dict[str, str]) -> dict[str, Any]:
        orders = [order for order in key.account.orders.values() if order.open]
        return {"open": {text.txid("O", order.number): text.open_order(order) for order in orders}}

    # socket

    def speaks(self, path: str) -> bool:
        return path == "/v2"

    def close(self, link: Link) -> None:
        super().close(link)
        self._subscribed.pop(link, None)
        self._sequences.pop(link, None)

    def receive(self, link: Link, message: str | bytes) -> None:
        began = iso_us(self.exchange.clock.now_ns())
        try:
            request = json.loads(message)
            method, params = request["method"], request.get("params", {})
            asked = {"req_id": request["req_id"]} if "req_id" in request else {}
        except (ValueError, TypeError, KeyError):
            self.later(link, as_json({"error": "Malformed request", "success": False}))
            return
        times = {"time_in": began, "time_out": began}
        if method == "ping":
            link.send(as_json({"method": "pong", **asked, **times}))
            return
        problem = self._subscribe(link, method, params)
        if problem:
            body = {"error": problem, "method": method, "success": False}
        else:
            result = {"channel": "executions", "maxratecount": 125, "snap_orders": True, "snap_trades": False}
            body = {"method": method, "result": result, "success": True}
        self.later(link, as_json(body | times | asked))
        if not problem:
            self._snapshot(link)

    def _subscribe(self, link: Link, method: str, params: dict[str, Any]) -> str:
        if method != "subscribe" or params.get("channel") != "executions":
            return "Unsupported method or channel"
        account, expires_s = self._tokens.get(str(params.get("token")), (None, 0.0))
        if account is None or expires_s < now_s():
            self.desk.counters["bad tokens"] += 1
            return "ESession:Invalid session"
        if link in self._subscribed:
            return "Already subscribed"
        self._subscribed[link] = account
        link.subscribed = True
        return ""

    def _snapshot(self, link: Link) -> None:
        account = self._subscribed[link]
        rows = [text.whole(order, "status") for order in account.orders.values() if order.open]
        self._send(link, "snapshot", rows)

    def _send(self, link: Link, kind: str, rows: list[str]) -> None:
        number = self._sequences[link] = self._sequences.get(link, 0) + 1
        link.send(text.frame(kind, rows, number), channel=CHANNEL)

    def _tell(self, account: PaperAccount, row: str) -> None:
        for link, owner in list(self._subscribed.items()):
            if owner is account:
                self._send(link, "update", [row])

    def tell_order(self, order: PaperOrder, what: str) -> None:
        if what == "new":
            self._tell(order.account, text.whole(order, "pending_new"))
        self._tell(order.account, text.brief(order, what))

    def tell_fill(self, fill: PaperFill) -> None:
        self._tell(fill.order.account, text.execution(fill))

    def beat(self, now_s: float) -> None:
        for link in self._subscribed:
            if now_s - link.sent_s >= 0.95:
                link.send(b'{"channel":"heartbeat"}', channel="heartbeat")
