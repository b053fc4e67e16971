"""binance-sdk-spot against two addresses, REST's and the stream's. Prints what it understood as JSON."""

import asyncio
import json
import sys

from binance_sdk_spot.spot import ConfigurationRestAPI, ConfigurationWebSocketStreams, Spot

REST, STREAM = sys.argv[1:]
STREAMS = {
    "trade": {},
    "agg_trade": {},
    "book_ticker": {},
    "ticker": {},
    "mini_ticker": {},
    "kline": {"interval": "1m"},
    "diff_book_depth": {"update_speed": "100ms"},
    "partial_book_depth": {"levels": "10", "update_speed": "100ms"},
}


def rest(spot: Spot) -> dict[str, object]:
    api = spot.rest_api
    depth = api.depth(symbol="BTCUSDT", limit=5).data()
    return {
        "time": api.time().data().server_time,
        "symbols": [each.symbol for each in api.exchange_info().data().symbols],
        "bids": depth.bids,
        "position": depth.last_update_id,
        "klines": len(api.klines(symbol="BTCUSDT", interval="1m", limit=3).data()),
        "trades": [each.price for each in api.get_trades(symbol="BTCUSDT", limit=3).data()],
        "last": api.ticker24hr(symbol="BTCUSDT").data().actual_instance.last_price,
    }


async def stream(spot: Spot) -> dict[str, object]:
    seen, complete = {}, asyncio.Event()

    def keep(name: str, message: object) -> None:
        seen.setdefault(name, message)
        if len(seen) == len(STREAMS):
            complete.set()

    streams = spot.websocket_streams
    await streams.create_connection()
    for name, options in STREAMS.items():
        handle = await getattr(streams, name)(symbol="btcusdt", **options)
        handle.on("message", lambda message, name=name: keep(name, message))
    await asyncio.wait_for(complete.wait(), 30)
    listed = await streams.list_subscribe()
    await streams.close_connection()
    return {
        "types": {name: type(message).__name__ for name, message in seen.items()},
        "trade": seen["trade"].p,
        "bid": seen["book_ticker"].b,
        "close": seen["kline"].k.c,
        "first": seen["diff_book_depth"].U,
        "levels": len(seen["partial_book_depth"].bids),
        "subscribed": len(listed["result"]),
    }


spot = Spot(
    config_rest_api=ConfigurationRestAPI(api_key="", api_secret="", base_path=REST),
    config_ws_streams=ConfigurationWebSocketStreams(stream_url=STREAM),
)
print(json.dumps({"rest": rest(spot), "stream": asyncio.run(stream(spot))}))
