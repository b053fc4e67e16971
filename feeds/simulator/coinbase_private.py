"""Coinbase's private side: tokens that the client signs itself, orders on channel ``user``, fills by REST.

https://docs.cdp.coinbase.com/get-started/authentication/jwt-authentication
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from feeds.simulator import coinbase_text as text
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
from feeds.simulator.text import iso_trimmed_us

_HOST = "api.coinbase.com"
_BROKERAGE = "/api/v3/brokerage"
_VIEWS = (f"{_BROKERAGE}/key_permissions", f"{_BROKERAGE}/orders/historical/fills",
          f"{_BROKERAGE}/orders/historical/batch")  # fmt: skip
_LIFE_S, _SKEW_S = 120, 5
_SUBSCRIBE_WITHIN_S = 5.0
_PAGE, _BATCH = 100, 50
_FEE_DECIMALS = 16
_NAMES = uuid.UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")
_STATUS = {"new": "OPEN", "partially_filled": "OPEN", "filled": "FILLED", "canceled": "CANCELLED"}


class Problem(ValueError):
    """A refusal with its HTTP status."""

    def __init__(self, status: int, error: str, words: str) -> None:
        super().__init__(words)
        self.status, self.error = status, error


def name_of(kind: str, number: int) -> str:
    """``8b1e…-…``: an order's or a trade's, the same in every run."""
    return str(uuid.uuid5(_NAMES, f"{kind} {number}"))


class CoinbasePrivate(Private):
    """All that keys of ``/coinbase`` open."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._channels: dict[Link, dict[str, PaperAccount]] = {}
        self._sequences: dict[Link, int] = {}
        self._beats = 0

    def made_key(self, kind: str) -> Made:
        name = f"organizations/{uuid.uuid4()}/apiKeys/{uuid.uuid4()}"
        edwards = kind == "ed25519"
        key = ed25519.Ed25519PrivateKey.generate() if edwards else ec.generate_private_key(ec.SECP256R1())
        public = key.public_key()
        kept = public.public_bytes(pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo).decode()
        if edwards:
            raw = pem.Encoding.Raw
            seed = key.private_bytes(raw, pem.PrivateFormat.Raw, pem.NoEncryption())
            secret = base64.b64encode(seed + public.public_bytes(raw, pem.PublicFormat.Raw)).decode()
        else:
            form = pem.PrivateFormat.TraditionalOpenSSL
            secret = key.private_bytes(pem.Encoding.PEM, form, pem.NoEncryption()).decode()
        return Made(name, secret, kept)

    def fee(self, order: PaperOrder, qty: Fraction, cost: Fraction, maker: bool) -> tuple[Fraction, str]:
        share = Fraction(40 if maker else 60, 10_000)
        return rounded(cost * share, _FEE_DECIMALS), order.market.listing.quote

    def trade_id(self, fill: PaperFill) -> str:
        return name_of("trade", fill.number * 2 + fill.maker)

    # tokens

    def _known(self, token: str, uri: str) -> PaperKey:
        """The key whose token it is; raises :class:`Problem` for any other, without saying why."""
        try:
            head, claims, signature = (_unpacked(part) for part in token.split("."))
            head, claims = json.loads(head), json.loads(claims)
            key, signed = self.key(head["kid"]), token.rpartition(".")[0].encode()
            now_s = self.exchange.clock.now_ns() / 1e9
            good = (
                key is not None
                and _verified(key.kept, head["alg"], signed, signature)
                and (claims["iss"], claims["sub"], claims.get("uri", "")) == ("cdp", head["kid"], uri)
                and bool(head["nonce"])
                and claims["nbf"] <= now_s + _SKEW_S
                and now_s < claims["exp"] <= claims["nbf"] + _LIFE_S
            )
        except (ValueError, KeyError, TypeError):
            good, key = False, None
        if not good or key is None:
            self.desk.counters["unauthorized"] += 1
            raise Problem(401, "Unauthorized", "Unauthorized")
        return key

    # REST

    def answers(self, path: str) -> bool:
        return path in _VIEWS

    def answer(self, asked: Asked) -> Answer:
        views: dict[str, Callable[[PaperKey, dict[str, list[str]]], Any]] = dict(
            zip(_VIEWS, (self._permissions, self._fills, self._orders), strict=True)
        )
        trouble = self.exchange.trouble
        try:
            if trouble.rate_limited > 0:
                trouble.rate_limited -= 1
                raise Problem(429, "RATE_LIMIT_EXCEEDED", "too many requests")
            token = asked.headers.get("authorization", "").removeprefix("Bearer ")
            key = self._known(token, f"{asked.method} {_HOST}{asked.path}")
            if READ not in key.rights and asked.path != _VIEWS[0]:
                raise Problem(403, "PERMISSION_DENIED", "Missing required scopes")
            return Answer(200, as_json(views[asked.path](key, parse_qs(urlsplit(asked.target).query))))
        except Problem as problem:
            body = {"error": problem.error, "error_details": str(problem), "message": str(problem)}
            headers = (("Retry-After", str(trouble.retry_after_s)),) if problem.status == 429 else ()
            return Answer(problem.status, as_json(body), headers)

    def _permissions(self, key: PaperKey, query: dict[str, list[str]]) -> dict[str, Any]:
        rights = {f"can_{name}": right in key.rights
                  for name, right in (("view", READ), ("trade", TRADE), ("transfer", WITHDRAW))}  # fmt: skip
        return rights | {"portfolio_uuid": name_of("account", 1), "portfolio_type": "DEFAULT"}

    def _fills(self, key: PaperKey, query: dict[str, list[str]]) -> dict[str, Any]:
        """Newest first; a cursor is where the next page begins."""
        start = query.get("start_sequence_timestamp", [""])[0]
        orders = set(query.get("order_ids", ()))
        wanted = [
            fill for fill in self.shown(key.account)
            if iso_trimmed_us(fill.time_ns) >= start.removesuffix("Z")
            and (not orders or name_of("order", fill.order.number) in orders)
        ][::-1]  # fmt: skip
        at = int(query.get("cursor", ["0"])[0] or 0)
        count = min(int(query.get("limit", [str(_PAGE)])[0]), _PAGE)
        cursor = str(at + count) if at + count < len(wanted) else ""
        return {"fills": [self._fill(fill) for fill in wanted[at : at + count]], "cursor": cursor}

    def _fill(self, fill: PaperFill) -> dict[str, Any]:
        market, time = fill.order.market, iso_trimmed_us(fill.time_ns)
        return {
            "entry_id": name_of("entry", fill.number), "trade_id": self.trade_id(fill),
            "order_id": name_of("order", fill.order.number), "trade_time": time, "trade_type": "FILL",
            "price": text.price(market, fill.price), "size": text.size(market, fill.qty),
            "commission": decimal(fill.fee, _FEE_DECIMALS).rstrip("0").rstrip("."),
            "product_id": market.listing.native, "sequence_timestamp": time,
            "liquidity_indicator": "MAKER" if fill.maker else "TAKER", "size_in_quote": False,
            "user_id": name_of("user", 1), "side": "BUY" if fill.order.bought else "SELL",
            "retail_portfolio_id": name_of("account", 1),
        }  # fmt: skip

    def _orders(self, key: PaperKey, query: dict[str, list[str]]) -> dict[str, Any]:
        orders = [_order(order) for order in key.account.orders.values()]
        return {"orders": orders, "sequence": "0", "has_next": False, "cursor": ""}

    # socket

    def speaks(self, path: str) -> bool:
        return path in ("", "/")

    def open(self, link: Link) -> None:
        super().open(link)
        self._channels[link], self._sequences[link] = {}, 0

    def close(self, link: Link) -> None:
        super().close(link)
        self._channels.pop(link, None)
        self._sequences.pop(link, None)

    def receive(self, link: Link, message: str | bytes) -> None:
        try:
            request = json.loads(message)
            kind, channel = request["type"], request["channel"]
            if kind != "subscribe" or channel not in ("user", "heartbeats"):
                raise ValueError(f"{kind} {channel}")
            account = self._known(str(request.get("jwt", "")), "").account
        except Problem:
            self.later(link, as_json({"type": "error", "message": "authentication failure"}))
            return
        except (ValueError, TypeError, KeyError):
            self.later(link, as_json({"type": "error", "message": "invalid subscription message"}))
            return
        link.subscribed = True
        self._channels[link][channel] = account
        if channel == "user":
            self._snapshot(link, account)
        listed = {name: ["heartbeats" if name == "heartbeats" else name_of("user", 1)]
                  for name in self._channels[link]}  # fmt: skip
        self.later(link, self._framed(link, "subscriptions", [{"subscriptions": listed}]))

    def _framed(self, link: Link, channel: str, events: list[dict[str, Any]]) -> bytes:
        number = self._sequences[link]
        self._sequences[link] += 1
        head = text.head(channel, self.exchange.clock.now_ns())
        return f'{head}{number},"events":'.encode() + as_json(events) + b"}"

    def _snapshot(self, link: Link, account: PaperAccount) -> None:
        orders = [_order(order) for order in account.orders.values() if order.open]
        for at in range(0, max(len(orders), 1), _BATCH):
            self._send([link], "snapshot", orders[at : at + _BATCH])

    def _send(self, links: Iterable[Link], kind: str, orders: list[dict[str, Any]]) -> None:
        events = [{"type": kind, "orders": orders, "positions": {}}]
        for link in links:
            link.send(self._framed(link, "user", events), channel=CHANNEL)

    def tell_order(self, order: PaperOrder, what: str) -> None:
        links = [link for link, open_ in self._channels.items() if open_.get("user") is order.account]
        self._send(links, "update", [_order(order)])

    def tell_fill(self, fill: PaperFill) -> None:
        """Only how much is filled by now, and nothing when the order's end says it."""
        if fill.order.open:
            self.tell_order(fill.order, "filled")

    def beat(self, now_s: float) -> None:
        self._beats += 1
        for link in list(self.links):
            if "heartbeats" in self._channels.get(link, ()):
                event = {"current_time": "2026-01-01 00:00:00 +0000 UTC", "heartbeat_counter": self._beats}
                link.send(self._framed(link, "heartbeats", [event]), channel="heartbeat")
            elif not link.subscribed and now_s - link.opened_s > _SUBSCRIBE_WITHIN_S:
                self.exchange.counters["late_subscribe"] += 1
                link.end(1008, "no subscription within 5 seconds")


