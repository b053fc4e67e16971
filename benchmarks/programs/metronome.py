"""An exchange that only ticks: python -m benchmarks.programs.metronome PORT UPDATES_PER_S [SYMBOLS].

It speaks as much of Kraken's v2 as a session needs for tickers, at an exact rate spread evenly over the
subscribed symbols. The bid's size of each update is the monotonic clock in microseconds, read right before
the socket is written, so that whoever reads the update at the far end knows how old it is: exact text is
carried through. It exists beside the simulator because there a tick's time is the market's, not the socket's.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterable
from http import HTTPStatus

from websockets.asyncio.server import Request, Response, ServerConnection, serve
from websockets.frames import Frame, Opcode

STATUS = {
    "channel": "status",
    "type": "update",
    "data": [{"system": "online", "api_version": "v2", "connection_id": 1, "version": "2.0.0"}],
}
HEARTBEAT = '{"channel":"heartbeat"}'
STEP_S = 0.001


def ticker(symbol: str, count: int, kind: str = "update") -> bytes:
    """One ticker as Kraken writes it. Its prices walk up and down by one tick; a day ago it cost the same."""
    step = count % 7
    at = 64000 + step
    stamp = time.monotonic_ns() // 1000
    return (
        f'{{"channel":"ticker","type":"{kind}","data":[{{"symbol":"{symbol}","bid":{at}.1,"bid_qty":{stamp},'
        f'"ask":{at}.2,"ask_qty":0.80000000,"last":{at}.1,"volume":1234.56780000,"vwap":64000.1,'
        f'"low":63000.0,"high":65000.0,"change":{step + 12}.3,"change_pct":0.02}}]}}'
    ).encode()


def framed(text: bytes) -> bytes:
    return Frame(Opcode.TEXT, text).serialize(mask=False)


class Metronome:
    """All links share the rate: a symbol ticks on the link that asked for it."""

    def __init__(self, updates_per_s: float) -> None:
        self.updates_per_s = updates_per_s
        self.subscribed: dict[str, ServerConnection] = {}

    async def link(self, ws: ServerConnection) -> None:
        await ws.send(json.dumps(STATUS))
        try:
            async for message in ws:
                await self.answer(ws, json.loads(message))
        finally:
            self.subscribed = {name: owner for name, owner in self.subscribed.items() if owner is not ws}

    async def answer(self, ws: ServerConnection, request: dict) -> None:
        if request["method"] == "ping":
            await ws.send(json.dumps({"method": "pong", "req_id": request.get("req_id", 0)}))
            return
        channel, symbols = request["params"]["channel"], request["params"]["symbol"]
        for symbol in symbols:
            result = {"channel": channel, "symbol": symbol, "snapshot": True}
            body = {"method": request["method"], "result": result, "success": True}
            await ws.send(json.dumps({**body, "req_id": request.get("req_id", 0)}))
        if channel == "ticker" and request["method"] == "subscribe":
            for symbol in symbols:
                self.subscribed[symbol] = ws
                ws.transport.write(framed(ticker(symbol, 0, "snapshot")))

    async def tick(self) -> None:
        """Writes what is due, one write per update; never catches up more than a tenth of a second."""
        started, sent = time.monotonic(), 0.0
        while True:
            await asyncio.sleep(STEP_S)
            due = (time.monotonic() - started) * self.updates_per_s
            sent = max(sent, due - self.updates_per_s / 10)
            names = list(self.subscribed)
            while names and sent < due:
                name = names[int(sent) % len(names)]
                self.subscribed[name].transport.write(framed(ticker(name, int(sent) // len(names))))
                sent += 1
            if not names:
                sent = due

    async def beat(self) -> None:
        while True:
            await asyncio.sleep(1)
            for ws in set(self.subscribed.values()):
                ws.transport.write(framed(HEARTBEAT.encode()))


def pairs(symbols: Iterable[str]) -> str:
    """The answer to AssetPairs, for a worker that asks which instruments there are."""
    one = {
        "pair_decimals": 1,
        "lot_decimals": 8,
        "aclass_base": "currency",
        "tick_size": "0.1",
        "status": "online",
    }
    result = {name.replace("/", ""): {**one, "wsname": name} for name in symbols}
    return json.dumps({"error": [], "result": result})


def only_sockets(known: str) -> object:
    """Answers REST with the pairs, or with Kraken's words for an unknown query."""

    def respond(connection: ServerConnection, request: Request) -> Response | None:
        if "upgrade" in request.headers.get("Connection", "").lower():
            return None
        unknown = '{"error":["EQuery:Unknown asset pair"]}'
        return connection.respond(HTTPStatus.OK, known if "AssetPairs" in request.path else unknown)

    return respond


async def main(port: int, updates_per_s: float, symbols: list[str]) -> None:
    metronome = Metronome(updates_per_s)
    options = {"compression": None, "process_request": only_sockets(pairs(symbols))}
    async with serve(metronome.link, "127.0.0.1", port, **options), asyncio.TaskGroup() as tasks:
        tasks.create_task(metronome.tick())
        tasks.create_task(metronome.beat())


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]))
