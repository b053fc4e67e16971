"""Kraken's derivatives in public: https://docs.kraken.com/exchange/api-reference/futures-websocket

An address may have 100 connections and send 100 requests a second, and public REST costs nothing:
https://docs.kraken.com/exchange/guides/futures/ratelimits. A link that sends no ping for a minute is closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from feeds.basics import Basics, Standstills
from feeds.codec import DecodeError, InstrumentSpec, Limits, LinkPlan, Request, Subscription
from feeds.events import Ack, Event, Unknown
from feeds.spread import together
from feeds.symbols import BOOK, CHANNELS, FUNDING, LIQUIDATION, MARK, TICKER, TRADE
from feeds.venues.kraken_futures import candles, instruments, shapes
from feeds.venues.kraken_futures.messages import READERS, read_change
from feeds.venues.kraken_futures.naming import BRINGS, VENUE, feed_of, instrument, stream

_PATH = "/ws/v1"
_INSTRUMENTS_A_LINK = 100
_CHANGE = b'{"feed":"book",'
_ANSWERS = {
    "subscribed": True,
    "subscribed_failed": True,
    "unsubscribed": False,
    "unsubscribed_failed": False,
}
"""An answer → whether it is one to a subscription."""
# Of what an alert may say, what a request of ours can be refused with.
_REFUSING = ("subscribe", "invalid", "bad ", "not found", "limit")


class KrakenFuturesCodec(Basics):
    """Pure but for a memory of which contracts stand still, since each ticker says how its own is."""

    venue, title = VENUE, "Kraken Futures"
    ws_url, rest_url = "wss://futures.kraken.com", "https://futures.kraken.com"
    channels = (*CHANNELS, MARK, FUNDING, LIQUIDATION)
    limits = Limits(
        messages_per_s=20,  # of 100
        messages_shared=True,
        connects=50,
        connects_window_s=60,
        idle_s=15,
        data_idle_s=14,
        pinged=True,
        rest_weight=5,
        rest_window_s=1,
    )
    resync_scope, snapshots, truncate, checksum_levels = "symbol", "stream", False, 0
    candles_page, candles_kept = candles.PAGE, 0
    repeats = False
    marks = {
        **dict.fromkeys((TICKER, MARK, FUNDING), (b'"feed":"ticker',)),
        **dict.fromkeys((TRADE, LIQUIDATION), (b'"feed":"trade',)),
        BOOK: (b'"feed":"book',),
    }

    def __init__(self) -> None:
        self._standstills = Standstills()

    # what is asked

    def links(self, subscriptions: Iterable[Subscription]) -> list[LinkPlan]:
        """A contract's channels share a link; one more moves others only when a link splits."""
        return together(subscriptions, _INSTRUMENTS_A_LINK, _PATH)

    def stream(self, subscription: Subscription) -> str:
        """A ticker brings mark and funding too, trades bring bars and liquidations."""
        return "" if subscription.channel == BOOK else stream(feed_of(subscription), subscription.native)

    def subscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return self._requests("subscribe", subscriptions, req_id)

    def unsubscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return self._requests("unsubscribe", subscriptions, req_id)

    def _requests(self, event: str, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        feeds: dict[str, dict[str, list[Subscription]]] = {}
        for item in subscriptions:
            feeds.setdefault(feed_of(item), {}).setdefault(item.native, []).append(item)
        requests: list[Request] = []
        for feed, natives in feeds.items():
            names, size = list(natives), self.limits.topics_per_request
            for chunk in (names[at : at + size] for at in range(0, len(names), size)):
                covered = tuple(item for name in chunk for item in natives[name])
                text = _text(event=event, feed=feed, product_ids=chunk)
                requests.append(Request(text, req_id + len(requests), covered))
        return requests

    def greeting(self) -> tuple[str, ...]:
        """So that a link on which nothing happens is known to be alive."""
        return (_text(event="subscribe", feed="heartbeat"),)

    # what comes

    def decode(self, frame: bytes, received_ns: int) -> list[Event]:
        """Raises :class:`DecodeError`, and nothing else, on a frame of the wrong shape."""
        try:
            if frame.startswith(_CHANGE):
                return read_change(frame, received_ns)
            return self._other(frame, received_ns)
        except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError) as error:
            raise DecodeError(f"{type(error).__name__}: {error}", frame) from error

    def _other(self, frame: bytes, received_ns: int) -> list[Event]:
        found = shapes.head(frame)
        if found.event:
            return _answer(found)
        reader = READERS.get(found.feed)
        if reader is None:
            return [Unknown(f"feed {found.feed:.40}" if found.feed else "message")]
        events = reader(frame, received_ns)
        return self._standstills.ended(events, received_ns) if found.feed == "ticker" else events

    # by REST

    instruments_request = staticmethod(instruments.instruments_request)

    def decode_instruments(self, body: bytes) -> list[InstrumentSpec]:
        return instruments.decode_instruments(body)

    candles_request = staticmethod(candles.candles_request)
    decode_candles = staticmethod(candles.decode_candles)


def _text(**fields: object) -> str:
    return msgspec.json.encode(fields).decode()


def _answer(found: shapes.Head) -> list[Event]:
    """``{"event":"subscribed","feed":"ticker","product_ids":["PF_XBTUSD"]}``. None has a number: what names
    no contract (``{"event":"error","message":"Invalid product id"}``) is about the oldest request."""
    event, words = found.event.strip(), f"{found.message!s:.200}"
    if event in _ANSWERS:
        error = "" if not event.endswith("failed") else words or "subscription failed"
        return _acks(found, error, subscribed=_ANSWERS[event]) or [Ack(not error, error, "", "", 0)]
    if event == "info":  # the first word on every link: the version that is spoken
        return []
    refused = event == "error" or (event == "alert" and any(word in words.lower() for word in _REFUSING))
    # Whoever has it is told that it comes.
    if refused and "already" not in words.lower():
        return [Ack(False, words or "refused without a reason", "", "", 0)]
    return [Unknown(f"{event:.20} {words:.30}".strip())]


def _acks(found: shapes.Head, error: str, *, subscribed: bool) -> list[Event]:
    """One for each contract that it names."""
    ok, events = not error, []
    for native in (found.product_ids or ()) if found.feed in BRINGS else ():
        name = instrument(native)
        if found.feed == "book":
            events.append(Ack(ok, error, BOOK, name, 0, subscribed))
        else:
            events.append(Ack(ok, error, "", "", 0, subscribed, stream=stream(found.feed, native)))
    return events
