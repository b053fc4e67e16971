"""Bitstamp's public codec, spot and perpetuals: https://www.bitstamp.net/websocket/v2/"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from feeds.basics import Basics
from feeds.codec import DecodeError, Limits, LinkPlan, Request, RestRequest, Subscription
from feeds.events import Event
from feeds.spread import together
from feeds.symbols import BOOK, CHANNELS, FUNDING, MARK, OHLC, TICKER, TRADE
from feeds.venues.bitstamp import rest
from feeds.venues.bitstamp.messages import BOOKS, CHANGES, RATES, TRADES, VENUE, read

# Best prices are those of the book: there is no channel of them. Bars are built from trades.
_CHANNELS = {TICKER: BOOKS, BOOK: BOOKS, TRADE: TRADES, OHLC: TRADES, MARK: RATES, FUNDING: RATES}
# A market takes three channels at most, and the 1,025th of a link ends it without a word.
_MARKETS_A_LINK = 200


def _asking(verb: str, channel: str) -> str:
    return msgspec.json.encode({"event": f"bts:{verb}", "data": {"channel": channel}}).decode()


PULSE = f"{RATES}btcusd-perp"
"""It comes once a second, whatever else a link carries: the other channels speak when something changes."""
_GREETING = (_asking("subscribe", PULSE),)


class BitstampCodec(Basics):
    """Pictures of a hundred levels are asked for, and a book by REST to begin with; changes are read too."""

    venue, title = VENUE, "Bitstamp"
    ws_url, rest_url = "wss://ws.bitstamp.net", "https://www.bitstamp.net"
    channels = (*CHANNELS, MARK, FUNDING)
    limits = Limits(
        # No rate of messages or connects is published. By REST 400 requests a second, 10,000 in ten minutes:
        # https://www.bitstamp.net/api/#section/Request-limits. A link ends after 90 days.
        messages_per_s=20,
        connects=10,
        connects_window_s=10,
        max_link_age_s=89 * 86_400,
        idle_s=15,
        data_idle_s=14,
        rest_weight=130,
        rest_window_s=10,
    )
    resync_scope, snapshots, truncate, checksum_levels = "symbol", "rest", False, 0
    candles_page, candles_kept = rest.CANDLES, 0
    brings_others = (BOOK, MARK, FUNDING)
    marks = {  # noqa: RUF012 (never changed)
        BOOK: (f'"{BOOKS}'.encode(), f'"{CHANGES}'.encode()),
        TICKER: (f'"{BOOKS}'.encode(),),
        TRADE: (f'"{TRADES}'.encode(),),
        MARK: (f'"{RATES}'.encode(),),
        FUNDING: (f'"{RATES}'.encode(),),
    }

    instruments_request = staticmethod(rest.instruments_request)
    decode_instruments = staticmethod(rest.decode_instruments)
    snapshot_request = staticmethod(rest.book_request)
    decode_snapshot = staticmethod(rest.decode_book)
    audit_request = staticmethod(rest.book_request)
    decode_audit = staticmethod(rest.decode_book)
    candles_request = staticmethod(rest.candles_request)
    decode_candles = staticmethod(rest.decode_candles)
    decode_poll = staticmethod(rest.decode_day)

    def links(self, subscriptions: Iterable[Subscription]) -> list[LinkPlan]:
        """A market's channels on one link."""
        return together(subscriptions, _MARKETS_A_LINK)

    def stream(self, subscription: Subscription) -> str:
        """The venue's channel: book and best prices come in one, trades and bars, mark and funding."""
        return f"{_CHANNELS[subscription.channel]}{subscription.native}"

    def greeting(self) -> tuple[str, ...]:
        return _GREETING

    def subscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return self._requests("subscribe", subscriptions, req_id)

    def unsubscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return self._requests("unsubscribe", subscriptions, req_id)

    def _requests(self, verb: str, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        """One channel in each: a frame of more than 512 bytes ends the link. The pulse is there already."""
        wanted: dict[str, list[Subscription]] = {}
        for item in subscriptions:
            wanted.setdefault(self.stream(item), []).append(item)
        wanted.pop(PULSE, None)
        return [
            Request(_asking(verb, channel), number, tuple(items))
            for number, (channel, items) in enumerate(wanted.items(), req_id)
        ]

    def decode(self, frame: bytes, received_ns: int) -> list[Event]:
        """Raises :class:`DecodeError`, and nothing else, on a frame of the wrong shape."""
        try:
            return read(frame, received_ns)
        except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError) as error:
            raise DecodeError(f"{type(error).__name__}: {error}", frame) from error

    def poll_request(self, subscription: Subscription) -> RestRequest | None:
        """The figures of a day, and of a perpetual its open interest: no channel has them."""
        return rest.day_request(subscription) if subscription.channel == TICKER else None
