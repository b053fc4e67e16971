"""People who ask for what is somebody else's, and sockets of theirs that are the consumer's own, without a
server."""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

SOCKETS = 2
"""Of each of them."""


class Person(NamedTuple):
    user: int
    session: str
    portfolio: int
    canary: str


def hostile(me: Person, people: list[Person], chance: random.Random) -> str:
    """A frame that asks for what is somebody else's, or that no honest client sends."""
    other = chance.choice(people)
    theirs = other.portfolio if chance.random() < 0.7 else me.portfolio + chance.randrange(-60, 60)
    ids = chance.choice(
        (
            [theirs],
            [me.portfolio, theirs],
            [theirs] * 3,
            [str(theirs)],
            [float(theirs)],
            [-theirs],
            [True],
            theirs,
        )
    )
    params: dict[str, Any] = {"channel": "portfolio", "id": ids, "interval_ms": chance.choice((0, 1000))}
    other_forms = (
        {"channel": "ticker", "symbol": [f"portfolio:{theirs}", str(theirs), f"KRAKEN:{theirs}"]},
        {"channel": f"portfolio:{theirs}", "id": ids},
        {"channel": "portfolio", "symbol": [str(theirs)]},
        {"channel": "status", "symbol": [f"portfolio:{theirs}"], "id": ids},
        {"channel": "portfolio", "id": ids, "user_id": other.user, "grants": [[theirs, other.user]]},
        {"channel": "ohlc", "symbol": [f"{theirs}"], "interval": 1},
    )
    params = chance.choice((params, params, params, *other_forms))
    method = chance.choice(("subscribe",) * 6 + ("unsubscribe", "ack", "ping", "portfolio", "websocket.send"))
    text = json.dumps({"method": method, "params": params, "req_id": chance.randrange(9)})
    bent = (
        text[:-1] + f',"params":{{"channel":"portfolio","id":[{theirs}]}}}}',  # the last one of two
        json.dumps({"type": chance.choice(FORGED), "entries": [[f"portfolio:{theirs}", 0, 1, 0, "{}"]]}),
        json.dumps([json.loads(text)]),
        text[: chance.randrange(len(text))],
        text.replace("portfolio", "port\\u0066olio"),
        f'{{"method":"ack","params":{{"frame":{chance.randrange(2**53)}}}}}',
        f"{text}\n{text}",
    )
    return chance.choice(bent) if chance.random() < 0.3 else text


FORGED = (
    "rows",
    "hub.revoke",
    "websocket.send",
    "websocket.accept",
    "keyframe",
    "remake",
    "unshare",
    "demand",
)


def follow(portfolio: int) -> dict[str, Any]:
    return {"method": "subscribe", "params": {"channel": "portfolio", "id": [portfolio], "interval_ms": 0}}


def any_of(people: list[Person]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(each.canary) for each in people))


class Inside:
    """One socket: the application of :mod:`marketdash.asgi` reads hostile frames from it as fast as it can.
    ``left`` is how many, of all of them together."""

    def __init__(self, me: Person, people: Sequence[Person], left: list[int], chance: random.Random) -> None:
        self.me, self._people, self._left, self._chance = me, people, left, chance
        self._every = any_of(list(people))
        self.foreign: list[str] = []
        self.raised: list[str] = []
        self.own = self.sent = self.answers = 0
        self._begun = self._ended = False

    async def run(self, port: int) -> None:
        """In as many sockets as it takes: some frames end one."""
        from marketdash.asgi import application

        while self._left[0] > 0:
            self._begun = self._ended = False
            try:
                await application(self._scope(port), self._receive, self._send)
            except Exception as problem:  # what a server would log: nothing may get that far
                self.raised.append(repr(problem))
            await asyncio.sleep(0)

    def _scope(self, port: int) -> dict[str, Any]:
        own = f"127.0.0.1:{port}".encode()
        headers = [(b"host", own), (b"origin", b"http://" + own)]
        headers.append((b"cookie", f"sessionid={self.me.session}".encode()))
        return {
            "type": "websocket",
            "path": "/ws/v1/",
            "scheme": "ws",
            "query_string": b"",
            "headers": headers,
        }

    async def _receive(self) -> dict[str, Any]:
        if not self._begun:
            self._begun = True
            return {"type": "websocket.connect"}
        if not self.own:  # there has to be something to overhear, before anybody is asked for it
            await asyncio.sleep(0.05)
            return {"type": "websocket.receive", "text": json.dumps(follow(self.me.portfolio))}
        if self._ended or self._left[0] <= 0:
            return {"type": "websocket.disconnect", "code": 1000}
        self._left[0] -= 1
        self.sent += 1
        return {"type": "websocket.receive", "text": hostile(self.me, list(self._people), self._chance)}

    async def _send(self, message: dict[str, Any]) -> None:
        self._ended |= message["type"] == "websocket.close"
        text = message.get("text", "")
        self.answers += 1
        for canary in self._every.findall(text):
            if canary == self.me.canary:
                self.own += 1
            else:
                self.foreign.append(canary)


def drive(people: Sequence[Sequence[Any]], count: int, seed: int, port: int) -> dict[str, Any]:
    """In a process with the settings of a site: so many frames from all of them, and what was heard."""
    from marketdash.live.limits import Rate

    Rate.allows = lambda rate, now_s, cost=1: True  # type: ignore[method-assign]  # else minutes are days
    return asyncio.run(_drive([Person(*each) for each in people], count, seed, port))


async def _drive(people: list[Person], count: int, seed: int, port: int) -> dict[str, Any]:
    from marketdash.live import process

    left, began_s = [count], time.monotonic()
    sockets = [
        Inside(me, people, left, random.Random(f"{seed}/{me.user}/{n}"))
        for me in people
        for n in range(SOCKETS)
    ]
    await asyncio.gather(*(each.run(port) for each in sockets))
    await process.close()
    return {
        "seconds": time.monotonic() - began_s,
        "sent": sum(each.sent for each in sockets),
        "answers": sum(each.answers for each in sockets),
        "own": sum(each.own for each in sockets),
        "deaf": sum(not each.own for each in sockets),
        "foreign": [each for socket in sockets for each in socket.foreign],
        "raised": [each for socket in sockets for each in socket.raised][:20],
    }
