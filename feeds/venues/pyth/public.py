"""Pyth's prices by Hermes, its public service: https://docs.pyth.network/price-feeds/core/how-pyth-works/hermes

Each feed is an index: a price and how sure its publishers are of it. Since August 2026 Hermes wants a key
(https://docs.pyth.network/price-feeds/pro/pyth-core-upgrade), as ``Authorization: Bearer``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from feeds.basics import Basics, Standstills
from feeds.codec import DecodeError, InstrumentSpec, Limits, LinkPlan, Request, RestRequest, Subscription
from feeds.credentials import Credentials
from feeds.events import Bar, Event, Phase
from feeds.spread import together
from feeds.symbols import TICKER
from feeds.venues.pyth import hours, instruments
from feeds.venues.pyth.messages import VENUE, read

_PATH = "/ws"
# All of an address may send 256 KiB a second, so more links would not carry more feeds.
_FEEDS_A_LINK = 1000


class PythCodec(Basics):
    """Pure but for a memory of whose price stood still, since nothing but a newer price says that it ended,
    and of the hours of each feed."""

    venue, title = VENUE, "Pyth"
    ws_url, rest_url = "wss://hermes.pyth.network", "https://hermes.pyth.network"
    channels = (TICKER,)
    # 10 requests in 10 s of an address, all endpoints together; beyond it 429 for a minute:
    # https://docs.pyth.network/price-feeds/core/rate-limits. A link ends after 24 hours.
    limits = Limits(
        messages_per_s=5,
        connects=4,
        connects_window_s=10,
        max_link_age_s=86_000,
        idle_s=15,
        data_idle_s=14,  # every feed is sent several times a second, whether its price is new or not
        rest_weight=4,
        rest_window_s=10,
    )
    resync_scope, snapshots, truncate, checksum_levels = "symbol", "stream", False, 0
    candles_page, candles_kept = 1, 1
    marks = {TICKER: (b'"price_update"',)}
    key_parts = ("KEY",)
    hours_every_s = 3600.0  # in the whole list of feeds, of more than a megabyte

    def __init__(self) -> None:
        self._standstills = Standstills()
        self._schedules: Mapping[str, hours.Schedule] = {}

    def key_headers(self, credentials: Credentials) -> Mapping[str, str]:
        """https://docs.pyth.network/price-feeds/pro/pyth-core-upgrade"""
        return {"Authorization": f"Bearer {credentials.key}"}

    # what is asked

    def links(self, subscriptions: Iterable[Subscription]) -> list[LinkPlan]:
        return together(subscriptions, _FEEDS_A_LINK, _PATH)

    def subscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return self._requests("subscribe", subscriptions, req_id)

    def unsubscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return self._requests("unsubscribe", subscriptions, req_id)

    def _requests(self, verb: str, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        size = self.limits.topics_per_request
        groups = [tuple(subscriptions[at : at + size]) for at in range(0, len(subscriptions), size)]
        return [_request(verb, group, number) for number, group in enumerate(groups, req_id)]

    # what comes

    def decode(self, frame: bytes, received_ns: int) -> list[Event]:
        """Raises :class:`DecodeError`, and nothing else, on a frame of the wrong shape."""
        try:
            told = read(frame, received_ns)
        except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError) as error:
            raise DecodeError(f"{type(error).__name__}: {error}", frame) from error
        return [event for of_one in told for event in self._standstills.ended(of_one, received_ns)]

    # when it is published

    def hours_requests(self, now_us: int) -> Sequence[RestRequest]:
        """While none stands still nobody asks why."""
        return () if now_us and not self._standstills else (instruments.instruments_request(),)

    def decode_hours(self, bodies: Sequence[bytes]) -> list[Phase]:
        """None of the venue's own: each feed has its hours."""
        self._schedules, self.unread_hours = hours.decode(bodies[0])
        return []

    def hours_of(self, instrument: str, now_us: int) -> Sequence[Phase]:
        schedule = self._schedules.get(instrument.partition(":")[2])
        return schedule.phases(now_us) if schedule is not None else ()

    def zone_of(self, instrument: str) -> str:
        schedule = self._schedules.get(instrument.partition(":")[2])
        return schedule.zone if schedule is not None else self.zone

    # by REST

    instruments_request = staticmethod(instruments.instruments_request)

    def decode_instruments(self, body: bytes) -> list[InstrumentSpec]:
        return instruments.decode_instruments(body)

    def candles_request(
        self, subscription: Subscription, interval: int, now_us: int = 0, since_us: int = 0
    ) -> RestRequest | None:
        """None: an index has no trades of which bars could be made."""
        return None

    def decode_candles(
        self, subscription: Subscription, interval: int, body: bytes, now_us: int
    ) -> list[Bar]:
        raise DecodeError("an index has no candles", body)


def _request(verb: str, group: tuple[Subscription, ...], number: int) -> Request:
    """Answered by ``{"type":"response","status":"success"}``, in the order of requests. One feed that there
    is not makes all of it fail, and is named: the others are asked for again."""
    ids = list(dict.fromkeys(item.native for item in group))
    return Request(msgspec.json.encode({"type": verb, "ids": ids}).decode(), number, group)
