"""Deribit's wire text: bare numbers, keys in an order of the venue's own.

https://docs.deribit.com/subscriptions/market-data
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from feeds.simulator import options
from feeds.simulator.assets import price_decimals
from feeds.simulator.deribit_session import Channel
from feeds.simulator.market import Market, TradeRecord
from feeds.simulator.text import fixed
from feeds.simulator.views import Batch

LEVELS = re.compile(rb'\["(?:new|change|delete)",(?P<price>[0-9.]+),(?P<qty>[0-9.]+)\]')
_STATES = {"trading": "open", "halted": "halted", "delisted": "delivered"}
_EIGHT_H = 0.0001


class Told:
    """The prices that a book had when something was last said of it: what is new there, and what changed."""

    def __init__(self, market: Market) -> None:
        self._known = [set(side.totals) for side in market.book.sides]

    def word(self, side: int, price: int, qty: int) -> str:
        known = self._known[side]
        if not qty:
            known.discard(price)
            return "delete"
        if price in known:
            return "change"
        known.add(price)
        return "new"


def framed(channel: str, data: str) -> bytes:
    head = '{"jsonrpc":"2.0","method":"subscription","params":{"channel":"'
    return f'{head}{channel}","data":{data}}}}}'.encode()


def result(number: Any, value: Any, now_ns: int) -> dict[str, Any]:
    us = now_ns // 1000
    return {
        "jsonrpc": "2.0", "id": number, "result": value, "usIn": us, "usOut": us + 90, "usDiff": 90,
        "testnet": False,
    }  # fmt: skip


def refusal(number: Any, code: int, message: str, now_ns: int) -> dict[str, Any]:
    us = now_ns // 1000
    error = {"code": code, "message": message, "data": None}
    return {
        "jsonrpc": "2.0",
        "id": number,
        "error": error,
        "usIn": us,
        "usOut": us,
        "usDiff": 0,
        "testnet": False,
    }


def heartbeat(word: str) -> bytes:
    return f'{{"jsonrpc":"2.0","method":"heartbeat","params":{{"type":"{word}"}}}}'.encode()


def price(market: Market, units: int) -> str:
    return fixed(units, market.listing.price_decimals)


def amount(market: Market, units: int) -> str:
    return fixed(units, market.listing.qty_decimals)


def snapshot(market: Market, now_ns: int) -> str:
    sides = ([f'["new",{price(market, p)},{amount(market, q)}]' for p, q in side.top(10_000)]
             for side in market.book.sides)  # fmt: skip
    bids, asks = map(",".join, sides)
    return (
        f'{{"type":"snapshot","timestamp":{now_ns // 1_000_000},"instrument_name":"{market.listing.native}",'
        f'"change_id":{market.update_id},"bids":[{bids}],"asks":[{asks}]}}'
    )


def change(market: Market, batch: Batch, told: Told, now_ns: int) -> str:
    sides: tuple[list[str], list[str]] = ([], [])
    for side, at, qty in ((*key, qty) for key, qty in batch.changes.items()):
        word = told.word(side, at, qty)
        sides[side].append(f'["{word}",{price(market, at)},{amount(market, qty) if qty else "0.0"}]')
    bids, asks = map(",".join, sides)
    return (
        f'{{"type":"change","timestamp":{now_ns // 1_000_000},"prev_change_id":{batch.first - 1},'
        f'"instrument_name":"{market.listing.native}","change_id":{batch.last},"bids":[{bids}],"asks":[{asks}]}}'
    )


def trades(market: Market, made: Iterable[TradeRecord], liquidated: set[int]) -> str:
    """``liquidated`` are trades in which the taker's position was ended by the venue."""
    index, mark = _index(market, market.trades[-1].time_ns), _mark(market)
    rows = ",".join(
        f'{{"trade_seq":{each.trade_id},"trade_id":"{each.trade_id}","timestamp":{each.time_ns // 1_000_000},'
        f'"tick_direction":0,"price":{price(market, each.price)},"mark_price":{mark},'
        f'"instrument_name":"{market.listing.native}","index_price":{index},'
        f'"direction":"{"buy" if each.bought else "sell"}","contracts":{amount(market, each.qty)},'
        f'"amount":{amount(market, each.qty)}{_flag(each.trade_id in liquidated)}}}'
        for each in made
    )
    return f"[{rows}]"


def _flag(liquidated: bool) -> str:
    return ',"liquidation":"T"' if liquidated else ""


def _index(market: Market, now_ns: int) -> str:
    dollars = market.dollars(now_ns)
    return f"{dollars:.{2 if dollars >= 100 else max(5, price_decimals(dollars, 5))}f}"


