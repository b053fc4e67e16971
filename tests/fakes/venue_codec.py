"""The language of :mod:`tests.fakes.venue_server`: small; every property of a codec is a choice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from feeds.basics import Basics
from feeds.codec import (
    DecodeError,
    InstrumentSpec,
    Limits,
    LinkPlan,
    Request,
    RestRequest,
    Subscription,
)
from feeds.events import (
    Ack,
    Bar,
    BookDelta,
    BookSnapshot,
    Event,
    Heartbeat,
    LinkSequence,
    Quote,
    Reconnect,
    Reply,
    Trade,
    Unknown,
    VenueStatus,
)

VENUE = "FAKE"


def subscription(channel: str, native: str, depth: int = 0, venue: str = VENUE) -> Subscription:
    return Subscription(channel, f"{venue}:{native}", native, depth)


def topic(item: Subscription) -> str:
    return f"{item.channel}|{item.native}"


class FakeCodec(Basics):
    """Frames are ``{"t":kind, "s":symbol, …}``. ``per_link`` instruments share a link."""

    title = "Fake"
    marks: dict[str, tuple[bytes, ...]] = {}  # noqa: RUF012 (never changed)
    truncate = False
    checksum_levels = 0

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        venue: str = VENUE,
        snapshots: str = "stream",
        resync_scope: str = "symbol",
        per_link: int = 1000,
        audits: bool = False,
    ) -> None:
        self.venue, self.snapshots, self.resync_scope = venue, snapshots, resync_scope
        self.limits = limits or Limits(idle_s=5)
        self.per_link, self.audits = per_link, audits
        self.ws_url = self.rest_url = "ws://127.0.0.1:1"

    def checksum(self, bids: Sequence[tuple[str, str]], asks: Sequence[tuple[str, str]]) -> int:
        return 0

    def links(self, subscriptions: Iterable[Subscription]) -> list[LinkPlan]:
        wanted = list(subscriptions)
        names = list(dict.fromkeys(item.instrument for item in wanted))
        plans = []
        for at in range(0, len(names), self.per_link):
            group = set(names[at : at + self.per_link])
            items = tuple(item for item in wanted if item.instrument in group)
            plans.append(LinkPlan(f"link{at // self.per_link}", "/ws", items))
        return plans

    def subscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return self._request("sub", subscriptions, req_id)

    def unsubscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return self._request("unsub", subscriptions, req_id)

    def _request(self, op: str, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        body = {"op": op, "id": req_id, "topics": [topic(item) for item in subscriptions]}
        return [Request(msgspec.json.encode(body).decode(), req_id, tuple(subscriptions))]

    def ping(self, req_id: int) -> str | None:
        return None

    def decode(self, frame: bytes, received_ns: int) -> list[Event]:
        try:
            body = msgspec.json.decode(frame, type=dict)
            return self._events(body, received_ns)
        except (msgspec.MsgspecError, ValueError, KeyError, RecursionError) as error:
            raise DecodeError(repr(error), frame) from error

    def _events(self, body: dict, ns: int) -> list[Event]:
        kind, name = body["t"], f"{self.venue}:{body.get('s', '')}"
        made = {
            "ack": lambda: self._ack(body),
            "hb": lambda: Heartbeat(self.venue, 0, ns),
            "quote": lambda: Quote(name, body["b"], "1", body["a"], "1", 0, ns),
            "trade": lambda: Trade(name, str(body["id"]), "buy", "100", "1", ns // 1000, ns),
            "snap": lambda: self._snapshot(body, name, ns),
            "delta": lambda: BookDelta(
                name, body["bids"], body["asks"], body["first"], body["last"], None, None, 0, ns
            ),
            "seq": lambda: LinkSequence(body["n"]),
            "ask": lambda: Reply(body["text"]),
            "bye": lambda: Reconnect(body["why"]),
            "status": lambda: VenueStatus(self.venue, body["status"], body["why"], ns),
            "bug": lambda: 1 // 0,
        }.get(kind, lambda: Unknown(kind))
        return [made()]

    def _ack(self, body: dict) -> Ack:
        channel, _, native = body.get("topic", "").partition("|")
        name = f"{self.venue}:{native}" if native else ""
        error = body.get("error", "")
        return Ack(not error, error, channel, name, body.get("id", 0), body.get("op", "sub") == "sub")

    def _snapshot(self, body: dict, name: str, ns: int) -> BookSnapshot:
        bids, asks = [tuple(x) for x in body["bids"]], [tuple(x) for x in body["asks"]]
        return BookSnapshot(name, bids, asks, 0, body["last"], None, 0, ns)

    def snapshot_request(self, subscription: Subscription) -> RestRequest | None:
        return RestRequest(f"/depth?symbol={subscription.native}", 5) if self.snapshots == "rest" else None

    def decode_snapshot(self, subscription: Subscription, body: bytes, received_ns: int) -> BookSnapshot:
        return self._snapshot(msgspec.json.decode(body), subscription.instrument, received_ns)

    def audit_request(self, subscription: Subscription) -> RestRequest | None:
        return RestRequest(f"/audit?symbol={subscription.native}") if self.audits else None

    def decode_audit(self, subscription: Subscription, body: bytes, received_ns: int) -> BookSnapshot:
        try:
            return self._snapshot(msgspec.json.decode(body), subscription.instrument, received_ns)
        except (msgspec.MsgspecError, KeyError) as error:
            raise DecodeError(repr(error), body) from error

    def instruments_request(self) -> RestRequest:
        return RestRequest("/instruments")

    def decode_instruments(self, body: bytes) -> list[InstrumentSpec]:
        return [
            InstrumentSpec(self.venue, name, "spot", *name.split("/"), "", "0.1", "1", "trading")
            for name in msgspec.json.decode(body)
        ]

    def candles_request(
        self, subscription: Subscription, interval: int, now_us: int = 0, since_us: int = 0
    ) -> RestRequest | None:
        return RestRequest(f"/candles?symbol={subscription.native}&interval={interval}")

    def decode_candles(
        self, subscription: Subscription, interval: int, body: bytes, now_us: int
    ) -> list[Bar]:
        rows = msgspec.json.decode(body)
        return [
            Bar(subscription.instrument, interval, at, o, h, low, c, v, 1, True, False)
            for at, o, h, low, c, v in rows
        ]
