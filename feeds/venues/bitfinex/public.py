"""Bitfinex's public socket, v2: https://docs.bitfinex.com/docs/ws-general

A link has at most 25 channels, and an address opens 20 links a minute: https://docs.bitfinex.com/docs/ws-public.
Each channel that is quiet beats every 15 seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from feeds.basics import Basics
from feeds.codec import DecodeError, InstrumentSpec, Limits, LinkPlan, Request, RestRequest, Subscription
from feeds.events import Ack, Event, Heartbeat, Reconnect, Reply, Unknown
from feeds.spread import spread
from feeds.symbols import CHANNELS, FUNDING, LIQUIDATION, MARK
from feeds.venues.bitfinex import asking, messages, rest, shapes
from feeds.venues.bitfinex.answers import info, topic_of_answer
from feeds.venues.bitfinex.naming import LIQUIDATIONS, VENUE, Topic, topic_of
from feeds.venues.bitfinex.reading import Reading, number_at

_PATH, _CHANNELS_A_LINK = "/ws/2", 25
_BULK = 536870912
_TWICE, _NOT_LEFT = "10301", ("10400", "10401")


class BitfinexCodec(Basics):
    """Pure but for what a link's channels are called there: each link has one of its own."""

    venue, title = VENUE, "Bitfinex"
    ws_url, rest_url = "wss://api-pub.bitfinex.com", "https://api-pub.bitfinex.com"
    hosts = ("api.bitfinex.com", "api2.bitfinex.com")
    channels = (*CHANNELS, MARK, FUNDING, LIQUIDATION)
    limits = Limits(
        messages_per_s=10,  # none is published
        connects=15,  # of 20 a minute, by another clock
        connects_window_s=61,
        idle_s=17,
        data_idle_s=14,
        beats_s=17,  # a quiet channel beats each 15 s
        rest_weight=20,  # of 30 for candles, the least
        rest_window_s=60,
    )
    resync_scope, snapshots, truncate = "symbol", "stream", False
    checksum_levels, by_level, repeats = messages.CHECKED, True, False
    quotes_at_trades = True  # its tickers have no sizes of the best prices
    brings_others = (LIQUIDATION,)
    candles_page, candles_kept = rest.PAGE, 0
    # A frame says nothing of what it is but a number.
    marks = {}  # noqa: RUF012 (never changed)

    checksum = staticmethod(messages.checksum)
    candles_request = staticmethod(rest.candles_request)
    decode_candles = staticmethod(rest.decode_candles)

    def __init__(self) -> None:
        self._reading = Reading()
        self._level = self._reading.level
        self._leaving: set[Topic] = set()
        self._prices: dict[str, str] = {}

    def for_link(self) -> BitfinexCodec:
        """A new one: numbers of channels are a link's."""
        return BitfinexCodec()

    def numbered(self, head: bytes) -> Iterable[tuple[str, str]]:
        topic = self._reading.topics.get(number_at(head) or -1)
        return topic.followed() if topic is not None and topic.symbol else ()

    # what is asked

    def links(self, subscriptions: Iterable[Subscription]) -> list[LinkPlan]:
        """An instrument's channels share a link; liquidations of all of them are one channel."""
        wanted: dict[str, list[Subscription]] = {}
        for item in subscriptions:
            name = LIQUIDATIONS if item.channel == LIQUIDATION else item.instrument
            wanted.setdefault(name, []).append(item)
        alone = wanted.pop(LIQUIDATIONS, [])
        loads = {name: len(set(map(topic_of, items))) for name, items in wanted.items()}
        plans = [
            LinkPlan(f"public.{at}", _PATH, tuple(item for name in names for item in wanted[name]))
            for at, names in spread(loads, _CHANNELS_A_LINK).items()
        ]
        return [*plans, LinkPlan("liquidations", _PATH, tuple(alone))] if alone else plans

    def stream(self, subscription: Subscription) -> str:
        """Trades bring bars, a perpetual's status mark and funding, and one channel all liquidations."""
        topic = topic_of(subscription)
        return "" if topic.kind in ("ticker", "book") else topic.stream

    def greeting(self) -> tuple[str, ...]:
        """Numbers, times and checksums."""
        return (asking.FLAGS,)

    def subscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        found = asking.by_topic(subscriptions)
        self._leaving -= found.keys()
        return [
            Request(asking.subscribe(topic, items[0]), number, tuple(items))
            for number, (topic, items) in enumerate(found.items(), req_id)
        ]

    def unsubscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        """What has no number yet is left when it gets one; a ping goes in its place."""
        found = asking.by_topic(subscriptions)
        numbers = {topic: self._reading.number_of(topic) for topic in found}
        self._leaving |= {topic for topic, number in numbers.items() if number is None}
        return [
            Request(asking.unsubscribe(numbers[topic], number), number, tuple(items))
            for number, (topic, items) in enumerate(found.items(), req_id)
        ]

    # what comes

    def decode(self, frame: bytes, received_ns: int) -> list[Event]:
        """Raises :class:`DecodeError`, and nothing else, on a frame of the wrong shape."""
        try:
            events = self._level(frame, received_ns)
            if events is not None:
                return events
            if frame[:1] == b"{":
                return self._event(shapes.event(frame), received_ns)
            return self._reading.data(frame, received_ns)
        except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError) as error:
            raise DecodeError(f"{type(error).__name__}: {error}", frame) from error

    def _event(self, found: shapes.Event, ns: int) -> list[Event]:
        if found.event == "subscribed":
            return self._subscribed(found)
        if found.event == "unsubscribed":
            topic = self._reading.topics.pop(found.chan_id, None)
            return [Unknown("unsubscribed")] if not (topic and topic.kind) else [topic.ack(subscribed=False)]
        if found.event == "info":
            return info(found, ns)
        if found.event == "error":
            return self._error(found)
        if found.event == "conf" and found.status == "OK":
            self._reading.bulk = bool(found.flags & _BULK)
            return [Heartbeat(VENUE, 0, ns)]
        return [] if found.event == "pong" else [Unknown(f"event {found.event:.40}")]

    def _subscribed(self, found: shapes.Event) -> list[Event]:
        topic = topic_of_answer(found)
        self._reading.subscribed(found.chan_id, topic)
        if not topic.kind:
            return [Unknown(f"channel {found.channel:.40}")]
        if topic in self._leaving:
            self._leaving.discard(topic)
            return [topic.ack(), Reply(asking.unsubscribe(found.chan_id, 0))]
        return [topic.ack()]

    def _error(self, found: shapes.Event) -> list[Event]:
        topic, words = topic_of_answer(found), f"{found.msg:.180}" or f"error {found.code!s:.20}"
        code = str(found.code)
        if code in _NOT_LEFT:
            return [Unknown(f"{words:.50}")]
        if code == _TWICE and topic.kind:
            if self._reading.number_of(topic) is not None:
                return [topic.ack()]
            return [Reconnect("a channel comes without its number being known")]
        return [topic.ack(words)] if topic.kind else [Ack(False, words, "", "", 0)]

    # by REST

    def instruments_request(self) -> RestRequest:
        """Prices first: a tick is of five digits of them."""
        return rest.PRICES

    def more_instruments(self, request: RestRequest, body: bytes) -> RestRequest | None:
        return rest.PAIRS if request.path == rest.PRICES.path else None

    def decode_instruments(self, body: bytes) -> list[InstrumentSpec]:
        """Of prices nothing but that they are remembered, for what is listed next."""
        if (prices := rest.decode_prices(body)) is not None:
            self._prices = prices
            return []
        return rest.decode_instruments(body, self._prices)
