"""The load reader where there is no C compiler: the same arguments and answers as ``native/reader.c``."""

from __future__ import annotations

import asyncio
import functools
import json
import mmap
import re
import struct
import sys
import time

PROGRESS = struct.Struct("6Q")
SEQ = re.compile(rb'"seq":(\d+)')
FRAME = re.compile(rb'"frame":(\d+)')
SAMPLE_KEY = b"dGhlIHNhbXBsZSBub25jZQ=="


class Totals:
    """The same counters as the C reader, in the same file."""

    def __init__(self, path: str) -> None:
        with open(path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), PROGRESS.size)
        self.values = [0] * 6
        self.open = self.ready = self.close_code = 0
        self.reset()

    def add(self, **changes: int) -> None:
        for name, change in changes.items():
            self.values[("frames", "bytes", "seq_sum", "rows", "sampled_frames", "closed").index(name)] += (
                change
            )
        self.map[:] = PROGRESS.pack(*self.values)

    def reset(self) -> None:
        self.base = list(self.values)
        self.every: list[int] = []
        self.leading: list[int] = []
        self.started = time.monotonic()

    def report(self) -> dict[str, object]:
        since = [now - then for now, then in zip(self.values, self.base, strict=True)]
        frames, size, _, rows, sampled, _ = since
        return {
            "seconds": time.monotonic() - self.started,
            "frames": frames,
            "bytes": size,
            "rows": rows,
            "sampled_frames": sampled,
            "closed": self.values[5],
            "close_code": self.close_code,
            "latency_us": spread(self.every),
            "leading_us": spread(self.leading),
        }