def _order(order: PaperOrder) -> dict[str, Any]:
    """As the channel writes it."""
    market, left = order.market, order.qty - order.filled
    return {
        "order_id": name_of("order", order.number), "client_order_id": order.client_id or f"{order.number}",
        "cumulative_quantity": text.size(market, order.filled), "leaves_quantity": text.size(market, left),
        "avg_price": "0", "total_fees": "0", "status": _STATUS[order.status],
        "product_id": market.listing.native, "product_type": "SPOT",
        "creation_time": iso_trimmed_us(order.placed_ns), "order_side": "BUY" if order.bought else "SELL",
        "order_type": "Limit" if order.price else "Market",
        "limit_price": text.price(market, order.price) if order.price else "",
        "number_of_fills": str(sum(fill.order is order for fill in order.account.fills)),
        "time_in_force": "GOOD_UNTIL_CANCELLED", "cancel_reason": "", "reject_reason": "",
    }  # fmt: skip


def _unpacked(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _verified(kept: str, algorithm: str, signed: bytes, signature: bytes) -> bool:
    key = pem.load_pem_public_key(kept.encode())
    try:
        if isinstance(key, ed25519.Ed25519PublicKey) and algorithm == "EdDSA":
            key.verify(signature, signed)
        elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm == "ES256" and len(signature) == 64:
            r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
            key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
        else:
            return False
    except InvalidSignature:
        return False
    return True
