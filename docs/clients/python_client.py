"""Order books, complete or not shown: python python_client.py ws://host:8000/ws/v1/ KRAKEN:BTC/USD …"""

import asyncio
import contextlib
import json
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed


async def follow(url, symbols, on_book, depth=10):
    async for socket in connect(url):  # comes back by itself, later and later
        with contextlib.suppress(ConnectionClosed):
            await subscribe(socket, symbols, depth)
            books = {}  # positions belong to a connection: begin again with snapshots
            async for text in socket:
                frame = json.loads(text)
                for row in frame.get("data", ()):
                    mine = books.get(row["symbol"], {"epoch": "", "seq": 0})
                    if row["epoch"] == mine["epoch"] and row["seq"] <= mine["seq"]:
                        continue  # known already
                    if row["prev"] and (row["epoch"] != mine["epoch"] or row["prev"] > mine["seq"]):
                        await subscribe(socket, [row["symbol"]], depth)  # a hole: begin again
                        continue
                    whole = not row["prev"] or row.get("state", "live") != "live"  # nothing to build on
                    old = {} if whole else mine
                    for side in ("bids", "asks"):
                        levels = {**old.get(side, {}), **dict(row.pop(side, ()))}
                        row[side] = {price: qty for price, qty in levels.items() if qty != "0"}
                    books[row["symbol"]] = book = {**old, **row}
                    on_book(book)
                if "frame" in frame:
                    await socket.send(json.dumps({"method": "ack", "params": {"frame": frame["frame"]}}))


async def subscribe(socket, symbols, depth):
    params = {"channel": "book", "symbol": list(symbols), "depth": depth}
    await socket.send(json.dumps({"method": "subscribe", "params": params}))


def show(book):
    best = max(book["bids"], key=float, default="-"), min(book["asks"], key=float, default="-")
    print(book["symbol"], book["state"], *best, flush=True)


if __name__ == "__main__":
    asyncio.run(follow(sys.argv[1], sys.argv[2:], show))
