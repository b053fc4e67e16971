"""All venues and all sinks of one process: what is wanted goes in, events come out at the sinks."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from feeds.admission import missing, opening
from feeds.clock import Clock
from feeds.codec import Codec, Subscription
from feeds.connection import knock
from feeds.lines import knock_lines
from feeds.recorder import Tee
from feeds.running import keep_running
from feeds.shared import Timing
from feeds.sinks import Sink
from feeds.symbols import TICKER, InvalidName, split_instrument
from feeds.venuefeed import VenueFeed


class Worker:
    """``urls``: venue → (WebSocket root, REST root) in place of the codec's own; ``""`` keeps that one.

    A crash in a venue's task, or in a sink's, is logged, counted and healed there; the others do not notice.
    """

    def __init__(
        self,
        codecs: Mapping[str, Codec],
        sinks: Sequence[Sink],
        clock: Clock,
        *,
        urls: Mapping[str, tuple[str, str]] | None = None,
        timing: Timing | None = None,
        tee: Tee | None = None,
    ) -> None:
        urls = urls or {}
        self.counters: Counter[str] = Counter()
        self._sinks = sinks
        self.venues: dict[str, VenueFeed] = {
            name: VenueFeed(codec, sinks, clock, urls=urls.get(name, ("", "")), timing=timing, tee=tee)
            for name, codec in codecs.items()
        }

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            for sink in self._sinks:
                group.create_task(keep_running(type(sink).__name__, sink.run, self.counters))
            for name, feed in self.venues.items():
                group.create_task(keep_running(name, feed.run, self.counters))

    def desire(
        self, subscriptions: Iterable[Subscription], delisted: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """The whole wanted set. Differences go to the running links; what stays is not touched.

        An instrument of a venue that has no codec here is counted as ``unknown venue`` and left out. Readers
        of what is ``delisted`` are told so, in the words that stand by its name.
        """
        wanted: dict[str, list[Subscription]] = {name: [] for name in self.venues}
        for item in subscriptions:
            venue = item.instrument.partition(":")[0]
            if venue in wanted:
                wanted[venue].append(item)
            else:
                self.counters["unknown venue"] += 1
        gone = self._by_venue(delisted)
        for name, items in wanted.items():
            self.venues[name].desire(items)
            self.venues[name].state.delist({each: delisted[each] for each in gone[name]})

    def prefer(self, instruments: Iterable[str], books: Iterable[str] = ()) -> None:
        """Instruments that are watched or held: their snapshots, subscriptions and candles come first.

        ``books``: those whose book somebody watches; they are the first to be audited.
        """
        preferred, read = self._by_venue(instruments), self._by_venue(books)
        for name, feed in self.venues.items():
            feed.state.preferred, feed.auditor.watched = preferred[name], read[name]

    def _by_venue(self, instruments: Iterable[str]) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {name: set() for name in self.venues}
        for name in instruments:
            found.get(name.partition(":")[0], set()).add(name)
        return {venue: frozenset(names) for venue, names in found.items()}

    def backfill(self, instrument: str, interval: int) -> None:
        """Fetch the venue's bars of ``interval`` minutes when there is time; unknown names are ignored."""
        try:
            venue, _ = split_instrument(instrument)
        except InvalidName:
            return
        if venue in self.venues:
            self.venues[venue].fetches.ask(instrument, interval)


async def probe(
    codecs: Mapping[str, Codec], *, urls: Mapping[str, tuple[str, str]] | None = None, within_s: float = 3
) -> dict[str, bool]:
    """Venue → whether a link could be opened, all asked at once, by the proxy and TLS of the session. One
    that lacks its key says nothing of the route."""
    codecs = {name: codec for name, codec in codecs.items() if not missing(codec)}
    roots = {name: ((urls or {}).get(name) or ("", ""))[0] or codec.ws_url for name, codec in codecs.items()}
    tries = [_knock(codec, roots[name], within_s) for name, codec in codecs.items()]
    return dict(zip(codecs, await asyncio.gather(*tries), strict=True))


async def _knock(codec: Codec, root: str, within_s: float) -> bool:
    address, headers, lines = opening(codec, root.rstrip("/") + _path(codec))
    return await (knock_lines(address, headers, within_s) if lines else knock(address, within_s))


def _path(codec: Codec) -> str:
    """Path and query of the venue's first link, whatever it carries."""
    plans = codec.links([Subscription(TICKER, f"{codec.venue}:BTC/USD", "BTC/USD")])
    return plans[0].path + codec.query(plans[0].subscriptions) if plans else ""
