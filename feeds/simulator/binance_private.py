"""Binance's private side: signed GETs within the address's weight, and the user data stream of its WS-API.

https://developers.binance.com/docs/binance-spot-api-docs/rest-api (SIGNED endpoint security)
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import string
from collections.abc import Callable
from fractions import Fraction
from typing import Any, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from feeds.simulator import binance_reports as text
from feeds.simulator.binance import Binance
from feeds.simulator.exchange import Answer, as_json
from feeds.simulator.link import Link
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
from feeds.simulator.paper import amount_text as decimal
from feeds.simulator.private import CHANNEL, Asked, Made, Private

_SIGNS = string.ascii_letters + string.digits
_DAY_MS = 24 * 3600 * 1000
_PING_S = 20.0
_VIEWS = ("/sapi/v1/account/apiRestrictions", "/api/v3/account", "/api/v3/myTrades", "/api/v3/openOrders")
_NO_KEY = (-2015, "Invalid API-key, IP, or permissions for action.", 401)


class Problem(ValueError):
    """An error in the venue's own numbers and words."""

    def __init__(self, code: int, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.code, self.status = code, status


class BinancePrivate(Private):
    """All that keys of ``/binance`` open."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._subscribed: dict[Link, PaperAccount] = {}
        self._logged_on: dict[Link, PaperAccount] = {}
        self._pinged: dict[Link, float] = {}
        self._reports = 8_000_000

    def made_key(self, kind: str) -> Made:
        text_ = "".join(secrets.choice(_SIGNS) for _ in range(64))
        if kind != "ed25519":
            secret = "".join(secrets.choice(_SIGNS) for _ in range(64))
            return Made(text_, secret, secret)
        key = Ed25519PrivateKey.generate()
        private = key.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.NoEncryption())
        public = key.public_key().public_bytes(pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo)
        return Made(text_, private.decode(), public.decode())

    def fee(self, order: PaperOrder, qty: Fraction, cost: Fraction, maker: bool) -> tuple[Fraction, str]:
        """A thousandth of what is received, in it."""
        listing = order.market.listing
        received, asset = (qty, listing.base) if order.bought else (cost, listing.quote)
        return rounded(received / 1000, text.AMOUNT_DECIMALS), asset

    def trade_id(self, fill: PaperFill) -> str:
        return str(fill.number)

    # signatures

    def _known(self, text_: str, payload: str, signature: str, stamp: str, window: str) -> PaperKey:
        key = self.key(text_)
        if key is None:
            raise Problem(*_NO_KEY)
        if not _signed(key.kept, payload.encode(), signature):
            raise Problem(-1022, "Signature for this request is not valid.")
        late_ms = text.ms(self.exchange.clock.now_ns()) - int(stamp or 0)
        if late_ms > float(window or 5000):
            raise Problem(-1021, "Timestamp for this request is outside of the recvWindow.")
        if late_ms < -1000:
            raise Problem(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
        return key

    # REST

    def answers(self, path: str) -> bool:
        return path in _VIEWS

    def answer(self, asked: Asked) -> Answer:
        budget = cast(Binance, self.exchange).budget
        if refusal := budget.refusal():
            return refusal
        views: dict[str, tuple[int, Callable[[PaperKey, dict[str, str]], Any]]] = {
            _VIEWS[0]: (1, self._restrictions), _VIEWS[1]: (20, self._account),
            _VIEWS[2]: (20, self._trades), _VIEWS[3]: (80, self._open_orders),
        }  # fmt: skip
        weight, view = views[asked.path]
        budget.spend(weight)
        try:
            payload, _, signature = asked.target.partition("?")[2].rpartition("&signature=")
            query = dict(asked.query)
            key = self._known(asked.headers.get("x-mbx-apikey", ""), payload, query.get("signature", ""),
                              query.get("timestamp", ""), query.get("recvWindow", ""))  # fmt: skip
            if READ not in key.rights and asked.path != _VIEWS[0]:
                raise Problem(*_NO_KEY)
            return Answer(200, as_json(view(key, query)))
        except Problem as problem:
            self.desk.counters[str(problem.code)] += 1
            return Answer(problem.status, as_json({"code": problem.code, "msg": str(problem)}))

    def _restrictions(self, key: PaperKey, query: dict[str, str]) -> dict[str, Any]:
        trades, moves = TRADE in key.rights, WITHDRAW in key.rights
        return {
            "ipRestrict": False, "createTime": 1623840271000, "enableReading": READ in key.rights,
            "enableWithdrawals": moves, "enableInternalTransfer": False, "enableMargin": False,
            "enableFutures": False, "permitsUniversalTransfer": False, "enableVanillaOptions": False,
            "enableFixApiTrade": False, "enableFixReadOnly": True, "enableSpotAndMarginTrading": trades,
            "enablePortfolioMarginTrading": False,
        }  # fmt: skip

    def _account(self, key: PaperKey, query: dict[str, str]) -> dict[str, Any]:
        balances = [
            {"asset": asset, "free": decimal(key.account.balance(asset), 8), "locked": "0.00000000"}
            for asset in key.account.assets()
        ]
        return {"canTrade": True, "accountType": "SPOT", "balances": balances, "permissions": ["SPOT"]}

    def _trades(self, key: PaperKey, query: dict[str, str]) -> list[dict[str, Any]]:
        market = self.exchange.market(query.get("symbol", ""))
        if market is None:
            raise Problem(-1121, "Invalid symbol.")
        start, end = int(query.get("startTime", 0)), int(query.get("endTime", 1 << 62))
        if "startTime" in query and "endTime" in query and end - start > _DAY_MS:
            raise Problem(-1127, "More than 24 hours between startTime and endTime.")
        wanted = [
            fill for fill in self.shown(key.account)
            if fill.order.market is market and fill.number >= int(query.get("fromId", 0))
            and start <= text.ms(fill.time_ns) <= end
        ]  # fmt: skip
        count = min(int(query.get("limit", 500)), 1000)
        first = "startTime" in query or "fromId" in query
        return [text.trade(fill) for fill in (wanted[:count] if first else wanted[-count:])]

    def _open_orders(self, key: PaperKey, query: dict[str, str]) -> list[dict[str, Any]]:
        return [text.open_order(order) for order in key.account.orders.values() if order.open]

    # socket

    def speaks(self, path: str) -> bool:
        return path == "/ws-api/v3"

    def close(self, link: Link) -> None:
        super().close(link)
        for known in (self._subscribed, self._logged_on, self._pinged):
            known.pop(link, None)

    def receive(self, link: Link, message: str | bytes) -> None:
        number = None
        try:
            request = json.loads(message)
            number, params = request.get("id"), request.get("params", {})
            result = self._result(link, str(request["method"]), params)
            body = {"id": number, "status": 200, "result": result}
        except Problem as problem:
            self.desk.counters[str(problem.code)] += 1
            error = {"code": problem.code, "msg": str(problem)}
            body = {"id": number, "status": problem.status, "error": error}
        except (ValueError, TypeError, KeyError, AttributeError):
            error = {"code": -1000, "msg": "Invalid request."}
            body = {"id": number, "status": 400, "error": error}
        self.later(link, as_json(body))

    def _result(self, link: Link, method: str, params: dict[str, Any]) -> dict[str, Any]:
        if method == "userDataStream.subscribe.signature":
            return self._subscribe(link, self._key_of(params).account)
        if method == "session.logon":
            key = self._key_of(params)
            if not key.kept.startswith("-----BEGIN"):
                raise Problem(-4056, "HMAC_SHA256 API key is not supported.")
            self._logged_on[link] = key.account
            now_ms = text.ms(self.exchange.clock.now_ns())
            return {"apiKey": key.key, "authorizedSince": now_ms, "connectedSince": now_ms,
                    "returnRateLimits": False, "serverTime": now_ms, "userDataStream": False}  # fmt: skip
        if method == "userDataStream.subscribe" and link in self._logged_on:
            return self._subscribe(link, self._logged_on[link])
        raise Problem(-1020, "This operation is not supported.")

    def _key_of(self, params: dict[str, Any]) -> PaperKey:
        payload = "&".join(f"{name}={params[name]}" for name in sorted(params) if name != "signature")
        return self._known(str(params.get("apiKey", "")), payload, str(params.get("signature", "")),
                           str(params.get("timestamp", "")), str(params.get("recvWindow", "")))  # fmt: skip

    def _subscribe(self, link: Link, account: PaperAccount) -> dict[str, int]:
        if link in self._subscribed:
            raise Problem(-2035, "User Data Stream subscription already active.")
        self._subscribed[link] = account
        return {"subscriptionId": 0}

    def _tell(self, order: PaperOrder, what: str, fill: PaperFill | None = None) -> None:
        self._reports += 1
        event = text.report(order, what, fill, self.exchange.clock.now_ns(), self._reports)
        payload = as_json({"subscriptionId": 0, "event": event})
        for link, account in list(self._subscribed.items()):
            if account is order.account:
                link.send(payload, order.market.listing.native, CHANNEL)

    def tell_order(self, order: PaperOrder, what: str) -> None:
        """A fill says itself that an order is full; nothing else does."""
        if what != "filled":
            self._tell(order, "NEW" if what == "new" else what.upper())

    def tell_fill(self, fill: PaperFill) -> None:
        self._tell(fill.order, "TRADE", fill)

    def beat(self, now_s: float) -> None:
        for link in self.links:
            if now_s - self._pinged.get(link, link.opened_s) >= _PING_S:
                self._pinged[link] = now_s
                link.queue(b"\x89\x00")


def _signed(kept: str, payload: bytes, signature: str) -> bool:
    if not kept.startswith("-----BEGIN"):
        expected = hmac.new(kept.encode(), payload, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected, signature.lower())
    try:
        key = cast(Ed25519PublicKey, pem.load_pem_public_key(kept.encode()))
        key.verify(base64.b64decode(signature, validate=True), payload)
    except (InvalidSignature, ValueError):
        return False
    return True
