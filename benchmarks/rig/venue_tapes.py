"""A recording of each venue's simulated exchange: every channel of some instruments, over all its links."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator

from benchmarks.programs.tape import Tape
from benchmarks.rig.every_venue import keyed
from benchmarks.rig.processes import Failed
from benchmarks.rig.tapes import PASS_MS, START_NS, TapeSocket
from feeds import symbols, venues
from feeds.basics import in_parts
from feeds.codec import Codec, Subscription
from feeds.simulator import Simulator
from feeds.simulator.link import Link
from feeds.simulator.listing import listed_at

INSTRUMENTS, DEPTH, ACTIONS = 10, 100, 50
SILENT_STEPS = 200
"""So often stepped without a word, no more will come."""


def of_venue(venue: str, quick: bool) -> Tape:
    return asyncio.run(_recorded(venue, 1_000 if quick else 12_000))


async def _recorded(venue: str, count: int) -> Tape:
    names = listed_at(venue, INSTRUMENTS)
    simulator = Simulator(seed=7, instruments=names, paused=True, start_ns=START_NS)
    codec = keyed(venues.codec(venue))
    links = list(_asked(simulator, codec, wanted(simulator, codec)))
    records = [*_said(links), *_books(simulator, codec)]
    silent = 0
    while len(records) < count:
        simulator.step(ACTIONS, every_ms=PASS_MS / ACTIONS)
        said = _said(links)
        silent = 0 if said else silent + 1
        if silent > SILENT_STEPS:
            raise Failed(f"the simulated exchange says nothing more after {len(records)} messages")
        records += said
    listed = [market.listing for market in simulator.engine.markets.values()]
    return Tape(venue, [[each.native, each.base, each.quote] for each in listed], None, records)


def wanted(simulator: Simulator, codec: Codec) -> list[Subscription]:
    """All that the venue tells of what is listed, but candles, which are made of trades."""
    return [
        Subscription(channel, name, market.listing.native, DEPTH * (channel == symbols.BOOK))
        for name, market in simulator.engine.markets.items()
        for channel in symbols.channels_of(market.listing.kind)
        if channel in codec.channels and channel != symbols.OHLC
    ]


def _asked(simulator: Simulator, codec: Codec, asked: list[Subscription]) -> Iterator[Link]:
    exchange, req_id = simulator.exchanges[codec.venue], 0
    for number, plan in enumerate(codec.links(in_parts(codec, asked)), 1):
        link = Link(TapeSocket(plan.path + codec.query(plan.subscriptions)), number, [])
        exchange.open(link)
        if codec.credentials is not None and (login := codec.login(codec.credentials)):
            exchange.receive(link, login)
        requests = codec.subscribe(plan.subscriptions, req_id + 1)
        req_id += len(requests)
        for text in (*codec.greeting(), *(request.text for request in requests)):
            exchange.receive(link, text)
        yield link


def _said(links: Iterable[Link]) -> list[tuple[str, str]]:
    """All that the exchange wrote since it was last asked."""
    for link in links:
        link.write(0.0)
    return [("", text) for link in links for text in link.ws.take()]


def _books(simulator: Simulator, codec: Codec) -> list[tuple[str, str]]:
    """Those that come by REST."""
    found = []
    for one in wanted(simulator, codec):
        request = codec.snapshot_request(one) if one.channel == symbols.BOOK else None
        if request is not None:
            path, _, query = request.path.partition("?")
            arguments = dict(pair.split("=", 1) for pair in query.split("&"))
            answer = simulator.exchanges[codec.venue].answer(path, arguments)
            found.append((one.native, answer.body.decode()))
    return found
