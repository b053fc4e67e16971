"""Kraken's private socket, channel ``executions``, and the account's trades by REST.

https://docs.kraken.com/api/docs/websocket-v2/executions
https://docs.kraken.com/api-reference/account-data/get-trades-history
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Raw, Struct

from feeds.codec import DecodeError, KeyAdvice, Limits, RestRequest
from feeds.events import Ack, Heartbeat, LinkSequence, Unknown
from feeds.private import (
    Credentials,
    FillsPage,
    Names,
    OrderUpdate,
    PrivateEvent,
    Query,
)
from feeds.venues.kraken import executions, instruments, signing
from feeds.venues.kraken.shapes import NOTHING

VENUE = "KRAKEN"
_HISTORY = "/0/private/TradesHistory"


class _Frame(Struct):
    channel: str = ""
    method: str = ""
    success: bool = True
    error: str = ""
    req_id: int = 0
    sequence: int = 0
    data: Raw = NOTHING


_frame = msgspec.json.Decoder(_Frame).decode


class KrakenPrivate:
    """``secret`` of its credentials is the private key that Kraken showed once, in base64."""

    venue = VENUE
    title = "Kraken"
    advice = KeyAdvice(
        key_label="API key",
        secret_label="Private key",  # nosec B106 # a label
        needs="Query open orders & trades; Query closed orders & trades; Access WebSockets API",
        never="Create & modify orders; Cancel & close orders; Deposit; Withdraw; Earn",
        how="Kraken Pro → Settings → API → Create API key",
    )
    ws_url = "wss://ws-auth.kraken.com"
    rest_url = "https://api.kraken.com"
    path = "/v2"
    # A key's counter goes up to 15, a request of the history costs two of it, and it sinks by one in three
    # seconds: https://docs.kraken.com/api/docs/guides/spot-rest-ratelimits
    limits = Limits(messages_per_s=5, connects=30, connects_window_s=600, rest_weight=15, rest_window_s=45)
    asks_token = stream_orders = True
    asks_symbols = shared_limits = False

    denied = staticmethod(signing.denied)
    decode_names = staticmethod(instruments.decode_names)
    decode_permissions = staticmethod(signing.permissions)
    decode_token = staticmethod(signing.token)

    def sign(self, query: Query, credentials: Credentials, now_ns: int, nonce: int) -> RestRequest:
        return signing.signed(query, credentials, nonce)

    def names_query(self) -> RestRequest:
        # In public nothing is charged to the key.
        return RestRequest("/0/public/AssetPairs", 0)

    def permissions_query(self) -> Query:
        return Query("POST", "/0/private/GetApiKeyInfo")

    def token_query(self) -> Query:
        return Query("POST", "/0/private/GetWebSocketsToken")

    def greetings(self, credentials: Credentials, token: str, now_ns: int, nonce: int) -> list[str]:
        params = {"channel": "executions", "token": token, "snap_orders": True, "snap_trades": False}
        return [msgspec.json.encode({"method": "subscribe", "params": params, "req_id": 1}).decode()]

    def decode(self, frame: bytes, received_ns: int, names: Names) -> list[PrivateEvent]:
        """``{"channel":"executions","type":"update","data":[{"exec_type":"trade",…}],"sequence":10}``"""
        try:
            head = _frame(frame)
            if head.channel == "executions":
                return [LinkSequence(head.sequence), *executions.streamed(head.data, received_ns)]
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise DecodeError(f"expected an execution: {error}", frame) from error
        if head.channel == "heartbeat":
            return [Heartbeat(VENUE, 0, received_ns)]
        if head.method == "subscribe":
            return [Ack(head.success, head.error, "executions", "", head.req_id)]
        return [Unknown(f"{head.channel or head.method}"[:40] or "frame")]

    def fills_queries(self, since_us: int, until_us: int, symbols: Sequence[str]) -> list[Query]:
        """Newest first, 50 a page; ``start`` is a second before the first that is wanted.

        What comes in between pages pushes others to the next, which brings them twice and loses none.
        """
        return [_page(max(0, since_us // 1_000_000 - 1), 0)]

    def decode_fills(self, query: Query, body: bytes, received_ns: int, names: Names) -> FillsPage:
        """``{"error":[],"result":{"trades":{"TCCCTY-…":{"pair":"XXBTZUSD",…}},"count":2}}``"""
        history = signing.result(body, executions.History)
        trades = [(key, trade, names.get(trade.pair)) for key, trade in history.trades.items()]
        try:
            fills = [
                executions.recorded(key, trade, pair, received_ns)
                for key, trade, pair in trades
                if pair is not None
            ]
        except (ValueError, ArithmeticError) as error:
            raise DecodeError(f"expected trades: {error}", body) from error
        start, offset = (int(value) for value in query.about.split())
        seen = offset + len(trades)
        more = _page(start, seen) if trades and seen < history.count else None
        return FillsPage(fills, more, tuple(trade.pair for _, trade, pair in trades if pair is None))

    def orders_queries(self, symbols: Sequence[str]) -> list[Query]:
        return []

    def decode_orders(self, query: Query, body: bytes, received_ns: int, names: Names) -> list[OrderUpdate]:
        raise DecodeError("orders come with the stream", body)


def _page(start_s: int, offset: int) -> Query:
    params = (("start", str(start_s)), ("ofs", str(offset)), ("consolidate_taker", "true"))
    return Query("POST", _HISTORY, params, 2, f"{start_s} {offset}")
