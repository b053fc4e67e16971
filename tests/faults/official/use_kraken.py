"""python-kraken-sdk against an address of TLS: ``host:port``. Prints what it understood as JSON.

Kraken publishes no library of its own for Python; this is the one its v2 protocol is most often spoken with.
"""

import asyncio
import json
import sys

from kraken.spot import Market, SpotWSClient

HOST = sys.argv[1]
CHANNELS = {
    "ticker": {},
    "book": {"depth": 25},
    "trade": {},
    "ohlc": {"interval": 1},
}


def rest() -> dict[str, object]:
    market = Market(url=f"https://{HOST}")
    book = market.get_order_book(pair="XBTUSD", count=5)["XXBTZUSD"]
    return {
        "status": market.get_system_status()["status"],
        "pairs": [pair["wsname"] for pair in market.get_asset_pairs().values()],
        "bitcoin": market.get_assets()["XXBT"]["altname"],
        "last": market.get_ticker(pair="XBTUSD")["XXBTZUSD"]["c"][0],
        "bids": [level[:2] for level in book["bids"]],
        "trades": [row[0] for row in market.get_recent_trades(pair="XBTUSD")["XXBTZUSD"]],
        "candles": len(market.get_ohlc(pair="XBTUSD", interval=1)["XXBTZUSD"]),
    }


class Client(SpotWSClient):
    PROD_ENV_URL = HOST

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, dict] = {}
        self.complete, self.left = asyncio.Event(), asyncio.Event()

    async def on_message(self, message: dict) -> None:
        self.seen.setdefault(message.get("channel") or message.get("method", "error"), message)
        if self.seen.keys() >= {*CHANNELS, "instrument", "status", "pong"}:
            self.complete.set()
        if message.get("method") == "unsubscribe" and message["success"]:
            self.left.set()


async def stream() -> dict[str, object]:
    client = Client()
    await client.start()
    for channel, options in CHANNELS.items():
        await client.subscribe(params={"channel": channel, "symbol": ["BTC/USD"], **options})
    await client.subscribe(params={"channel": "instrument"})
    await asyncio.wait_for(client.complete.wait(), 30)
    subscribed = len(client.active_public_subscriptions)
    await client.unsubscribe(params={"channel": "ticker", "symbol": ["BTC/USD"]})
    await asyncio.wait_for(client.left.wait(), 10)
    seen = client.seen
    return {
        "kinds": sorted(seen),
        "subscribed": subscribed,
        "left": len(client.active_public_subscriptions),
        "bid": seen["ticker"]["data"][0]["bid"],
        "levels": len(seen["book"]["data"][0]["bids"]),
        "trade": seen["trade"]["data"][0]["price"],
        "pairs": [pair["symbol"] for pair in seen["instrument"]["data"]["pairs"]],
    }


print(json.dumps({"rest": rest(), "stream": asyncio.run(stream())}))
