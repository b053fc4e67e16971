"""Coinbase Advanced Trade's public codec.

https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-overview
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from feeds.basics import Basics
from feeds.codec import DecodeError, Limits, LinkPlan, Request, Subscription
from feeds.events import Ack, BookSnapshot, Event, LinkSequence, Unknown
from feeds.spread import spread
from feeds.symbols import BOOK, OHLC, TICKER, TRADE
from feeds.venues.coinbase import instruments
from feeds.venues.coinbase.messages import READERS, VENUE
from feeds.venues.coinbase.shapes import head

# What a channel is called when asking for it. Bars are built from trades.
_CHANNELS = {TICKER: "ticker", TRADE: "market_trades", OHLC: "market_trades", BOOK: "level2"}
# Between 16 and 31 books a link the venue refuses ("too many L2 streams requested in a single session"); ten
# keep the scope of a broken sequence small, which is the whole link.
_LINK_LOAD, _BOOK_LOAD = 100, 10
_BY_NAME = {name.encode(): reader for name, reader in READERS.items()}


class CoinbaseCodec(Basics):
    """Books are numbered by their link alone, and begin anew with a fresh subscription."""

    venue = VENUE
    title = "Coinbase"
    ws_url = "wss://advanced-trade-ws.coinbase.com"
    rest_url = "https://api.coinbase.com"
    limits = Limits(
        # Eight messages and eight connects a second, of all links of an address together: a link sends up to
        # six messages when it opens.
        messages_per_s=6,
        topics_per_request=100,
        connects=2,
        connects_window_s=2,
        idle_s=5,
        rest_weight=8,
        rest_window_s=1,
        max_frame_bytes=32 * 1024 * 1024,
    )
    resync_scope = "link"
    snapshots = "stream"
    truncate = False
    checksum_levels = 0
    candles_page, candles_kept = instruments.CANDLES, 0
    marks = {BOOK: (b'"l2_data"',), TRADE: (b'"market_trades"',), TICKER: (b'"channel":"ticker"',)}

    instruments_request = staticmethod(instruments.instruments_request)
    decode_instruments = staticmethod(instruments.decode_instruments)
    candles_request = staticmethod(instruments.candles_request)
    decode_candles = staticmethod(instruments.decode_candles)

    def book_depth(self, subscription: Subscription) -> int:
        """0: the whole book is sent."""
        return 0

    def checksum(self, bids: Sequence[tuple[str, str]], asks: Sequence[tuple[str, str]]) -> int:
        return 0

    def audit_request(self, subscription: Subscription) -> None:
        """None: the sequence of the link proves every level."""

    def decode_audit(self, subscription: Subscription, body: bytes, received_ns: int) -> BookSnapshot:
        raise DecodeError("no book is ever audited", body)

    def links(self, subscriptions: Iterable[Subscription]) -> list[LinkPlan]:
        """An instrument's channels on one link, at most ten books on each."""
        wanted: dict[str, list[Subscription]] = {}
        for subscription in subscriptions:
            wanted.setdefault(subscription.instrument, []).append(subscription)
        loads = {name: _BOOK_LOAD if _has_book(found) else 1 for name, found in wanted.items()}
        return [
            LinkPlan(f"public.{number}", "", tuple(s for name in names for s in wanted[name]))
            for number, names in spread(loads, _LINK_LOAD).items()
        ]

    def subscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        """One channel a message, heartbeats first: without them a quiet channel is closed after a minute."""
        beats = Request('{"type":"subscribe","channel":"heartbeats"}', req_id, ())
        return [beats, *self._requests("subscribe", subscriptions, req_id + 1)]

    def unsubscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return list(self._requests("unsubscribe", subscriptions, req_id))

    def _requests(self, method: str, subscriptions: Sequence[Subscription], req_id: int) -> Iterator[Request]:
        for channel in dict.fromkeys(_CHANNELS.values()):
            wanted = [s for s in subscriptions if _CHANNELS[s.channel] == channel]
            size = self.limits.topics_per_request
            for group in (wanted[start : start + size] for start in range(0, len(wanted), size)):
                products = list(dict.fromkeys(s.native for s in group))
                body = {"type": method, "product_ids": products, "channel": channel}
                yield Request(msgspec.json.encode(body).decode(), req_id, tuple(group))
                req_id += 1

    def ping(self, req_id: int) -> str | None:
        """The heartbeats channel is the proof of life."""
        return None

    def decode(self, frame: bytes, received_ns: int) -> list[Event]:
        # `{"channel":"` is 12 bytes; a frame that begins otherwise is read twice.
        reader = _BY_NAME.get(frame[12 : frame.find(b'"', 12)])
        try:
            if reader is not None:
                return reader(frame, received_ns)
            return self._decode_other(frame, received_ns)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise DecodeError(f"{type(error).__name__}: {error}", frame) from error

    def _decode_other(self, frame: bytes, received_ns: int) -> list[Event]:
        message = head(frame)
        reader = READERS.get(message.channel)
        if reader is not None:
            return reader(frame, received_ns)
        numbered: list[Event] = []
        if message.sequence_num is not None:
            numbered.append(LinkSequence(message.sequence_num))
        if message.type == "error":
            return [*numbered, Ack(False, message.message[:200] or "refused without a reason", "", "", 0)]
        return [*numbered, Unknown(f"{message.channel or message.type or 'message':.40}")]


def _has_book(subscriptions: Iterable[Subscription]) -> bool:
    return any(subscription.channel == BOOK for subscription in subscriptions)