def spread(values: list[int]) -> dict[str, int]:
    ordered = sorted(values) or [0]
    n = len(values)
    p99 = ordered[len(ordered) - 1 - n // 100]
    return {"n": n, "p50": ordered[n // 2 if n else 0], "p99": p99, "max": ordered[-1]}


class Client(asyncio.Protocol):
    """One connection: handshake, subscribe, count, acknowledge."""

    def __init__(self, totals: Totals, options: dict, index: int) -> None:
        self.totals, self.options = totals, options
        self.sampled = index < options["sample"]
        lines = options["lines"]
        self.messages = lines[index % len(lines)] if lines else []
        self.buffer = b""
        self.open = self.is_ready = False
        self.seq = self.acked = self.frame = 0
        self.last_ns = time.monotonic_ns()

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        host = f"127.0.0.1:{self.options['port']}".encode()
        transport.write(
            b"GET %s HTTP/1.1\r\nHost: %s\r\nOrigin: http://%s\r\n"
            b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n"
            % (self.options["path"].encode(), host, host, SAMPLE_KEY)
        )

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.open and b"\r\n\r\n" in self.buffer:
            self.opened()
        while self.open and self.take_frame():
            pass

    def opened(self) -> None:
        self.open, self.buffer = True, self.buffer.split(b"\r\n\r\n", 1)[1]
        self.totals.open += 1
        if not self.options["wait_for_data"]:
            self.totals.ready += 1

    def subscribe(self) -> None:
        for message in self.messages:
            self.send(1, message)

    def send(self, opcode: int, body: bytes) -> None:
        size = len(body)
        head = bytes([0x80 | opcode, 0x80 | min(size, 126)]) + (
            struct.pack(">H", size) if size > 125 else b""
        )
        self.transport.write(head + b"\0\0\0\0" + body)  # a mask of zeros is a legal mask

    def take_frame(self) -> bool:
        buffer = self.buffer
        if len(buffer) < 2:
            return False
        size, head = buffer[1] & 127, 2
        if size > 125:
            head = 4 if size == 126 else 10
            size = int.from_bytes(buffer[2:head], "big")
        if len(buffer) < head + size:
            return False
        body, self.buffer = buffer[head : head + size], buffer[head + size :]
        self.received(buffer[0] & 15, body)
        return True

    def received(self, opcode: int, body: bytes) -> None:
        if opcode == 9:
            self.send(10, body)
        elif opcode == 8:
            self.totals.close_code = self.totals.close_code or int.from_bytes(body[:2], "big")
        elif opcode == 1 and (seqs := SEQ.findall(body)):
            self.data(body, int(seqs[0]), len(seqs))

    def data(self, body: bytes, seq: int, rows: int) -> None:
        if not self.is_ready:
            self.is_ready = True
            self.totals.ready += self.options["wait_for_data"]
        moved, self.seq = seq - self.seq, seq
        sampled = {"rows": rows, "sampled_frames": 1} if self.sampled else {}
        self.totals.add(frames=1, bytes=len(body), seq_sum=moved, **sampled)
        now = time.monotonic_ns()
        if self.sampled and self.options["stamp"] and b'"snapshot"' not in body[:80]:
            self.late(body, now)
        self.last_ns = now
        if self.options["ack_every"] and (found := FRAME.search(body[:160])):
            self.frame = int(found[1])
            if self.frame - self.acked >= self.options["ack_every"]:
                self.acknowledge()

    def late(self, body: bytes, now: int) -> None:
        lates = [now // 1000 - int(stamp) for stamp in self.options["stamp"].findall(body)]
        self.totals.every += [late for late in lates if 0 <= late < 60_000_000]
        if now - self.last_ns >= self.options["leading_ns"]:
            self.totals.leading += lates

    def acknowledge(self) -> None:
        self.acked = self.frame
        self.send(1, b'{"method":"ack","params":{"frame":%d}}' % self.frame)

    def connection_lost(self, problem: Exception | None) -> None:
        self.totals.add(closed=1)


def options_of(arguments: list[str]) -> dict:
    _, port, path, _, messages, _, ack_every, sample, stamp, leading_ms, ready, _ = arguments
    with open(messages, "rb") as file:
        lines = [[one for one in line.rstrip(b"\n").split(b"\t") if one] for line in file]
    return {
        "port": int(port),
        "path": path,
        "lines": lines,
        "ack_every": int(ack_every),
        "sample": int(sample),
        "stamp": re.compile(re.escape(stamp.encode()) + rb"(\d+)") if stamp != "-" else None,
        "leading_ns": float(leading_ms) * 1e6,
        "wait_for_data": ready == "data",
    }


async def acknowledge_late(clients: list[Client]) -> None:
    while True:
        await asyncio.sleep(0.25)
        for client in clients:
            if client.frame > client.acked:
                client.acknowledge()


async def main(arguments: list[str]) -> None:
    totals, options = Totals(arguments[5]), options_of(arguments)
    loop, clients = asyncio.get_running_loop(), []
    for index in range(int(arguments[3])):
        make = functools.partial(Client, totals, options, index)
        # A server may limit the sockets of one address: only Linux has the whole loopback network.
        source = (f"127.{arguments[11]}.0.{1 + index // 40}", 0) if sys.platform == "linux" else None
        _, client = await loop.create_connection(make, arguments[0], options["port"], local_addr=source)
        clients.append(client)
    while totals.open < len(clients) and not totals.values[5]:  # noqa: ASYNC110 (plain counters)
        await asyncio.sleep(0.02)
    for client in clients:
        client.subscribe()
    sweeper = asyncio.create_task(acknowledge_late(clients))
    while totals.ready < len(clients) and not totals.values[5]:  # noqa: ASYNC110 (plain counters)
        await asyncio.sleep(0.02)
    print("closed" if totals.values[5] else "ready", flush=True)
    totals.reset()
    commands = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    while command := await commands.read(64):
        if b"reset" in command:
            totals.reset()
            print("reset", flush=True)
        if b"report" in command:
            print(json.dumps(totals.report()), flush=True)
        if b"quit" in command:
            break
    sweeper.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
