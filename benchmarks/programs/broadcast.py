"""The peer ``websockets.broadcast``: python broadcast.py PORT FEED_PORT; the feeder sends lines."""

from __future__ import annotations

import asyncio
import sys

from websockets.asyncio.server import ServerConnection, broadcast, serve

clients: set[ServerConnection] = set()


async def client(connection: ServerConnection) -> None:
    clients.add(connection)
    try:
        await connection.wait_closed()
    finally:
        clients.discard(connection)


async def feed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while line := await reader.readline():
        broadcast(clients, line[:-1].decode())
    writer.close()


async def main(port: int, feed_port: int) -> None:
    feeder = await asyncio.start_server(feed, "127.0.0.1", feed_port, limit=1 << 20)
    async with feeder, serve(client, "127.0.0.1", port, compression=None) as server:
        await server.serve_forever()


asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
