"""The quotes of markets in which somebody may trade, heard of as they come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

from feeds import symbols
from feeds.frames import LIVE
from marketdash import publish
from marketdash.portfolios.executions.quotes import Quotes, Sample


class Following(Quotes):
    """On the running loop, until it is closed. The worker is asked for these tickers as for a page's."""

    def __init__(self, watch: publish.Watching) -> None:
        super().__init__()
        self._collecting = False
        self._watch = watch(self._stir)

    def follow(self, names: Iterable[str]) -> None:
        chosen = set(names)
        super().follow(chosen)
        self._watch.use(symbols.topic(symbols.TICKER, name) for name in chosen)
        self._collect()

    def close(self) -> None:
        self._watch.close()

    def _stir(self) -> None:
        """However many moved in this turn of the loop, they are looked at once."""
        if not self._collecting:
            self._collecting = True
            asyncio.get_running_loop().call_soon(self._collect)

    def _collect(self) -> None:
        self._collecting = False
        for topic in self._watch.moved():
            row = self._watch.value(topic)
            if row is not None:
                self.heard(symbols.split_topic(topic).instrument, _sample(row))


def _sample(row: publish.Row) -> Sample:
    """What is no quote any more is none from now on."""
    live = row.state == LIVE
    received = row.body.get("ts_received") if live else None
    sides = (str(row.body.get(side) or "") for side in ("bid", "ask"))
    return Sample(received if isinstance(received, int) else time.time_ns() // 1000, *sides, live)
