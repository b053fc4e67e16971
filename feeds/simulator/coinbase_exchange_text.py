"""Coinbase Exchange's wire text: books with all their decimals, everything else an object with a type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from feeds.simulator.exchange import as_json
from feeds.simulator.market import Market, TradeRecord
from feeds.simulator.text import fixed, increment, iso_us

_SIDES = ("buy", "sell")


def price(market: Market, units: int) -> str:
    return fixed(units, market.listing.price_decimals)


def size(market: Market, units: int) -> str:
    return fixed(units, market.listing.qty_decimals)


def snapshot(market: Market) -> bytes:
    bids, asks = (
        [[price(market, units), size(market, qty)] for units, qty in side.top(0)]
        for side in market.book.sides
    )
    return as_json({"type": "snapshot", "product_id": market.listing.native, "asks": asks, "bids": bids})


def change(market: Market, changed: Mapping[tuple[int, int], int], now_ns: int) -> bytes:
    """``changed``: side and price → what is there now, 0 for nothing."""
    rows = [[_SIDES[side], price(market, units), size(market, qty)] for (side, units), qty in changed.items()]
    return as_json(
        {"type": "l2update", "product_id": market.listing.native, "changes": rows, "time": iso_us(now_ns)}
    )


def match(market: Market, made: TradeRecord, kind: str = "match") -> bytes:
    """``side`` is the maker's: what a buyer took was for sale."""
    orders = f"00000000-0000-4000-8000-{made.trade_id:012d}"
    return as_json(
        {
            "type": kind, "trade_id": made.trade_id, "maker_order_id": orders, "taker_order_id": orders,
            "side": _SIDES[made.bought], "size": size(market, made.qty), "price": price(market, made.price),
            "product_id": market.listing.native, "sequence": market.update_id, "time": iso_us(made.time_ns),
        }
    )  # fmt: skip


def last_match(market: Market) -> bytes:
    return match(market, market.trades[-1], "last_match")


def ticker(market: Market) -> bytes:
    """Of the last trade; the best prices are those of now, as they are when it was made just now."""
    bids, asks = market.book.sides
    bid, ask, day, last = bids.best(), asks.best(), market.stats.day, market.trades[-1]
    return as_json(
        {
            "type": "ticker", "sequence": market.update_id, "product_id": market.listing.native,
            "price": price(market, last.price), "open_24h": price(market, day.open),
            "volume_24h": size(market, day.volume), "low_24h": price(market, day.low),
            "high_24h": price(market, day.high), "volume_30d": size(market, 30 * day.volume),
            "best_bid": price(market, bid), "best_bid_size": size(market, bids.totals.get(bid, 0)),
            "best_ask": price(market, ask), "best_ask_size": size(market, asks.totals.get(ask, 0)),
            "side": _SIDES[not last.bought], "time": iso_us(last.time_ns), "trade_id": last.trade_id,
            "last_size": size(market, last.qty),
        }
    )  # fmt: skip


def heartbeat(market: Market, now_ns: int) -> bytes:
    return as_json(
        {
            "type": "heartbeat", "last_trade_id": market.trades[-1].trade_id,
            "product_id": market.listing.native, "sequence": market.update_id, "time": iso_us(now_ns),
        }
    )  # fmt: skip


def product(market: Market) -> dict[str, object]:
    """A row of the list by REST, and of ``status``."""
    each, halted = market.listing, market.status != "trading"
    return {
        "id": each.native, "base_currency": each.base, "quote_currency": each.quote,
        "quote_increment": increment(each.price_decimals), "base_increment": increment(each.qty_decimals),
        "display_name": f"{each.base}-{each.quote}", "min_market_funds": "1", "margin_enabled": False,
        "post_only": False, "limit_only": False, "cancel_only": False, "trading_disabled": halted,
        "status": "offline" if halted else "online", "status_message": "", "fx_stablecoin": False,
        "max_slippage_percentage": "0.02000000", "auction_mode": False, "high_bid_limit_percentage": "",
    }  # fmt: skip


def statuses(markets: Iterable[Market]) -> bytes:
    return as_json({"type": "status", "currencies": [], "products": list(map(product, markets))})


def error(message: str, reason: str = "") -> bytes:
    return as_json({"type": "error", "message": message} | ({"reason": reason} if reason else {}))
