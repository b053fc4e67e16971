"""An exchange of nothing but options: python -m benchmarks.programs.chain_exchange PORT OPTIONS TICKS_PER_S.

It speaks as much of Deribit's protocol as a session needs for tickers, and tells each option so often,
spread evenly. The size of the best bid is the monotonic clock in microseconds right before the socket is
written, so that whoever reads it at the far end knows how old it is.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

from websockets.asyncio.server import ServerConnection, serve

from benchmarks.programs.metronome import framed
from benchmarks.rig.chain import natives

STEP_S = 0.005
SPOT = 64000


def ticker(native: str, count: int) -> bytes:
    """One option as Deribit writes it; its figures walk up and down."""
    step, wall_ms, stamp = count % 7, time.time_ns() // 1_000_000, time.monotonic_ns() // 1000
    return (
        f'{{"jsonrpc":"2.0","method":"subscription","params":{{"channel":"ticker.{native}.100ms","data":{{'
        f'"underlying_price":{SPOT + step}.27,"underlying_index":"SYN.BTC","timestamp":{wall_ms},"stats":'
        f'{{"volume_usd":12345.67,"volume":31.4,"price_change":1.5,"low":0.08,"high":0.1}},"state":"open",'
        f'"settlement_price":0.087,"open_interest":1047.{step},"min_price":0.0001,"max_price":0.2,"mark_price":'
        f'0.0874{step},"mark_iv":67.3{step},"last_price":0.085,"interest_rate":0.0,"instrument_name":"{native}",'
        f'"index_price":{SPOT}.5{step},"greeks":{{"vega":98.6{step},"theta":-54.39,"rho":62.6,"gamma":0.00001,'
        f'"delta":0.428{step}}},"estimated_delivery_price":{SPOT}.5{step},"bid_iv":60.7{step},"best_bid_price":'
        f'0.083{step},"best_bid_amount":{stamp},"best_ask_price":0.0885,"best_ask_amount":240.0,"ask_iv":68.86'
        "}}}"
    ).encode()


class Chain:
    """All links share the options: one is told on the link that asked for it."""

    def __init__(self, ticks_per_s: float) -> None:
        self.ticks_per_s = ticks_per_s
        self.asked: dict[str, ServerConnection] = {}

    async def link(self, ws: ServerConnection) -> None:
        try:
            async for message in ws:
                await self.answer(ws, json.loads(message))
        finally:
            self.asked = {name: owner for name, owner in self.asked.items() if owner is not ws}

    async def answer(self, ws: ServerConnection, request: dict) -> None:
        channels = request.get("params", {}).get("channels", [])
        result: object = channels if channels else "ok"
        await ws.send(json.dumps({"jsonrpc": "2.0", "id": request.get("id", 0), "result": result}))
        if request["method"].endswith("/subscribe"):
            names = [name.split(".")[1] for name in channels if name.startswith("ticker.")]
            self.asked.update(dict.fromkeys(names, ws))

    async def tick(self) -> None:
        """What is due, in one write a link and step; never catches up more than a tenth of a second."""
        started, sent = time.monotonic(), 0.0
        while True:
            await asyncio.sleep(STEP_S)
            names = list(self.asked)
            rate = self.ticks_per_s * len(names)
            due = (time.monotonic() - started) * self.ticks_per_s
            sent = max(sent, due - 0.1 * self.ticks_per_s) if names else due
            count = int((due - sent) * len(names))
            self._write(names, round(sent * len(names)), count)
            sent += count / len(names) if rate else 0.0

    def _write(self, names: list[str], first: int, count: int) -> None:
        texts: dict[ServerConnection, list[bytes]] = {}
        for number in range(first, first + count):
            turn, place = divmod(number, len(names))
            texts.setdefault(self.asked[names[place]], []).append(framed(ticker(names[place], turn)))
        for ws, parts in texts.items():
            ws.transport.write(b"".join(parts))


async def main(port: int, options: int, ticks_per_s: float) -> None:
    chain = Chain(ticks_per_s)
    assert len(natives(options)) == options
    async with serve(chain.link, "127.0.0.1", port, compression=None, max_queue=None):
        await chain.tick()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
