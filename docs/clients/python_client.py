"""Order books, a JSON line each change: python python_client.py ws://host:8000/ws/v1/ KRAKEN:BTC/USD …"""

import asyncio
import json
import sys
from contextlib import suppress

from websockets import ConnectionClosed, connect


async def follow(url, *symbols, holes=0):
    subscribe = {"method": "subscribe", "params": {"channel": "book", "symbol": symbols, "depth": 10}}
    async for socket in connect(url):  # while nobody answers it tries again, later and later
        books = {}  # positions belong to a connection: begin again with snapshots
        with suppress(ConnectionClosed):
            await socket.send(json.dumps(subscribe))
            async for text in socket:
                frame = json.loads(text)
                assert frame.get("success", True), text  # an instrument that is not followed, say
                for row in frame.get("data", ()):
                    book = books.get((row["symbol"], row["epoch"]), {"seq": 0})
                    if row["prev"] > book["seq"]:  # a hole: ask for snapshots
                        holes += 1
                        await socket.send(json.dumps(subscribe))
                    elif row["seq"] > book["seq"]:  # snapshots, and states that are not live, replace it
                        book = book if row["prev"] and row.get("state", "live") == "live" else {}
                        for side in ("bids", "asks"):
                            levels = {**book.get(side, {}), **dict(row.get(side, ()))}
                            row[side] = {price: qty for price, qty in levels.items() if qty != "0"}
                        books[row["symbol"], row["epoch"]] = book = {**book, **row, "holes": holes}
                        print(json.dumps(book), flush=True)
                if "frame" in frame:
                    await socket.send(json.dumps({"method": "ack", "params": {"frame": frame["frame"]}}))
        await asyncio.sleep(1)


asyncio.run(follow(*sys.argv[1:]))
