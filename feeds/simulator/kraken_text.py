"""Kraken's wire text (WebSocket v2): bare numbers with all their decimals, keys in the venue's order.

https://docs.kraken.com/api/docs/websocket-v2/book
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

from feeds.simulator.bars import TradedBar
from feeds.simulator.market import Market, TradeRecord
from feeds.simulator.text import fixed, increment, iso_us

CHECKSUM_LEVELS = 10
# What the venue calls some assets in REST and in its old protocol.
OLD_NAMES = {"BTC": "XBT", "DOGE": "XDG"}
_PREFIXED = {"XBT": "XXBT", "ETH": "XETH", "LTC": "XLTC", "XRP": "XXRP", "XDG": "XXDG", "XLM": "XXLM",
             "XMR": "XXMR", "ZEC": "XZEC", "ETC": "XETC", "USD": "ZUSD", "EUR": "ZEUR",
             "GBP": "ZGBP", "JPY": "ZJPY",
             "AUD": "ZAUD", "CAD": "ZCAD"}  # fmt: skip


def checksum(market: Market) -> int:
    """CRC32 of the ten best levels, asks first. In whole units the digits need no stripping."""
    bids, asks = market.book.sides
    text = "".join(
        f"{price}{qty}" for side in (asks, bids) for price, qty in side.top(CHECKSUM_LEVELS)
    )  # fmt: skip
    return zlib.crc32(text.encode())


def levels_text(market: Market, levels: Iterable[tuple[int, int]]) -> str:
    decimals, lot = market.listing.price_decimals, market.listing.qty_decimals
    return ",".join(f'{{"price":{fixed(price, decimals)},"qty":{fixed(qty, lot)}}}' for price, qty in levels)


def book(
    market: Market, kind: str, sides: Sequence[Iterable[tuple[int, int]]], crc: int, now_ns: int
) -> bytes:
    """``kind`` is snapshot or update."""
    bids, asks = levels_text(market, sides[0]), levels_text(market, sides[1])
    return (
        f'{{"channel":"book","type":"{kind}","data":[{{"symbol":"{market.listing.native}","bids":[{bids}],'
        f'"asks":[{asks}],"checksum":{crc},"timestamp":"{iso_us(now_ns)}"}}]}}'
    ).encode()


def trades(market: Market, kind: str, made: Iterable[TradeRecord]) -> bytes:
    """Oldest first; ``side`` is the taker's."""
    decimals, lot = market.listing.price_decimals, market.listing.qty_decimals
    rows = ",".join(
        f'{{"symbol":"{market.listing.native}","side":"{"buy" if trade.bought else "sell"}",'
        f'"price":{fixed(trade.price, decimals)},"qty":{fixed(trade.qty, lot)},'
        f'"ord_type":"{"market" if trade.market else "limit"}","trade_id":{trade.trade_id},'
        f'"timestamp":"{iso_us(trade.time_ns)}"}}'
        for trade in made
    )
    return f'{{"channel":"trade","type":"{kind}","data":[{rows}]}}'.encode()


def ticker(market: Market, kind: str, now_ns: int) -> bytes:
    decimals, lot = market.listing.price_decimals, market.listing.qty_decimals
    bids, asks = market.book.sides
    bid, ask, day = bids.best(), asks.best(), market.stats.day
    change = market.last_price - day.open
    percent = fixed(round(change * 10_000 / day.open), 2)
    return (
        f'{{"channel":"ticker","type":"{kind}","data":[{{"symbol":"{market.listing.native}",'
        f'"bid":{fixed(bid, decimals)},"bid_qty":{fixed(bids.totals.get(bid, 0), lot)},'
        f'"ask":{fixed(ask, decimals)},"ask_qty":{fixed(asks.totals.get(ask, 0), lot)},'
        f'"last":{fixed(market.last_price, decimals)},"volume":{fixed(day.volume, lot)},'
        f'"vwap":{fixed(market.stats.average, decimals)},"low":{fixed(day.low, decimals)},'
        f'"high":{fixed(day.high, decimals)},"change":{fixed(change, decimals)},"change_pct":{percent},'
        f'"timestamp":"{iso_us(now_ns)}"}}]}}'
    ).encode()


def ohlc(market: Market, kind: str, interval: int, bars: Iterable[TradedBar], now_ns: int) -> bytes:
    rows = ",".join(_bar(market, interval, bar) for bar in bars)
    stamp = iso_us(now_ns)
    return f'{{"channel":"ohlc","type":"{kind}","timestamp":"{stamp}","data":[{rows}]}}'.encode()


def _bar(market: Market, interval: int, bar: TradedBar) -> str:
    decimals, lot = market.listing.price_decimals, market.listing.qty_decimals
    begin_ns = bar.start_min * 60_000_000_000
    end = iso_us(begin_ns + interval * 60_000_000_000)
    return (
        f'{{"symbol":"{market.listing.native}","open":{fixed(bar.open, decimals)},'
        f'"high":{fixed(bar.high, decimals)},"low":{fixed(bar.low, decimals)},'
        f'"close":{fixed(bar.close, decimals)},"trades":{bar.trades},"volume":{fixed(bar.volume, lot)},'
        f'"vwap":{average(bar, decimals)},"interval_begin":"{iso_us(begin_ns)[:-1]}000Z",'
        f'"interval":{interval},"timestamp":"{end}"}}'
    )


def average(bar: TradedBar, decimals: int) -> str:
    return fixed(bar.turnover // bar.volume if bar.volume else 0, decimals)


def status(system: str, connection_id: int) -> bytes:
    return (
        f'{{"channel":"status","type":"update","data":[{{"version":"2.0.10","system":"{system}",'
        f'"api_version":"v2","connection_id":{connection_id}}}]}}'
    ).encode()


def instruments(kind: str, markets: Sequence[Market]) -> bytes:
    codes = sorted({code for each in markets for code in (each.listing.base, each.listing.quote)})
    assets = ",".join(
        f'{{"id":"{code}","status":"enabled","precision":10,"precision_display":5,"borrowable":false,'
        f'"collateral_value":1.00}}' for code in codes
    )  # fmt: skip
    pairs = ",".join(_pair(each) for each in markets)
    data = f'{{"assets":[{assets}],"pairs":[{pairs}]}}'
    return f'{{"channel":"instrument","type":"{kind}","data":{data}}}'.encode()


def _pair(market: Market) -> str:
    each = market.listing
    tick = increment(each.price_decimals)
    state = {"trading": "online", "halted": "maintenance"}.get(market.status, market.status)
    return (
        f'{{"symbol":"{each.native}","base":"{each.base}","quote":"{each.quote}","status":"{state}",'
        f'"qty_precision":{each.qty_decimals},"qty_increment":{increment(each.qty_decimals)},'
        f'"price_precision":{each.price_decimals},"cost_precision":5,"marginable":false,"has_index":true,'
        f'"cost_min":0.50,"tick_size":{tick},"price_increment":{tick},'
        f'"qty_min":{increment(each.qty_decimals, 100)}}}'
    )


def old_name(asset: str) -> str:
    return OLD_NAMES.get(asset, asset)


def pair_key(base: str, quote: str) -> str:
    """The key of a pair in REST: ``XXBTZUSD``, ``SOLUSD``, ``XDGUSD``."""
    old_base, old_quote = old_name(base), old_name(quote)
    if old_base in _PREFIXED and old_quote in _PREFIXED and old_base != "XDG":
        return _PREFIXED[old_base] + _PREFIXED[old_quote]
    return old_base + old_quote


def asset_code(asset: str) -> str:
    return _PREFIXED.get(old_name(asset), old_name(asset))
