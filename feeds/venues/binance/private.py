"""Binance spot's private socket, the user data stream of its WebSocket API, and the account by REST.

https://developers.binance.com/docs/binance-spot-api-docs/websocket-api (User Data Stream requests)
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Raw, Struct

from feeds.codec import DecodeError, KeyAdvice, Limits, RestRequest
from feeds.events import Ack, Reconnect, Unknown
from feeds.private import Credentials, FillsPage, Names, OrderUpdate, Pair, PrivateEvent, Query
from feeds.venues.binance import instruments, reports, signing
from feeds.venues.binance.reports import VENUE

_PAGE = 1000
_DAY_MS = 24 * 3600 * 1000
# Further back, a day at a time would cost more than to read a market's trades from the first one on.
_MOST_DAYS = 30
_ENDED = ("eventStreamTerminated", "serverShutdown")
_NOTHING = Raw(b"null")


class _Error(Struct):
    code: int = 0
    msg: str = ""


class _Frame(Struct):
    id: int | str | None = None
    status: int = 0
    error: _Error | None = None
    event: Raw = _NOTHING
    e: str = ""


class _Event(Struct):
    e: str = ""


_frame = msgspec.json.Decoder(_Frame).decode
_event = msgspec.json.Decoder(_Event).decode
_report = msgspec.json.Decoder(reports.Report).decode


class BinancePrivate:
    """``secret`` of its credentials is the secret key, or the private key of an Ed25519 or RSA key in PEM."""

    venue = VENUE
    title = "Binance"
    advice = KeyAdvice(
        key_label="API key",
        secret_label="Secret key, or the private key in PEM of an Ed25519 key",  # nosec B106 # a label
        needs="Enable Reading",
        never="Enable Spot & Margin Trading; Enable Withdrawals; Permits Universal Transfer; all else",
        how="Account → API Management → Create API; it can be tied to this machine's address",
    )
    ws_url = "wss://ws-api.binance.com"
    rest_url = "https://api.binance.com"
    path = "/ws-api/v3"
    # A fifth of the address's weight: the markets have the rest. No heartbeat but the pings of both sides.
    limits = Limits(
        messages_per_s=5,
        connects=100,
        connects_window_s=300,
        max_link_age_s=24 * 3600,
        idle_s=9,
        data_idle_s=60,
        rest_weight=1200,
    )
    asks_token = stream_orders = False
    asks_symbols = shared_limits = True

    denied = staticmethod(signing.denied)
    decode_permissions = staticmethod(signing.permissions)

    def sign(self, query: Query, credentials: Credentials, now_ns: int, nonce: int) -> RestRequest:
        return signing.signed(query, credentials, now_ns)

    def names_query(self) -> RestRequest:
        return instruments.instruments_request()

    def decode_names(self, body: bytes) -> dict[str, Pair]:
        specs = instruments.decode_instruments(body)
        return {spec.native: Pair(spec.native, spec.base, spec.quote) for spec in specs}

    def permissions_query(self) -> Query:
        return Query("GET", "/sapi/v1/account/apiRestrictions")

    def token_query(self) -> Query:
        raise NotImplementedError("Binance's socket is signed for and needs no token")

    def decode_token(self, body: bytes) -> str:
        raise DecodeError("Binance's socket needs no token", b"")

    def greetings(self, credentials: Credentials, token: str, now_ns: int, nonce: int) -> list[str]:
        """An Ed25519 key authenticates the socket, others sign the subscription alone."""
        params = signing.parameters(credentials, now_ns)
        if not signing.logs_on(credentials):
            return [_text(1, "userDataStream.subscribe.signature", params)]
        return [_text(1, "session.logon", params), _text(2, "userDataStream.subscribe", {})]

    def decode(self, frame: bytes, received_ns: int, names: Names) -> list[PrivateEvent]:
        """``{"subscriptionId":0,"event":{"e":"executionReport",…}}``, or an answer with its ``id``."""
        try:
            head = _frame(frame)
            kind = _event(head.event).e if head.event != _NOTHING else head.e
            if kind == "executionReport":
                return reports.reported(_report(head.event), received_ns, names)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise DecodeError(f"expected an event or an answer: {error}", frame) from error
        if kind in _ENDED:
            return [Reconnect(f"Binance ended the stream: {kind}")]
        if not kind and isinstance(head.id, int):
            words = "" if head.error is None else signing.refusal(head.error.code, head.error.msg).words
            return [Ack(head.status == 200, words, "user", "", head.id)]
        return [Unknown(kind[:40] or "frame")]

    def fills_queries(self, since_us: int, until_us: int, symbols: Sequence[str]) -> list[Query]:
        """A day at a time, which is as much as is given; from long ago from a market's first trade on."""
        since_ms, until_ms = since_us // 1000, until_us // 1000
        if until_ms - since_ms > _MOST_DAYS * _DAY_MS:
            return [_from(symbol, 0) for symbol in symbols]
        starts = range(min(since_ms, until_ms), until_ms + 1, _DAY_MS)
        return [_window(symbol, start) for symbol in symbols for start in starts]

    def decode_fills(self, query: Query, body: bytes, received_ns: int, names: Names) -> FillsPage:
        """``[{"symbol":"BNBBTC","id":28457,"price":"4.00000100",…}]``; after a full page the next one."""
        trades, pair = reports.trades(body), names.get(query.about)
        if pair is None:
            return FillsPage([], None, (query.about,) if trades else ())
        try:
            fills = [reports.recorded(trade, pair, received_ns) for trade in trades]
        except ValueError as error:
            raise DecodeError(f"expected trades: {error}", body) from error
        last = max((trade.id for trade in trades), default=0)
        return FillsPage(fills, _from(query.about, last + 1) if len(trades) >= _PAGE else None)

    def orders_queries(self, symbols: Sequence[str]) -> list[Query]:
        return [Query("GET", "/api/v3/openOrders", weight=80)]

    def decode_orders(self, query: Query, body: bytes, received_ns: int, names: Names) -> list[OrderUpdate]:
        try:
            updates = [reports.listed(order, received_ns) for order in reports.orders(body)]
        except ValueError as error:
            raise DecodeError(f"expected orders: {error}", body) from error
        return [update for update in updates if update is not None]


def _window(symbol: str, start_ms: int) -> Query:
    params = ("symbol", symbol), ("startTime", str(start_ms)), ("endTime", str(start_ms + _DAY_MS))
    return Query("GET", "/api/v3/myTrades", (*params, ("limit", str(_PAGE))), 20, symbol)


def _from(symbol: str, number: int) -> Query:
    params = ("symbol", symbol), ("fromId", str(number)), ("limit", str(_PAGE))
    return Query("GET", "/api/v3/myTrades", params, 20, symbol)


def _text(number: int, method: str, params: dict[str, object]) -> str:
    return msgspec.json.encode({"id": number, "method": method, "params": params}).decode()
