"""How topics of Bybit's markets are asked for, what is answered, and whose reader a frame is for.

https://bybit-exchange.github.io/docs/v5/ws/connect. A topic's name says what its data is and of whom, so its
reader is found by a search of bytes, wherever in the frame the name stands, and the frame is parsed once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

import msgspec

from feeds.basics import Basics
from feeds.codec import DecodeError, Limits, LinkPlan, Request, Subscription
from feeds.events import Ack, Event, Unknown
from feeds.spread import spread
from feeds.symbols import BOOK, CHANNELS, LIQUIDATION, STATS, TICKER
from feeds.venues.bybit.wire import Named, Reader, named, topics

# The names of all topics of a link may be 21,000 characters long; here they are counted with their quotes.
_LINK_CHARS = 18_000
_TOPIC = b'"topic":"'
_HEAD = 300
# Names of topics that are remembered: more than there are on all links.
_MAX_ROUTES = 20_000
_REFUSED = "refused without a reason"
_AGAIN = "already subscribed"
# Topics that are one channel of ours; books are one, whatever their depth.
_ALONE = {"orderbook.1": TICKER, "allLiquidation.": LIQUIDATION}

LIMITS = Limits(
    # No number is documented for requests; for connections 500 to one host, which four markets share, and
    # for REST 600 in 5 s of an address, which they share too.
    messages_per_s=10,
    topics_per_request=10,
    connects=120,
    connects_window_s=300,
    idle_s=15,
    data_idle_s=14,  # of the 15 after which nothing may look live
    rest_weight=150,
    rest_window_s=5,
    banned=(403, 429),
    banned_s=600,  # "wait for at least 10 minutes"
)


class Streams(Basics):
    """Pure but for memories: which topic's name means which reader, and what the readers remember.

    ``names``: channel → its topic, of a native symbol (or of the base where ``by_base`` has it) and a depth.
    ``topic_args``: how many one request may have: where it is refused as a whole, few.
    """

    names: Mapping[str, str]
    depths: tuple[int, ...]
    topic_args = 10
    limits = LIMITS
    channels: tuple[str, ...] = CHANNELS
    resync_scope = "symbol"
    snapshots = "stream"
    truncate = False
    checksum_levels = 0
    repeats = False
    ws_url, rest_url = "wss://stream.bybit.com", "https://api.bybit.com"
    # Best prices are one topic, figures of a day another.
    parts: Mapping[str, tuple[str, ...]] = {TICKER: (TICKER, STATS)}  # noqa: RUF012 (never changed)

    def __init__(self) -> None:
        self._routes: dict[bytes, Reader] = {}

    # what is asked

    def topic(self, subscription: Subscription) -> str:
        """What the venue calls it."""
        native, wanted = subscription.native, subscription.depth or 200
        depth = next((each for each in self.depths if each >= wanted), self.depths[-1])
        base = native.partition("-")[0]
        return self.names[subscription.channel].format(native=native, base=base, depth=depth)

    def stream(self, subscription: Subscription) -> str:
        """Figures of a day, marks and funding come in one topic, trades and bars in another."""
        name = self.names[subscription.channel]
        alone = [channel for channel, other in self.names.items() if other == name] == [subscription.channel]
        return "" if alone and "{base}" not in name else self.topic(subscription)

    def links(self, subscriptions: Iterable[Subscription]) -> list[LinkPlan]:
        """As few links as the limit of names allows, an instrument's topics on one."""
        wanted: dict[str, list[Subscription]] = {}
        for item in subscriptions:
            wanted.setdefault(item.instrument, []).append(item)
        loads = {name: sum(len(topic) + 3 for topic in set(map(self.topic, found)))
                 for name, found in wanted.items()}  # fmt: skip
        return [
            LinkPlan(f"public.{number}", self.path, tuple(item for name in names for item in wanted[name]))
            for number, names in spread(loads, _LINK_CHARS).items()
        ]

    def subscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return list(self._requests("subscribe", subscriptions, req_id))

    def unsubscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return list(self._requests("unsubscribe", subscriptions, req_id))

    def _requests(self, verb: str, subscriptions: Sequence[Subscription], req_id: int) -> Iterator[Request]:
        """A topic that brings several of them is named once."""
        wanted: dict[str, list[Subscription]] = {}
        for item in subscriptions:
            wanted.setdefault(self.topic(item), []).append(item)
        names = list(wanted)
        parts = [names[at : at + self.topic_args] for at in range(0, len(names), self.topic_args)]
        for number, part in enumerate(parts, req_id):
            body = {"req_id": str(number), "op": verb, "args": part}
            covered = tuple(item for name in part for item in wanted[name])
            yield Request(msgspec.json.encode(body).decode(), number, covered)

    def ping(self, req_id: int) -> str:
        """What Bybit recommends to send each 20 s, and closes links without after ten minutes."""
        return '{"op":"ping"}'

    # what comes

    def decode(self, frame: bytes, received_ns: int) -> list[Event]:
        at = frame.find(_TOPIC, 0, _HEAD)
        name = frame[at + 9 : frame.find(b'"', at + 9)] if at >= 0 else b""
        reader = self._routes.get(name)
        try:
            return self._decode_other(frame, received_ns) if reader is None else reader(frame, received_ns)
        except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError) as error:
            raise DecodeError(f"{type(error).__name__}: {error}", frame) from error

    def _decode_other(self, frame: bytes, received_ns: int) -> list[Event]:
        """A topic's first frame, or what is no topic's."""
        found = named(frame)
        if not found.topic:
            return self._answered(found)
        kind, argument, native = parts_of(found.topic)
        reader = self.reader(kind, argument, native)
        if reader is None:
            reader = partial(_read_unknown, Unknown(f"{kind}.{argument}".strip(".")[:40] or "message"))
        events = reader(frame, received_ns)
        if len(self._routes) < _MAX_ROUTES:
            self._routes[found.topic.encode()] = reader
        return events

    def reader(self, kind: str, argument: str, native: str) -> Reader | None:
        """Of a topic that came, as :func:`parts_of` has it; None where it means nothing to us.

        Raises :class:`ValueError`.
        """
        raise NotImplementedError

    def _answered(self, found: Named) -> list[Event]:
        if found.op == "pong" or (found.op == "ping" and found.success):
            return []
        if found.type == "COMMAND_RESP":
            return list(self._told(found))
        if found.success is None or found.op not in ("subscribe", "unsubscribe", ""):
            return [Unknown(f"{found.op or found.type or 'message':.40}")]
        words, number = found.ret_msg[:200] or _REFUSED, _number(found)
        subscribed = found.op != "unsubscribe"
        if not found.success and _AGAIN in words:
            return [self._ack(True, "", words.rpartition("topic:")[2], number, subscribed)]
        return [Ack(found.success, "" if found.success else words, "", "", number, subscribed)]

    def _told(self, found: Named) -> Iterator[Ack]:
        """An answer that names topics and may not say to what: an agreement once more does no harm."""
        lists, words = topics(found.data), found.ret_msg[:200]
        for topic in lists.successTopics:
            yield self._ack(True, "", topic, 0, True)
        for topic in lists.failTopics:
            again = _AGAIN in words
            yield self._ack(again, "" if again else words or f"{_REFUSED}: {topic:.80}", topic, 0, True)

    def _ack(self, ok: bool, words: str, topic: str, number: int, subscribed: bool) -> Ack:
        """Of one topic: of the one channel that it is, or of all that it brings."""
        kind, argument, native = parts_of(topic[:100])
        channel = _ALONE.get(f"{kind}.{argument}", BOOK if kind == "orderbook" else "")
        if channel:
            return Ack(ok, words, channel, f"{self.venue}:{native}", number, subscribed)
        return Ack(ok, words, "", "", number, subscribed, stream=topic[:100])


def parts_of(topic: str) -> tuple[str, str, str]:
    """``orderbook.50.BTCUSDT`` is its kind, what is between (for most nothing), and of what it is."""
    kind, _, rest = topic.partition(".")
    if kind not in ("orderbook", "kline"):
        return kind, "", rest
    argument, _, native = rest.partition(".")
    return kind, argument, native


def _read_unknown(event: Unknown, frame: bytes, received_ns: int) -> list[Event]:
    return [event]


def _number(found: Named) -> int:
    text = str(found.req_id or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