def _mark(market: Market) -> str:
    """The middle of the book, with two digits more."""
    bids, asks = market.book.sides
    return fixed((bids.best() + asks.best()) * 50, market.listing.price_decimals + 2)


def ticker(market: Market, now_ns: int) -> str:
    listing, day = market.listing, market.stats.day
    (bid, bid_qty), (ask, ask_qty) = (
        (side.best(), side.totals.get(side.best(), 0)) for side in market.book.sides
    )
    index = _index(market, now_ns)
    moved = (market.last_price - day.open) * 10_000 // max(day.open, 1)
    volume, worth = amount(market, day.volume), turnover(market, day.volume, day.close)
    stats = f'"volume_usd":{worth},"volume":{volume}' if not listing.inverse or listing.strike else (
        f'"volume_usd":{volume},"volume":{worth}'
    )  # fmt: skip
    return (
        f'{{"timestamp":{now_ns // 1_000_000},"stats":{{{stats},"price_change":{fixed(moved, 2)},'
        f'"low":{price(market, day.low)},"high":{price(market, day.high)}}},'
        f'"state":"{_STATES.get(market.status, "open")}","open_interest":{amount(market, day.volume // 3)},'
        f'"min_price":{price(market, max(1, bid // 2))},"max_price":{price(market, ask * 2)},'
        f'"last_price":{price(market, market.last_price)},"instrument_name":"{listing.native}",'
        f'"index_price":{index},"estimated_delivery_price":{index},"best_bid_price":{price(market, bid)},'
        f'"best_bid_amount":{amount(market, bid_qty)},"best_ask_price":{price(market, ask)},'
        f'"best_ask_amount":{amount(market, ask_qty)},{_own(market, now_ns)}}}'
    )


def turnover(market: Market, volume: int, at: int) -> str:
    prices, lots = 10**market.listing.price_decimals, 10**market.listing.qty_decimals
    if market.listing.inverse and not market.listing.strike:
        return fixed(volume * prices * 10**8 // (max(at, 1) * lots), 8)
    return fixed(volume * at * 100 // (prices * lots), 2)


def _own(market: Market, now_ns: int) -> str:
    """What only a contract of its kind has."""
    listing, mark = market.listing, f'"mark_price":{_mark(market)}'
    if listing.kind == "perpetual":
        spot, units = market.dollars(now_ns), 10**listing.price_decimals
        over = (market.last_price / units - spot) / spot
        rate = max(-0.005, min(0.005, _EIGHT_H + over / 10))
        return f'{mark},"current_funding":{rate:.8f},"funding_8h":{_EIGHT_H:.8f},"interest_value":0.0'
    if listing.kind != "option":
        return mark
    spot = market.dollars(now_ns)
    found = options.worth(listing, spot, now_ns)
    iv, theta = found.volatility * 100, min(-found.theta, found.price)
    return (
        f'"mark_price":{found.price / spot:.6f},"mark_iv":{iv:.2f},"bid_iv":{max(0.0, iv - 1.1):.2f},'
        f'"ask_iv":{iv + 1.2:.2f},"underlying_price":{spot:.2f},'
        f'"underlying_index":"SYN.{"-".join(listing.native.split("-")[:2])}","interest_rate":0.0,'
        f'"greeks":{{"vega":{found.vega:.5f},"theta":{-theta:.5f},"rho":{found.rho:.5f},'
        f'"gamma":{found.gamma:.5f},"delta":{found.delta:.5f}}}'
    )


def index(bases: Mapping[str, Market], channel: Channel, now_ns: int) -> str:
    """A price of an asset, or how volatile it is expected to be."""
    base, ms = base_of(channel.index), now_ns // 1_000_000
    if channel.kind == "deribit_volatility_index":
        value = options.level(now_ns) * 100
        return f'{{"volatility":{value:.4f},"timestamp":{ms},"index_name":"{channel.index}"}}'
    volatile = base.lower() != channel.index.partition("_")[0]
    price = f"{options.level(now_ns) * 100:.4f}" if volatile else _index(bases[base], now_ns)
    return f'{{"timestamp":{ms},"price":{price},"index_name":"{channel.index}"}}'


def base_of(index: str) -> str:
    """``BTC`` of ``btc_usd`` and of ``btcdvol_usdc``, what futures on its volatility are priced off."""
    return index.partition("_")[0].removesuffix("dvol").upper()


def listing(native: str, state: str, now_ns: int) -> str:
    return f'{{"timestamp":{now_ns // 1_000_000},"state":"{state}","instrument_name":"{native}"}}'


def names(bases: Sequence[str], inverse: Sequence[str]) -> list[str]:
    """Of indexes; of the majors there are futures on their volatility too."""
    return [*(f"{base.lower()}_usd" for base in bases), *(f"{base.lower()}dvol_usdc" for base in inverse)]
