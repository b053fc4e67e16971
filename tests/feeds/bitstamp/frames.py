"""Messages of Bitstamp as its documentation and open clients show them, of 2019 to 2026.

https://www.bitstamp.net/websocket/v2/ has the fields; values are those of
https://github.com/bmoscon/cryptofeed/blob/master/cryptofeed/exchanges/bitstamp.py (2019),
https://github.com/ccxt/ccxt/blob/master/python/ccxt/pro/bitstamp.py and …/ccxt/bitstamp.py (2020 to 2026).
"""

from __future__ import annotations

import json
from typing import Any


def encoded(message: dict[str, Any]) -> bytes:
    """As the venue writes: blanks behind commas and colons, the channel behind the data."""
    return json.dumps(message).encode()


def told(event: str, channel: str, data: object) -> bytes:
    return encoded({"data": data, "channel": channel, "event": event})


OLD_TRADE = {
    "microtimestamp": "1562650233964229",
    "amount": 0.014140160000000001,
    "buy_order_id": 3709484695,
    "sell_order_id": 3709484799,
    "amount_str": "0.01414016",
    "price_str": "12700.00",
    "timestamp": "1562650233",
    "price": 12700.0,
    "type": 1,
    "id": 93215787,
}
TRADES = [
    OLD_TRADE,
    {
        "buy_order_id": 1211625836466176,
        "amount_str": "1.08000000",
        "timestamp": "1584642064",
        "microtimestamp": "1584642064685000",
        "id": 108637852,
        "amount": 1.08,
        "sell_order_id": 1211625840754689,
        "price_str": "6294.77",
        "type": 1,
        "price": 6294.77,
    },
    {
        "buy_order_id": 1207733769326592,
        "amount_str": "0.14406384",
        "timestamp": "1583691851",
        "microtimestamp": "1583691851934000",
        "id": 106833903,
        "amount": 0.14406384,
        "sell_order_id": 1207733765476352,
        "price_str": "8302.92",
        "type": 0,
        "price": 8302.92,
    },
]
NEW_TRADE = {
    "id": 2001939623936278528,
    "id_str": "2001939623936278528",
    "type": 0,
    "sell_order_id": 2050545352740993,
    "buy_order_id": 2050545360601216,
    "amount": 0.00921,
    "amount_str": "0.00921",
    "price": 77204,
    "price_str": "77204",
    "microtimestamp": "1789456400586000",
    "timestamp": "1789456400586",
}
PICTURE = {
    "timestamp": "1789457617",
    "microtimestamp": "1789457617906487",
    "bids": [["77188", "0.41122"], ["77183", "0.32386"], ["77180", "1.87131"]],
    "asks": [["77189", "0.41124"], ["77193", "0.32385"], ["77194", "1.10113"]],
}
CHANGE = {
    "timestamp": "1560182488",
    "microtimestamp": "1560182488522670",
    "bids": [["7937.24", "0.00000000"], ["7935.33", "3.14680000"]],
    "asks": [["7945.54", "0.10000000"], ["7948.10", "0.00000000"]],
}
NEW_CHANGE = {
    "timestamp": "1789456316",
    "microtimestamp": "1789456316507635",
    "bids": [["77049", "0.00000"]],
    "asks": [],
}
RATE = {
    "market": "btcusd-perp",
    "mark_price": "77291.94844771",
    "index_price": "77276.264",
    "funding_rate": "0.00013",
    "timestamp": "1789455924",
    "next_funding_time": "1789459200",
}
BOOK = {
    "timestamp": "1583652948",
    "microtimestamp": "1583652948955826",
    "bids": [["8750.00", "1.33685271"], ["8749.39", "0.07700000"], ["8746.98", "0.07400000"]],
    "asks": [["8754.10", "1.51995636"], ["8754.71", "1.40000000"], ["8754.72", "2.50000000"]],
}
AGREED = encoded({"event": "bts:subscription_succeeded", "channel": "order_book_btcusd", "data": {}})
LEFT = encoded({"event": "bts:unsubscription_succeeded", "channel": "order_book_btcusd", "data": {}})
REFUSED = encoded(
    {"event": "bts:error", "channel": "", "data": {"code": None, "message": "Invalid channel provided."}}
)
UNREAD = encoded(
    {"event": "bts:error", "channel": "", "data": {"code": 4009, "message": "Connection is unauthorized."}}
)
BEAT = encoded({"event": "bts:heartbeat", "channel": "", "data": {"status": "success"}})
MOVED = encoded({"event": "bts:request_reconnect", "channel": "", "data": None})
DETAIL = told(
    "data", "detail_order_book_btcusd", {**PICTURE, "bids": [["8732.02", "0.00002478", "12075905"]]}
)
ORDER = told("order_created", "live_orders_btcusd", {"id": 1, "order_type": 0, "price_str": "1"})
ALL = [
    *(told("trade", "live_trades_btcusd", each) for each in TRADES),
    told("trade", "live_trades_btcusd-perp", NEW_TRADE),
    told("data", "order_book_btcusd-perp", PICTURE),
    told("data", "diff_order_book_btcusd", CHANGE),
    told("data", "diff_order_book_btcusd-perp", NEW_CHANGE),
    told("funding_rate_saved", "funding_rate_btcusd-perp", RATE),
    AGREED,
    LEFT,
    REFUSED,
    UNREAD,
    BEAT,
    MOVED,
    DETAIL,
    ORDER,
]
