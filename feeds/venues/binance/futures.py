"""Binance's futures in public: USDⓈ-M and COIN-M. https://developers.binance.com/docs/derivatives

USDⓈ-M has had a path for each sort of data since 2026. A stream that is asked for on the wrong one is agreed
to and never sent, so every link carries a pulse of its own path: where that is silent, the watchdog ends the
link and says that nothing ever came. COIN-M still has one path for everything.
"""

from __future__ import annotations

from feeds.codec import InstrumentSpec, RestRequest, Subscription
from feeds.events import BASE_UNITS, CONTRACTS, Event
from feeds.symbols import BOOK, FUNDING, LIQUIDATION, MARK, OHLC, STATS, TICKER, TRADE, channels_of
from feeds.venues.binance import contracts, rest
from feeds.venues.binance.futures_messages import PAYLOADS, readers
from feeds.venues.binance.streams import Streams, limits

# Bars are built from trades: ``ohlc`` needs no stream of its own. Funding travels in the frames of the mark
# price; its own stream, a third as fast, is what makes it come without those.
_STREAMS: dict[str, tuple[str, ...]] = {
    TICKER: ("bookTicker",),
    STATS: ("ticker",),
    BOOK: ("depth@100ms",),
    TRADE: ("aggTrade",),
    OHLC: ("aggTrade",),
    MARK: ("markPrice@1s",),
    FUNDING: ("markPrice",),
    LIQUIDATION: ("forceOrder",),
}
# Neither market has a heartbeat; these streams come twice a second however quiet the others are. Contracts
# that are listed or settled are told to whoever asks.
_PUBLIC = ("public", "/public/stream?streams=btcusdt@depth5@500ms")
_MARKET = ("market", "/market/stream?streams=btcusdt@miniTicker/!contractInfo")
_COINM = ("stream", "/stream?streams=btcusd_perp@miniTicker/!contractInfo")


class FuturesCodec(Streams):
    """What both markets share. Figures of a day come without best prices, so a ticker is made of two parts,
    each of which has to be proven.

    ``root`` is where its REST begins, ``market`` the venue's own number for it, ``counts`` what an open
    interest is counted in.
    """

    venue: str
    root: str
    market: int
    counts: str
    channels = channels_of("perpetual")
    parts = {TICKER: (TICKER, STATS)}  # noqa: RUF012 (never changed)
    samples_liquidations = True
    streams, payloads = _STREAMS, PAYLOADS
    limits = limits(
        messages_per_s=8,  # of 10: our pongs count too
        rest_weight=1200,  # half of 2,400, which both markets are to share
    )
    candles_page, candles_kept = contracts.KLINES_PAGE, 0
    marks = {
        TICKER: (b"@bookTicker",),
        STATS: (b"@ticker",),
        BOOK: (b"@depth",),
        TRADE: (b"@aggTrade",),
        MARK: (b"@markPrice",),
        FUNDING: (b"@markPrice",),
        LIQUIDATION: (b"@forceOrder",),
    }

    def __init__(self) -> None:
        super().__init__()
        self.readers = readers(self.venue, self.market)

    def snapshot_request(self, subscription: Subscription) -> RestRequest:
        return contracts.snapshot_request(self.root, subscription)

    decode_snapshot = staticmethod(contracts.decode_snapshot)

    def instruments_request(self) -> RestRequest:
        return RestRequest(f"{self.root}/exchangeInfo", 1)

    def decode_instruments(self, body: bytes) -> list[InstrumentSpec]:
        return contracts.decode_instruments(self.venue, body)

    def candles_request(
        self, subscription: Subscription, interval: int, now_us: int = 0, since_us: int = 0
    ) -> RestRequest | None:
        return contracts.candles_request(self.root, subscription, interval, since_us)

    decode_candles = staticmethod(rest.candles)

    def poll_request(self, subscription: Subscription) -> RestRequest | None:
        """Open interest, which no stream tells."""
        if subscription.channel != MARK:
            return None
        return contracts.interest_request(self.root, subscription)

    def decode_poll(self, subscription: Subscription, body: bytes, received_ns: int) -> list[Event]:
        return [contracts.decode_interest(subscription, self.counts, body, received_ns)]


class UsdmCodec(FuturesCodec):
    """Linear, in stablecoins; quantities are in the base."""

    venue, title = "BINANCE_USDM", "Binance USD-M"
    ws_url, rest_url = "wss://fstream.binance.com", "https://fapi.binance.com"
    root, market, counts = "/fapi/v1", 1, BASE_UNITS
    paths = {  # noqa: RUF012 (never changed)
        **dict.fromkeys((TICKER, BOOK), _PUBLIC),
        **dict.fromkeys((STATS, TRADE, OHLC, MARK, FUNDING, LIQUIDATION), _MARKET),
    }


class CoinmCodec(FuturesCodec):
    """Inverse, settled in the base; quantities are contracts of some dollars each (100 of BTC, else 10)."""

    venue, title = "BINANCE_COINM", "Binance COIN-M"
    ws_url, rest_url = "wss://dstream.binance.com", "https://dapi.binance.com"
    root, market, counts = "/dapi/v1", 2, CONTRACTS
    paths = dict.fromkeys(_STREAMS, _COINM)
