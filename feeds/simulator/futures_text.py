"""What Binance's futures write: as spot, with the digits of the contract and more letters.

https://developers.binance.com/docs/derivatives. A turnover is in what quantities are not in: money where they
are in the base, the base where they are contracts.
"""

from __future__ import annotations

from collections.abc import Iterable

from feeds.simulator.bars import TradedBar
from feeds.simulator.binance_text import INTERVALS, change_percent
from feeds.simulator.clock import SimulatorClock
from feeds.simulator.market import Market, TradeRecord
from feeds.simulator.text import fixed

_DAY_MS, _EIGHT_H_MS, _MS = 86_400_000, 28_800_000, 1_000_000


def price(market: Market, units: int) -> str:
    return fixed(units, market.listing.price_decimals)


def qty(market: Market, units: int) -> str:
    return fixed(units, market.listing.qty_decimals)


def levels(market: Market, side: Iterable[tuple[int, int]]) -> str:
    return ",".join(f'["{price(market, each)}","{qty(market, size)}"]' for each, size in side)


def turnover(market: Market, volume: int, at: int) -> str:
    """Of a volume that went at about this price, with eight decimals."""
    listing = market.listing
    prices, lots = 10**listing.price_decimals, 10**listing.qty_decimals
    if listing.inverse:
        return fixed(volume * listing.contract_size * prices * 10**8 // (max(at, 1) * lots), 8)
    return fixed(volume * at * 10**8 // (prices * lots), 8)


def index_units(market: Market) -> int:
    """The middle of the book in tenths of a unit: what other markets say is near enough."""
    bids, asks = market.book.sides
    return (bids.best() + asks.best()) * 5


def mark_units(market: Market) -> int:
    """Between the index and the last trade, in tenths of a unit."""
    return (index_units(market) * 3 + market.last_price * 10) // 4


def funding_rate(market: Market) -> str:
    """Eight hours of a hundredth of a percent, and what the mark is above the index; at most 0.75 %."""
    index = max(index_units(market), 1)
    over = (mark_units(market) - index) * 10**8 // index
    return fixed(max(-750_000, min(750_000, 10_000 + over)), 8)


def open_interest(market: Market) -> str:
    """A third of what a day trades."""
    return qty(market, market.stats.day.volume // 3)


class FuturesText:
    """The same methods as :mod:`feeds.simulator.binance_text` has functions."""

    def __init__(self, clock: SimulatorClock) -> None:
        self._clock = clock

    def depth(
        self, market: Market, first: int, last: int, changes: dict[tuple[int, int], int], time: int
    ) -> bytes:
        bids = sorted(((p, size) for (side, p), size in changes.items() if side == 0), reverse=True)
        asks = sorted((p, size) for (side, p), size in changes.items() if side == 1)
        return self._book(market, first, last, time, levels(market, bids), levels(market, asks))

    def _book(self, market: Market, first: int, last: int, time: int, bids: str, asks: str) -> bytes:
        """The first id may be another contract's: only ``pu`` says what this one follows."""
        native = market.listing.native
        return (
            f'{{"e":"depthUpdate","E":{time},"T":{time},"s":"{native}","ps":"{native}",'
            f'"st":{market.listing.venue_number},"U":{min(first + 1, last)},"u":{last},'
            f'"pu":{first - 1},"b":[{bids}],"a":[{asks}]}}'
        ).encode()

    def partial(self, market: Market, count: int) -> bytes:
        bids, asks = (levels(market, side.top(count)) for side in market.book.sides)
        last = market.update_id
        return self._book(market, last, last, self._clock.now_ns() // _MS, bids, asks)

    def agg_trade(self, market: Market, number: int, made: list[TradeRecord], unit_ns: int) -> bytes:
        first, last = made[0], made[-1]
        time = last.time_ns // unit_ns
        return (
            f'{{"e":"aggTrade","E":{time},"a":{number},"s":"{market.listing.native}",'
            f'"p":"{price(market, first.price)}","q":"{qty(market, sum(each.qty for each in made))}",'
            f'"f":{first.trade_id},"l":{last.trade_id},"T":{time},"m":{"false" if first.bought else "true"},'
            f'"st":{market.listing.venue_number}}}'
        ).encode()

    def book_ticker(self, market: Market) -> bytes:
        (bid, bid_qty), (ask, ask_qty) = (
            (price(market, side.best()), qty(market, side.totals.get(side.best(), 0)))
            for side in market.book.sides
        )
        time, native = self._clock.now_ns() // _MS, market.listing.native
        return (
            f'{{"e":"bookTicker","u":{market.update_id},"E":{time},"T":{time},"s":"{native}","b":"{bid}",'
            f'"B":"{bid_qty}","a":"{ask}","A":"{ask_qty}","st":{market.listing.venue_number},"ps":"{native}"}}'
        ).encode()

    def day_ticker(self, market: Market, now_ns: int, unit_ns: int) -> bytes:
        day, last, time = market.stats.day, market.trades[-1], now_ns // unit_ns
        average = price(market, day.turnover // day.volume if day.volume else day.close)
        return (
            f'{{"e":"24hrTicker","E":{time},"s":"{market.listing.native}",'
            f'"p":"{price(market, market.last_price - day.open)}","P":"{change_percent(market)}",'
            f'"w":"{average}","c":"{price(market, market.last_price)}","Q":"{qty(market, last.qty)}",'
            f'"o":"{price(market, day.open)}","h":"{price(market, day.high)}","l":"{price(market, day.low)}",'
            f'"v":"{qty(market, day.volume)}","q":"{turnover(market, day.volume, day.close)}",'
            f'"O":{time - _DAY_MS},"C":{time},"F":{last.trade_id - day.trades + 1},"L":{last.trade_id},'
            f'"n":{day.trades},"st":{market.listing.venue_number}}}'
        ).encode()

    def mini_ticker(self, market: Market, now_ns: int, unit_ns: int) -> bytes:
        day = market.stats.day
        return (
            f'{{"e":"24hrMiniTicker","E":{now_ns // unit_ns},"s":"{market.listing.native}",'
            f'"c":"{price(market, market.last_price)}","o":"{price(market, day.open)}",'
            f'"h":"{price(market, day.high)}","l":"{price(market, day.low)}",'
            f'"v":"{qty(market, day.volume)}","q":"{turnover(market, day.volume, day.close)}"}}'
        ).encode()

    def kline(
        self, market: Market, name: str, bar: TradedBar, now_ns: int, unit_ns: int, *, closed: bool
    ) -> bytes:
        native, begin = market.listing.native, bar.start_min * 60_000
        return (
            f'{{"e":"kline","E":{now_ns // unit_ns},"s":"{native}","k":{{"t":{begin},'
            f'"T":{begin + INTERVALS[name] * 60_000 - 1},"s":"{native}","i":"{name}",'
            f'"f":{bar.first_id or -1},"L":{bar.last_id or -1},"o":"{price(market, bar.open)}",'
            f'"c":"{price(market, bar.close)}",'
            f'"h":"{price(market, bar.high)}","l":"{price(market, bar.low)}","v":"{qty(market, bar.volume)}",'
            f'"n":{bar.trades},"x":{"true" if closed else "false"},'
            f'"q":"{turnover(market, bar.volume, bar.close)}","V":"{qty(market, bar.bought)}",'
            f'"Q":"{turnover(market, bar.bought, bar.close)}","B":"0"}}}}'
        ).encode()

    # what spot does not have

    def mark(self, market: Market, now_ns: int, unit_ns: int) -> bytes:
        """A future is charged no funding."""
        places, time = market.listing.price_decimals + 1, now_ns // unit_ns
        mark, index = fixed(mark_units(market), places), fixed(index_units(market), places)
        perpetual = market.listing.kind == "perpetual"
        rate = funding_rate(market) if perpetual else ""
        due = (time // _EIGHT_H_MS + 1) * _EIGHT_H_MS if perpetual else 0
        return (
            f'{{"e":"markPriceUpdate","E":{time},"s":"{market.listing.native}","p":"{mark}","i":"{index}",'
            f'"P":"{index}","r":"{rate}","T":{due},"st":{market.listing.venue_number}}}'
        ).encode()

    def liquidation(self, market: Market, made: TradeRecord, now_ns: int, unit_ns: int) -> bytes:
        """A market order of the flow, taken for the end of somebody's position."""
        side, at, size = "BUY" if made.bought else "SELL", price(market, made.price), qty(market, made.qty)
        return (
            f'{{"e":"forceOrder","E":{now_ns // unit_ns},"o":{{"s":"{market.listing.native}","S":"{side}",'
            f'"o":"LIMIT","f":"IOC","q":"{size}","p":"{at}","ap":"{at}","X":"FILLED","l":"{size}",'
            f'"z":"{size}","T":{made.time_ns // unit_ns}}}}}'
        ).encode()

    def contract(self, market: Market, status: str, now_ns: int, unit_ns: int) -> bytes:
        listing = market.listing
        return (
            f'{{"e":"contractInfo","E":{now_ns // unit_ns},"s":"{listing.native}","ps":"{listing.native}",'
            f'"ct":"{listing.contract_type}","cs":"{status}","st":{listing.venue_number}}}'
        ).encode()
