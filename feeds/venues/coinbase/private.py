"""Coinbase Advanced Trade's private socket, channel ``user``, and the account's fills by REST.

https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-overview
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from feeds.codec import DecodeError, KeyAdvice, Limits, RestRequest
from feeds.events import Ack, Heartbeat, LinkSequence, Unknown
from feeds.private import Credentials, FillsPage, Names, OrderUpdate, Pair, PrivateEvent, Query
from feeds.venues.coinbase import orders, signing
from feeds.venues.coinbase.messages import VENUE
from feeds.venues.coinbase.shapes import micros

_CHANNELS = ("user", "heartbeats")


class _Event(Struct):
    type: str = ""
    orders: list[orders.Order] | None = None


class _Frame(Struct):
    channel: str = ""
    timestamp: str = ""
    sequence_num: int = 0
    type: str = ""
    message: str = ""
    events: msgspec.Raw = msgspec.Raw(b"[]")


_frame = msgspec.json.Decoder(_Frame).decode
_events = msgspec.json.Decoder(list[_Event]).decode
_fills = msgspec.json.Decoder(orders.Fills).decode


class CoinbasePrivate:
    """``key`` of its credentials is the key's name, ``secret`` its private key (see :mod:`.signing`)."""

    venue = VENUE
    title = "Coinbase"
    advice = KeyAdvice(
        key_label="API key name, organizations/…/apiKeys/…",
        secret_label="Private key, as it was shown once",  # nosec B106 # a label
        needs="View",
        never="Trade; Transfer",
        how="Coinbase Developer Platform → API keys → Create API key → API restrictions",
    )
    ws_url = "wss://advanced-trade-ws-user.coinbase.com"
    rest_url = "https://api.coinbase.com"
    path = ""
    # Thirty requests a second are allowed to a user; heartbeats come each second.
    limits = Limits(
        messages_per_s=4, connects=4, connects_window_s=1, idle_s=5, rest_weight=15, rest_window_s=1
    )
    asks_token = asks_symbols = shared_limits = False
    stream_orders = True

    denied = staticmethod(signing.denied)
    decode_permissions = staticmethod(signing.permissions)

    def sign(self, query: Query, credentials: Credentials, now_ns: int, nonce: int) -> RestRequest:
        return signing.signed(query, credentials, now_ns, nonce, urlencode(query.params))

    def names_query(self) -> None:
        """A product's symbol is its two codes."""

    def decode_names(self, body: bytes) -> dict[str, Pair]:
        raise DecodeError("Coinbase's symbols need no list", b"")

    def permissions_query(self) -> Query:
        return Query("GET", "/api/v3/brokerage/key_permissions")

    def token_query(self) -> Query:
        raise NotImplementedError("Coinbase's tokens are made here, not asked for")

    def decode_token(self, body: bytes) -> str:
        raise DecodeError("Coinbase's tokens are made here", b"")

    def greetings(self, credentials: Credentials, token: str, now_ns: int, nonce: int) -> list[str]:
        """Heartbeats too, without which the venue ends a channel that has nothing to say."""
        return [
            msgspec.json.encode(
                {"type": "subscribe", "channel": name,
                 "jwt": signing.token(credentials, now_ns, nonce + number)}
            ).decode()
            for number, name in enumerate(_CHANNELS)
        ]  # fmt: skip

    def decode(self, frame: bytes, received_ns: int, names: Names) -> list[PrivateEvent]:
        """``{"channel":"user","sequence_num":7,"events":[{"type":"update","orders":[…]}]}``"""
        try:
            head = _frame(frame)
            if head.type == "error":
                return [Ack(False, head.message[:200] or "refused", "user", "", 0)]
            return [LinkSequence(head.sequence_num), *self._said(head, received_ns)]
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise DecodeError(f"expected orders: {error}", frame) from error

    def _said(self, head: _Frame, received_ns: int) -> list[PrivateEvent]:
        if head.channel == "user":
            us = micros(head.timestamp)
            return [
                told
                for event in _events(head.events)
                for order in event.orders or ()
                for told in orders.told(order, us, received_ns, snapshot=event.type == "snapshot")
            ]
        if head.channel == "heartbeats":
            return [Heartbeat(VENUE, 0, received_ns)]
        if head.channel == "subscriptions":
            return [Ack(True, "", "user", "", 0)]
        return [Unknown(head.channel[:40] or "frame")]

    def fills_queries(self, since_us: int, until_us: int, symbols: Sequence[str]) -> list[Query]:
        start = datetime.fromtimestamp(since_us // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return [Query("GET", orders.FILLS, (("start_sequence_timestamp", start), ("limit", orders.PAGE)))]

    def decode_fills(self, query: Query, body: bytes, received_ns: int, names: Names) -> FillsPage:
        """``{"fills":[{"trade_id":"1111-11111-111111",…}],"cursor":"789100"}``; no cursor, no more."""
        try:
            answer = _fills(body)
            made = [orders.recorded(each, received_ns) for each in answer.fills if each.trade_type == "FILL"]
        except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError) as error:
            raise DecodeError(f"expected fills: {error}", body) from error
        # What takes a trade back, or corrects one, is for people to record.
        others = tuple(f"{each.product_id} {each.trade_type}"[:60] for each in answer.fills
                       if each.trade_type != "FILL")  # fmt: skip
        kept = tuple(param for param in query.params if param[0] != "cursor")
        more = query._replace(params=(*kept, ("cursor", answer.cursor)))
        return FillsPage(made, more if answer.cursor and answer.fills else None, others)

    def orders_queries(self, symbols: Sequence[str]) -> list[Query]:
        return []

    def decode_orders(self, query: Query, body: bytes, received_ns: int, names: Names) -> list[OrderUpdate]:
        raise DecodeError("orders come with the stream", b"")
