"""Whether pages hold of the instruments that they look at what the exchanges do: book, trades and bars."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from tests.fakes.page_follower import DEPTH, PageFollower
from tests.fakes.simulator_process import BAR, SimulatorProcess

_TRADE = ("trade_id", "side", "price", "qty")


class Held(NamedTuple):
    """What an exchange holds of one instrument, in its own digits. Trades and bars: the oldest first."""

    book: dict[str, list[list[str]]]
    trades: dict[str, tuple[str, ...]]
    made_us: dict[str, int]
    bars: dict[int, tuple[Decimal, ...]]


async def held(simulator: SimulatorProcess, instrument: str) -> Held:
    venue, _, symbol = instrument.partition(":")
    bids, asks = await simulator.book(instrument, DEPTH)
    trades = await simulator.tell("trades", venue=venue, symbol=symbol)
    return Held(
        {"bids": list(map(list, bids)), "asks": list(map(list, asks))},
        {trade["trade_id"]: tuple(trade[name] for name in _TRADE) for trade in trades},
        {trade["trade_id"]: trade["time_us"] for trade in trades},
        await simulator.bars(instrument),
    )


def differences(page: PageFollower, true: Held, depth: int, since_us: int) -> list[str]:
    """In words. ``depth``: so many of the best levels have to be true. No trade since ``since_us`` may be
    missing, and the last one never."""
    found = [
        *_of_book(page.value("book"), true, depth),
        *_of_trades(page.value("trade"), true, since_us),
        *_of_bars(page.value("ohlc"), true),
    ]
    return [f"{page.looks_at} {each}" for each in found]


def _of_book(value: Mapping[str, Any], true: Held, depth: int) -> list[str]:
    if value.get("state") != "live":
        return [f"book: {value.get('state')} {value.get('reason')}"]
    return [
        f"{side}: {value[side][:depth]}, true are {levels[:depth]}"
        for side, levels in true.book.items()
        if value[side][:depth] != levels[:depth]
    ]


def _of_trades(value: Mapping[str, Any], true: Held, since_us: int) -> list[str]:
    told = [tuple(trade[name] for name in _TRADE) for trade in value.get("trades", ())]
    mine, known = [name for name, *_ in told], list(true.trades)
    oldest = next((known.index(name) for name in mine if name in true.trades), 0)
    due = {name for name in known[oldest:] if true.made_us[name] > since_us} | set(known[-1:])
    missing = [(at, name) for at, name in enumerate(reversed(known)) if name in due - set(mine)]
    return [
        *(f"trade {trade}" for trade in told if true.trades.get(trade[0]) != trade),
        *(f"trade {name} is missing, {at} before the last" for at, name in missing),
        *(["trades: twice, or not in their order"] if mine != _in_order(mine, true) else []),
    ]


def _in_order(names: Iterable[str], true: Held) -> list[str]:
    wanted = set(names)
    return [name for name in true.trades if name in wanted]


def _of_bars(value: Mapping[str, Any], true: Held) -> list[str]:
    mine = {bar["ts"]: bar for bar in value.get("bars", ())}
    whole = [(true.bars[ts], bar) for ts, bar in mine.items() if ts in true.bars and not bar["incomplete"]]
    wrong = [(told, bar) for told, bar in whole if told != tuple(Decimal(bar[name]) for name in BAR)]
    newest = max(ts for ts, (*_, volume) in true.bars.items() if volume)
    return [
        *(f"bar {bar}, true is {told}" for told, bar in wrong),
        *([] if newest in mine else [f"bar {newest} is missing"]),
    ]


@contextlib.asynccontextmanager
async def hushed(simulator: SimulatorProcess, rate: float) -> AsyncIterator[None]:
    """Nobody trades meanwhile, afterwards ``rate`` orders a second; all clocks and heartbeats go on."""
    await simulator.tell("rate", value=0)
    try:
        yield
    finally:
        await simulator.tell("rate", value=rate)


async def _moved(true: Mapping[str, Held], simulator: SimulatorProcess) -> list[str]:
    """Who went on though it was hushed: then it is not the pages that are wrong."""
    now = {name: await held(simulator, name) for name in true}
    return [f"{name} moved since" for name, was in true.items() if now[name][:2] != was[:2]]


async def until_true(
    pages: Sequence[PageFollower], simulator: SimulatorProcess, *, within_s: float,
    depths: Mapping[str, int] = {}, since_us: int = 0,
) -> float:  # fmt: skip
    """Seconds until all stores of all pages are what the exchanges hold, which must be hushed. ``depths``: by
    venue, where not the whole window of a book has to be true."""
    began_s = time.monotonic()
    names = list(dict.fromkeys(page.looks_at for page in pages))
    true = dict(zip(names, await asyncio.gather(*(held(simulator, name) for name in names)), strict=True))
    while found := [
        each
        for page in pages
        for each in differences(
            page, true[page.looks_at], depths.get(page.looks_at.partition(":")[0], DEPTH), since_us
        )
    ]:
        assert time.monotonic() - began_s < within_s, [*found[:5], *await _moved(true, simulator)]
        await asyncio.sleep(0.05)
    return time.monotonic() - began_s
