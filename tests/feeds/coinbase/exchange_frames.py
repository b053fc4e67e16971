"""Messages of Coinbase Exchange as its documentation shows them, and as it writes them since 2023.

https://docs.cdp.coinbase.com/exchange/websocket-feed/channels
"""

from __future__ import annotations

import json

SNAPSHOT = {
    "type": "snapshot",
    "product_id": "BTC-USD",
    "bids": [["10101.10", "0.45054140"], ["10101.00", "2"]],
    "asks": [["10102.55", "0.57753524"]],
}
CHANGE = {
    "type": "l2update",
    "product_id": "BTC-USD",
    "changes": [["buy", "10101.80", "0.162567"], ["sell", "10102.55", "0.00000000"]],
    "time": "2022-08-04T15:25:05.010758Z",
}
MATCH = {
    "type": "match",
    "trade_id": 10,
    "sequence": 50,
    "maker_order_id": "ac928c66-ca53-498f-9c13-a110027a60e8",
    "taker_order_id": "132fb6ae-456b-4654-b4e0-d681ac05cea1",
    "time": "2014-11-07T08:19:27.028459Z",
    "product_id": "BTC-USD",
    "size": "5.23512",
    "price": "400.23",
    "side": "sell",
}
LAST_MATCH = MATCH | {"type": "last_match"}
TICKER = {
    "type": "ticker",
    "sequence": 37475248783,
    "product_id": "ETH-USD",
    "price": "1285.22",
    "open_24h": "1310.79",
    "volume_24h": "245532.79269678",
    "low_24h": "1280.52",
    "high_24h": "1313.8",
    "volume_30d": "9788783.60117027",
    "best_bid": "1285.04",
    "best_bid_size": "0.46688654",
    "best_ask": "1285.27",
    "best_ask_size": "1.56637040",
    "side": "buy",
    "time": "2022-10-19T23:28:22.061769Z",
    "trade_id": 370843401,
    "last_size": "11.4396987",
}
BEAT = {
    "type": "heartbeat",
    "sequence": 90,
    "last_trade_id": 20,
    "product_id": "BTC-USD",
    "time": "2014-11-07T08:19:28.464459Z",
}
STATUS = {
    "type": "status",
    "products": [
        {
            "id": "BTC-USD",
            "base_currency": "BTC",
            "quote_currency": "USD",
            "base_increment": "0.00000001",
            "quote_increment": "0.01",
            "display_name": "BTC-USD",
            "status": "online",
            "status_message": None,
            "min_market_funds": "10",
            "post_only": False,
            "limit_only": False,
            "cancel_only": False,
            "fx_stablecoin": False,
        }
    ],
    "currencies": [{"id": "USD", "name": "United States Dollar", "min_size": "0.01000000"}],
}
SUBSCRIBED = {
    "type": "subscriptions",
    "channels": [
        {"name": "level2_50", "product_ids": ["BTC-USD"], "account_ids": None},
        {"name": "matches", "product_ids": ["ETH-USD"], "account_ids": None},
        {"name": "heartbeat", "product_ids": ["ETH-EUR"], "account_ids": None},
        {"name": "ticker", "product_ids": ["ETH-USD", "BTC-USD"], "account_ids": None},
    ],
}
ERROR = {"type": "error", "message": "Failed to subscribe", "reason": "GIBBERISH-USD is not a valid product"}
_ORDER = {
    "time": "2014-11-07T08:19:27.028459Z",
    "product_id": "BTC-USD",
    "sequence": 10,
    "order_id": "d50ec984-77a8-460a-b958-66f114b0de9b",
    "price": "502.1",
    "side": "buy",
}
FULL = [
    _ORDER | {"type": "received", "size": "1.34", "order_type": "limit"},
    _ORDER | {"type": "open", "remaining_size": "1.00"},
    _ORDER | {"type": "done", "reason": "filled", "remaining_size": "0"},
    _ORDER | {"type": "change", "reason": "modify_order", "new_size": "5.23512", "old_size": "12.234412"},
    {
        "type": "activate",
        "product_id": "BTC-USD",
        "timestamp": "1483736448.299000",
        "size": "2",
        "side": "buy",
    },
]


def encoded(message: dict) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode()


ALL = [
    encoded(each)
    for each in (SNAPSHOT, CHANGE, MATCH, LAST_MATCH, TICKER, BEAT, STATUS, SUBSCRIBED, ERROR, *FULL)
]
