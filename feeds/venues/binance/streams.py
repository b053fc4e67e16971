"""How streams of Binance's markets are asked for, and whose reader a frame is for.

A stream's name alone says what its payload is and whose (a book ticker carries no type), so a reader is found
by the name, with a search of bytes, and the frame is parsed once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

import msgspec

from feeds.basics import Basics
from feeds.codec import DecodeError, Limits, LinkPlan, Request, Subscription
from feeds.events import Ack, Event, Unknown
from feeds.spread import spread
from feeds.symbols import instrument_name
from feeds.venues.binance.wire import Head, Reader, data_of, head, payloads, stream_of, symbol_of

# 1,024 streams a link, less the pulse and some room.
_STREAMS_A_LINK = 1000
# A request longer than 4,088 bytes is never answered (binance-connector-rust issue 27).
_REQUEST_BYTES = 3800
# A trade is told by both, with numbers of their own: whoever recorded both must not count it twice.
# The best levels alone must not take the place of the whole book.
_PARTIAL = ("depth5", "depth10", "depth20")
_WHOLE = ("depth", "depth@100ms", "depth@500ms", "depth@0ms")
_TWICE = {
    "trade": ("aggTrade",),
    "aggTrade": ("trade",),
    **{f"{name}{speed}": _WHOLE for name in _PARTIAL for speed in ("", "@100ms")},
    **dict.fromkeys(("depth10@500ms", "depth20@500ms"), _WHOLE),  # depth5@500ms is the pulse of futures
}
# Names of streams that are remembered: more than there are streams on all links.
_MAX_ROUTES = 20_000


def limits(messages_per_s: float, rest_weight: int) -> Limits:
    """What the markets share, and what each has of its own."""
    return Limits(
        messages_per_s=messages_per_s,
        topics_per_request=100,
        connects=250,  # of 300
        connects_window_s=300,
        max_link_age_s=23 * 3600 + 50 * 60,  # cut at 24 h
        idle_s=15,
        data_idle_s=14,  # of the 15 after which nothing may look live
        rest_weight=rest_weight,
        rest_window_s=60,
    )


class Streams(Basics):
    """Pure but for a memory of which stream name means which reader and instrument.

    ``streams``: channel → what it is made of. ``paths``: channel → its link's name and path, pulse included.
    ``readers``: suffix, or name of a stream of no instrument → reader. ``payloads``: see :func:`stream_of`.
    ``market``: its number, where a stream of all instruments has those of several markets.
    """

    streams: Mapping[str, tuple[str, ...]]
    paths: Mapping[str, tuple[str, str]]
    readers: Mapping[str, Reader]
    payloads: Mapping[str, str]
    market = 0
    resync_scope = "symbol"
    snapshots = "rest"
    truncate, numbers_trades = False, True
    checksum_levels = 0

    def __init__(self) -> None:
        self._routes: dict[bytes, tuple[Reader, str]] = {}

    # what is asked

    def links(self, subscriptions: Iterable[Subscription]) -> list[LinkPlan]:
        """By path as few links as the limit of streams allows, an instrument's streams of a path on one."""
        wanted: dict[tuple[str, str], dict[str, list[Subscription]]] = {}
        for each in subscriptions:
            by_name = wanted.setdefault(self.paths[each.channel], {})
            by_name.setdefault(each.instrument, []).append(each)
        plans = []
        for (stem, path), by_name in sorted(wanted.items()):
            loads = {name: len(set(self._named(each))) for name, each in by_name.items()}
            for number, names in spread(loads, _STREAMS_A_LINK).items():
                carried = tuple(each for name in names for each in by_name[name])
                plans.append(LinkPlan(f"{stem}.{number}", path, carried))
        return plans

    def subscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return list(self._requests("SUBSCRIBE", subscriptions, req_id))

    def unsubscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return list(self._requests("UNSUBSCRIBE", subscriptions, req_id))

    def _requests(self, method: str, subscriptions: Sequence[Subscription], req_id: int) -> Iterator[Request]:
        for number, group in enumerate(self._groups(subscriptions), req_id):
            body = {"method": method, "params": list(dict.fromkeys(self._named(group))), "id": number}
            yield Request(msgspec.json.encode(body).decode(), number, tuple(group))

    def _groups(self, subscriptions: Sequence[Subscription]) -> Iterator[list[Subscription]]:
        """As many as one request may hold: an acknowledgement confirms all of them."""
        group: list[Subscription] = []
        size = 0
        for subscription in subscriptions:
            needs = sum(len(stream.encode()) + 3 for stream in self._named([subscription]))
            if group and (size + needs > _REQUEST_BYTES or len(group) == self.limits.topics_per_request):
                yield group
                group, size = [], 0
            group.append(subscription)
            size += needs
        if group:
            yield group

    def _named(self, subscriptions: Iterable[Subscription]) -> list[str]:
        return [f"{s.native.lower()}@{suffix}" for s in subscriptions for suffix in self.streams[s.channel]]

    # what comes

    def decode(self, frame: bytes, received_ns: int) -> list[Event]:
        # All up to the first comma, `{"stream":"btcusdt@trade"`: cheaper to cut off than the name alone.
        route = self._routes.get(frame.partition(b",")[0])
        try:
            if route is not None:
                return route[0](frame, route[1], received_ns)
            if frame.startswith(b"["):
                return self._decode_all(frame, received_ns)
            return self._decode_other(frame, received_ns)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise DecodeError(f"{type(error).__name__}: {error}", frame) from error

    def _decode_other(self, frame: bytes, received_ns: int) -> list[Event]:
        """A stream's first frame, or what is no stream's."""
        message = head(frame)
        if message.stream:
            return self._decode_stream(message, frame, received_ns)
        if message.error is not None or message.code is not None:
            words = message.error.msg if message.error is not None else message.msg
            return [Ack(False, words[:200] or "refused without a reason", "", "", _number(message))]
        if message.result is not msgspec.UNSET:
            return [Ack(True, "", "", "", _number(message))]
        return self._decode_payload(message, frame, received_ns)

    def _decode_payload(self, message: Head, payload: bytes, received_ns: int) -> list[Event]:
        stream = stream_of(message, self.payloads)
        if not stream:
            return [Unknown(f"{message.e or 'message':.40}")]
        frame = b'{"stream":%b,"data":%b}' % (msgspec.json.encode(stream), payload)
        return self._decode_stream(head(frame), frame, received_ns)

    def _decode_all(self, data: bytes, received_ns: int) -> list[Event]:
        """What a stream of all instruments tells, ``!markPrice@arr``, ``!bookTicker``: a list, or one."""
        rows = payloads(data) if data.startswith(b"[") else [data]
        events: list[Event] = []
        for row in map(bytes, rows):
            found = head(row)
            if found.st and self.market and found.st != self.market:
                events.append(Unknown("instrument of another market"))
            else:
                events += self._decode_payload(found, row, received_ns)
        return events

    def _decode_stream(self, message: Head, frame: bytes, received_ns: int) -> list[Event]:
        native, at, suffix = message.stream.partition("@")
        if native.startswith("!") and native not in self.readers:
            return self._decode_all(bytes(data_of(frame).data), received_ns)
        twice = any(self._told(native, other) for other in _TWICE.get(suffix, ()))
        known = None if twice else self.readers.get(suffix if at else native)
        reader = known or partial(_read_unknown, Unknown(f"{suffix or native:.40}"))
        instrument = ""
        if known and at:
            symbol = symbol_of(message.data) if isinstance(message.data, dict) else ""
            if not symbol and suffix.startswith(_PARTIAL):
                symbol = native.upper()
            if symbol.lower() != native:
                raise ValueError(f"expected data of {native!r:.80}, found {symbol!r:.80}")
            instrument = instrument_name(self.venue, symbol)
        events = reader(frame, instrument, received_ns)
        if len(self._routes) < _MAX_ROUTES:
            self._routes[_route(message.stream)] = (reader, instrument)
        return events

    def _told(self, native: str, suffix: str) -> bool:
        """Whether another stream tells the same trades, of which those of the first one count, or all of the
        book."""
        told = self._routes.get(_route(f"{native}@{suffix}"))
        return told is not None and told[0] is self.readers.get(suffix)


def _route(stream: str) -> bytes:
    return b'{"stream":"%b"' % stream.encode()


def _read_unknown(event: Unknown, frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    return [event]


def _number(message: Head) -> int:
    return message.id if isinstance(message.id, int) else 0
