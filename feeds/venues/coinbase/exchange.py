"""Coinbase Exchange's public codec, that of the former Coinbase Pro.

https://docs.cdp.coinbase.com/exchange/websocket-feed/overview
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from feeds.basics import Basics
from feeds.codec import DecodeError, Limits, LinkPlan, Request, Subscription
from feeds.events import Ack, Event, Unknown
from feeds.spread import together
from feeds.symbols import BOOK, OHLC, TICKER, TRADE
from feeds.venues.coinbase import exchange_rest as rest
from feeds.venues.coinbase.exchange_messages import READERS, VENUE, trades_of
from feeds.venues.coinbase.exchange_shapes import head

# What a channel is called when asking for it: books without a key are those in batches of 50 ms. Bars are
# built from trades.
_CHANNELS = {TICKER: "ticker", TRADE: "matches", OHLC: "matches", BOOK: "level2_batch"}
# No limit is published; "spread subscriptions over more than one client connection".
_PRODUCTS_A_LINK = 50
_START = len('{"type":"')
_BY_NAME = {name.encode(): reader for name, reader in READERS.items()}


class ExchangeCodec(Basics):
    """Books are numbered by nothing, begin anew with a fresh subscription, and are audited."""

    venue = VENUE
    title = "Coinbase Exchange"
    ws_url = "wss://ws-feed.exchange.coinbase.com"
    rest_url = "https://api.exchange.coinbase.com"
    hosts = ("ws-feed.pro.coinbase.com", "api.pro.coinbase.com")
    limits = Limits(
        # Eight requests a second of an address, which may mean connects and messages together: a link sends
        # three messages when it opens. Heartbeats of each product come each second. By REST ten a second.
        messages_per_s=6,
        messages_shared=True,
        topics_per_request=100,
        connects=2,
        connects_window_s=1,
        idle_s=5,
        rest_weight=6,
        rest_window_s=1,
        max_frame_bytes=32 * 1024 * 1024,
    )
    resync_scope, snapshots, truncate, checksum_levels = "symbol", "stream", False, 0
    quotes_at_trades = True
    candles_page, candles_kept = rest.CANDLES, 0
    marks = {
        BOOK: (b'"l2update"', b'"snapshot"'),
        TRADE: (b'"match"',),
        TICKER: (b'"ticker"',),
    }

    instruments_request = staticmethod(rest.instruments_request)
    decode_instruments = staticmethod(rest.decode_instruments)
    candles_request = staticmethod(rest.candles_request)
    decode_candles = staticmethod(rest.decode_candles)
    audit_request = staticmethod(rest.audit_request)
    decode_audit = staticmethod(rest.decode_audit)

    def links(self, subscriptions: Iterable[Subscription]) -> list[LinkPlan]:
        """An instrument's channels on one link: its heartbeat counts the trades of that link."""
        return together(subscriptions, _PRODUCTS_A_LINK)

    def stream(self, subscription: Subscription) -> str:
        """Trades bring bars too, and each product's channel may be subscribed ten times only."""
        return trades_of(subscription.native) if subscription.channel in (TRADE, OHLC) else ""

    def subscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        """With the heartbeats of the same products, so that a quiet one is known to live."""
        return list(self._requests("subscribe", ("heartbeat",), subscriptions, req_id))

    def unsubscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        """Heartbeats go on: other channels of the product may need them."""
        return list(self._requests("unsubscribe", (), subscriptions, req_id))

    def _requests(
        self, verb: str, beside: tuple[str, ...], subscriptions: Sequence[Subscription], req_id: int
    ) -> Iterator[Request]:
        for channel in dict.fromkeys(_CHANNELS.values()):
            wanted = [item for item in subscriptions if _CHANNELS[item.channel] == channel]
            size = self.limits.topics_per_request
            for group in (wanted[start : start + size] for start in range(0, len(wanted), size)):
                yield _request(verb, (channel, *beside), group, req_id)
                req_id += 1

    def decode(self, frame: bytes, received_ns: int) -> list[Event]:
        """Raises :class:`DecodeError`, and nothing else, on a frame of the wrong shape."""
        # A frame that does not begin with its type is read twice.
        reader = _BY_NAME.get(frame[_START : frame.find(b'"', _START)])
        try:
            if reader is None:
                return self._other(frame, received_ns)
            return reader(frame, received_ns)
        except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError) as error:
            raise DecodeError(f"{type(error).__name__}: {error}", frame) from error

    def _other(self, frame: bytes, received_ns: int) -> list[Event]:
        found = head(frame)
        reader = READERS.get(found.type)
        if reader is not None:
            return reader(frame, received_ns)
        if found.type == "error":
            words = ": ".join(filter(None, (found.message, found.reason)))
            return [Ack(False, words[:200] or "refused without a reason", "", "", 0)]
        return [Unknown(f"{found.type or 'message':.40}")]


def _request(verb: str, channels: tuple[str, ...], group: Sequence[Subscription], req_id: int) -> Request:
    """Products by channel: those beside all channels are refused since 2023."""
    products = list(dict.fromkeys(item.native for item in group))
    named = [{"name": channel, "product_ids": products} for channel in channels]
    return Request(msgspec.json.encode({"type": verb, "channels": named}).decode(), req_id, tuple(group))
