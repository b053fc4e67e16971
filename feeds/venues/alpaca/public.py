"""Alpaca's stream of stocks, API v2: https://docs.alpaca.markets/docs/real-time-stock-pricing-data

One connection for each key, an answer to it before all else, and the list of what is subscribed after each
request. There is no book, and the market closes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from feeds.basics import Basics
from feeds.codec import DecodeError, InstrumentSpec, Limits, LinkPlan, Request, RestRequest, Subscription
from feeds.credentials import Credentials
from feeds.events import Event, Phase
from feeds.symbols import BOOK, OHLC, STATS, TICKER, TRADE
from feeds.venues.alpaca import hours, rest
from feeds.venues.alpaca.messages import VENUE, events_of
from feeds.venues.alpaca.shapes import read

_QUOTES, _TRADES, _FIGURES = ("quotes",), ("trades",), ("dailyBars", "statuses")
_STREAMS = {TICKER: _QUOTES, BOOK: _QUOTES, TRADE: _TRADES, OHLC: _TRADES, STATS: _FIGURES}
"""Corrections and cancellations come with trades, unasked. A book, which there is not, is never wanted."""
TEST = "test"


class AlpacaCodec(Basics):
    """Prices of one exchange, IEX, unless another feed was chosen. ``test`` always runs, and is no market."""

    venue, title = VENUE, "Alpaca"
    ws_url, rest_url = "wss://stream.data.alpaca.markets", "https://data.alpaca.markets"
    limits = Limits(
        messages_per_s=5,
        topics_per_request=100,
        connects=10,
        connects_window_s=300,
        idle_s=20,
        data_idle_s=14,
        rest_weight=200,
        rest_window_s=60,
    )
    resync_scope, snapshots, truncate, checksum_levels = "symbol", "stream", False, 0
    candles_page, candles_kept = rest.PAGE, 0
    channels = (TICKER, TRADE, OHLC)
    key_parts, needs_key = ("KEY", "SECRET"), True
    single = True
    # Not the delayed one: what is a quarter of an hour old would look live.
    feeds, feed = ("iex", TEST, "sip"), "iex"
    zone = hours.ZONE
    marks = {  # noqa: RUF012 (never changed)
        TICKER: (b'"T":"q"',),
        TRADE: (b'"T":"t"', b'"T":"c"', b'"T":"x"'),
        STATS: (b'"T":"d"',),
    }

    @property
    def parts(self) -> Mapping[str, tuple[str, ...]]:
        return {} if self.feed == TEST else {TICKER: (TICKER, STATS)}

    def login(self, credentials: Credentials) -> str:
        body = {"action": "auth", "key": credentials.key, "secret": credentials.secret}
        return msgspec.json.encode(body).decode()

    def key_headers(self, credentials: Credentials) -> Mapping[str, str]:
        return {"APCA-API-KEY-ID": credentials.key, "APCA-API-SECRET-KEY": credentials.secret}

    # what is asked

    def links(self, subscriptions: Iterable[Subscription]) -> list[LinkPlan]:
        """One, whatever it carries: a second one is refused."""
        wanted = tuple(subscriptions)
        return [LinkPlan("stocks", f"/v2/{self.feed}", wanted)] if wanted else []

    def stream(self, subscription: Subscription) -> str:
        """Bars are made of trades."""
        return f"trades:{subscription.native}" if subscription.channel in (TRADE, OHLC) else ""

    def subscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return list(self._requests("subscribe", subscriptions, req_id))

    def unsubscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return list(self._requests("unsubscribe", subscriptions, req_id))

    def _requests(self, action: str, subscriptions: Sequence[Subscription], req_id: int) -> Iterator[Request]:
        for streams in dict.fromkeys(_STREAMS.values()):
            wanted = [item for item in subscriptions if _STREAMS[item.channel] == streams]
            size = self.limits.topics_per_request
            for group in (wanted[at : at + size] for at in range(0, len(wanted), size)):
                symbols = list(dict.fromkeys(item.native for item in group))
                body = {"action": action, **dict.fromkeys(streams, symbols)}
                yield Request(msgspec.json.encode(body).decode(), req_id, tuple(group))
                req_id += 1

    # what comes

    def decode(self, frame: bytes, received_ns: int) -> list[Event]:
        try:
            return [event for message in read(frame) for event in events_of(message, received_ns)]
        except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError) as error:
            raise DecodeError(f"{type(error).__name__}: {error}", frame) from error

    # REST

    def instruments_request(self) -> RestRequest:
        return rest.instruments_request(self.credentials)

    def decode_instruments(self, body: bytes) -> list[InstrumentSpec]:
        return rest.decode_instruments(body, test=self.feed == TEST)

    def candles_request(
        self, subscription: Subscription, interval: int, now_us: int = 0, since_us: int = 0
    ) -> RestRequest | None:
        if self.feed == TEST:
            return None
        return rest.candles_request(subscription, interval, now_us, since_us, self.feed)

    decode_candles = staticmethod(rest.decode_candles)

    def poll_request(self, subscription: Subscription) -> RestRequest | None:
        if subscription.channel != STATS:
            return None
        return rest.snapshot_request(subscription, self.feed)

    decode_poll = staticmethod(rest.decode_snapshot)

    def hours_requests(self, now_us: int) -> Sequence[RestRequest]:
        return () if self.feed == TEST else hours.requests(now_us, self.credentials)

    def decode_hours(self, bodies: Sequence[bytes]) -> list[Phase]:
        return hours.decode_hours(bodies)
