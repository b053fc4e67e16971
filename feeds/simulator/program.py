"""The simulator as a program: its options, and serving until told to stop."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import signal
import time

from feeds.simulator import (
    alpaca_listing,
    bitfinex_listing,
    bitstamp_listing,
    deribit_listing,
    gemini_listing,
    kraken_futures_listing,
    oanda_listing,
    okx_listing,
    pyth_listing,
)
from feeds.simulator.contracts import beside
from feeds.simulator.listing import listed_at, listings
from feeds.simulator.server import Simulator

_OPTIONS = ("port", "host", "rate", "seed", "levels")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options, the same here and in the management command."""
    parser.add_argument("--port", type=int, default=0, help="0 (default): any free port")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--instruments", type=int, default=60, help="how many, over all venues")
    parser.add_argument(
        "--contracts", type=int, default=2, help="perpetuals of how many assets beside them, with options"
    )
    parser.add_argument("--rate", type=float, default=300, help="orders per second over all instruments")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--levels", type=int, default=400, help="levels a side of the busiest books")


def names_of(instruments: int, contracts: int) -> list[str]:
    """The busiest of all venues, and beside them contracts on so many assets."""
    names = [listing.name for listing in listings(instruments)] + beside(contracts)
    names += listed_at("COINBASE_EXCHANGE", contracts)
    names += listed_at(deribit_listing.VENUE, contracts) + listed_at(okx_listing.VENUE, 3 * contracts)
    names += listed_at(kraken_futures_listing.VENUE, 4 * contracts)
    names += listed_at(pyth_listing.VENUE, 2 * contracts)
    names += listed_at(bitstamp_listing.VENUE, min(3, 2 * contracts))
    names += listed_at(bitfinex_listing.VENUE, 2 * contracts)
    names += listed_at(alpaca_listing.VENUE, min(3, 2 * contracts))
    names += listed_at(gemini_listing.VENUE, min(3, 2 * contracts))
    names += listed_at(oanda_listing.VENUE, contracts)
    now_ns = time.time_ns()
    return names + deribit_listing.chains(now_ns, contracts) + okx_listing.chains(now_ns, contracts)


async def run(options: argparse.Namespace) -> None:
    """Serve until SIGINT or SIGTERM; one line on stdout says when clients may come."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stopped.set)
    names = names_of(options.instruments, options.contracts)
    chosen = {name: getattr(options, name) for name in _OPTIONS}
    async with Simulator(instruments=names, **chosen) as simulator:
        # The books never go away: the collector need not look at them again.
        gc.collect()
        gc.freeze()
        print(f"simulator ready on {simulator.port}", flush=True)
        await stopped.wait()
