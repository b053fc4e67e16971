"""coinbase-advanced-py against an address: ``host:port``. Prints what it understood as JSON."""

import json
import sys
import threading
import time

from coinbase.rest import RESTClient
from coinbase.websocket import WebsocketResponse, WSClient

HOST = sys.argv[1]
CHANNELS = {"ticker", "l2_data", "market_trades", "candles", "heartbeats", "subscriptions"}


def rest() -> dict[str, object]:
    client, now = RESTClient(base_url=HOST), int(time.time())
    window = {"start": str(now - 600), "end": str(now), "granularity": "ONE_MINUTE"}
    book = client.get_public_product_book("BTC-USD", limit=5).pricebook
    return {
        "time": client.get_unix_time().epoch_seconds,
        "products": [product.product_id for product in client.get_public_products().products],
        "price": client.get_public_product("BTC-USD").price,
        "bids": [[level.price, level.size] for level in book.bids],
        "candles": [candle.close for candle in client.get_public_candles("BTC-USD", **window).candles],
        "trades": [trade.price for trade in client.get_public_market_trades("BTC-USD", limit=3).trades],
    }


def stream() -> dict[str, object]:
    seen: dict[str, WebsocketResponse] = {}
    complete = threading.Event()

    def take(text: str) -> None:
        # Its class asks for a client_id, which the exchange no longer sends with each frame.
        response = WebsocketResponse({"client_id": "", **json.loads(text)})
        seen.setdefault(response.channel, response)
        if seen.keys() >= CHANNELS:
            complete.set()

    client = WSClient(base_url=f"wss://{HOST}", on_message=take, timeout=5)
    client.open()
    client.heartbeats()
    client.subscribe(["BTC-USD"], ["ticker", "level2", "market_trades", "candles"])
    complete.wait(30)
    client.sleep_with_exception_check(0)
    client.unsubscribe_all()
    client.close()
    return {
        "channels": sorted(seen),
        "bid": seen["ticker"].events[0].tickers[0].best_bid,
        "levels": len(seen["l2_data"].events[0].updates),
        "trade": seen["market_trades"].events[0].trades[0].price,
        "candle": max(seen["candles"].events[0].candles, key=lambda candle: int(candle.start)).close,
    }


print(json.dumps({"rest": rest(), "stream": stream()}))
