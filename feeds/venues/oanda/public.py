"""OANDA's stream of prices, v20: https://developer.oanda.com/rest-live-v20/pricing-ep/

Lines over HTTP for one account, whose token opens it; which instruments it carries stands in its address.
Limits: https://developer.oanda.com/rest-live-v20/development-guide/ and …/best-practices/.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

import msgspec

from feeds.basics import Basics
from feeds.codec import DecodeError, InstrumentSpec, Limits, LinkPlan, Request, RestRequest, Subscription
from feeds.credentials import Credentials
from feeds.events import Bar, Event, InstrumentStatus, Phase
from feeds.spread import together
from feeds.symbols import TICKER
from feeds.venues.oanda import hours, rest
from feeds.venues.oanda.messages import VENUE, events_of

_STREAM = f"{rest.ACCOUNT}/pricing/stream"
# Twenty streams may be open for a token; a stream takes as many instruments as fit an address.
_INSTRUMENTS_A_LINK = 100
_HOSTS = {"practice": "fxpractice", "live": "fxtrade"}
_AGAIN_NS = 60_000_000_000


class OandaCodec(Basics):
    """Prices of the practice environment, unless ``live`` is chosen: a token is of one of the two.

    ``credentials``: the token, and with it the number of the account. Pure but for a memory of what could not
    be traded: that it can be again is said as long as anybody may have missed it.
    """

    venue, title = VENUE, "OANDA"
    # A heartbeat each 5 s. After 10 s without anything the venue advises to connect again.
    limits = Limits(connects=1, connects_window_s=1, idle_s=10, rest_weight=100, rest_window_s=1)
    resync_scope, snapshots, truncate, checksum_levels = "symbol", "stream", False, 0
    candles_page, candles_kept = rest.PAGE, 0
    channels = (TICKER,)
    untold = ("last", "volume", "high", "low", "change", "change_pct", "bar_volume")
    key_parts, needs_key = ("KEY", "SECRET"), True
    lines = True
    feeds, feed = tuple(_HOSTS), "practice"
    zone = hours.ZONE
    hosts = tuple(f"{kind}-{host}.oanda.com" for kind in ("stream", "api") for host in _HOSTS.values())
    marks = {TICKER: (b'"PRICE"', b'"tick"')}  # noqa: RUF012 (never changed)

    def __init__(self) -> None:
        self._closed_ns: dict[str, int] = {}

    @property
    def ws_url(self) -> str:
        return f"https://stream-{_HOSTS[self.feed]}.oanda.com"

    @property
    def rest_url(self) -> str:
        return f"https://api-{_HOSTS[self.feed]}.oanda.com"

    def key_headers(self, credentials: Credentials) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {credentials.key}", "Accept-Datetime-Format": "RFC3339"}

    # what is asked

    def links(self, subscriptions: Iterable[Subscription]) -> list[LinkPlan]:
        return together(subscriptions, _INSTRUMENTS_A_LINK, _STREAM, name="prices")

    def query(self, subscriptions: Sequence[Subscription]) -> str:
        """A stream begins with the price that there is of each."""
        names = sorted({quote(item.native, safe="") for item in subscriptions})
        return f"?instruments={'%2C'.join(names)}"

    def subscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        """Nothing: they are in the address."""
        return []

    def unsubscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return []

    # what comes

    def decode(self, frame: bytes, received_ns: int) -> list[Event]:
        """Raises :class:`DecodeError`, and nothing else, on a frame of the wrong shape."""
        try:
            events = events_of(frame, received_ns)
        except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError) as error:
            raise DecodeError(f"{type(error).__name__}: {error}", frame) from error
        if type(events[0]) is InstrumentStatus:
            self._closed_ns[events[0].instrument] = received_ns
        elif self._closed_ns and (name := getattr(events[0], "instrument", "")) in self._closed_ns:
            events.append(InstrumentStatus(name, "trading", "", received_ns))
            if received_ns - self._closed_ns[name] > _AGAIN_NS:
                del self._closed_ns[name]
        return events

    def hours_of(self, instrument: str, now_us: int) -> Sequence[Phase]:
        return hours.phases(instrument.partition(":")[2], now_us)

    # by REST

    instruments_request = staticmethod(rest.instruments_request)

    def decode_instruments(self, body: bytes) -> list[InstrumentSpec]:
        return rest.decode_instruments(body)

    def candles_request(
        self, subscription: Subscription, interval: int, now_us: int = 0, since_us: int = 0
    ) -> RestRequest | None:
        return rest.candles_request(subscription, interval, now_us, since_us)

    def decode_candles(
        self, subscription: Subscription, interval: int, body: bytes, now_us: int
    ) -> list[Bar]:
        return rest.decode_candles(subscription, interval, body, now_us)
