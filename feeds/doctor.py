"""What a venue really says: some instruments followed for some seconds, all that is unexpected counted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

from feeds.admission import missing
from feeds.basics import in_parts
from feeds.clock import Clock
from feeds.codec import Codec, DecodeError, InstrumentSpec, Subscription
from feeds.recorder import Tee
from feeds.rest import Rest, RestError, fetch_instruments
from feeds.roster import CONFIRMED, REFUSED
from feeds.sinks import VenueReport
from feeds.state import MarketState, StateChange
from feeds.symbols import BOOK, OHLC, channels_of, instrument_name
from feeds.venuefeed import VenueFeed

FOLLOWED = 3
_DEPTH = 100
# Markets in which something happens every second.
_BUSY = ("BTC", "ETH", "EUR")
_FETCH_S = 15.0
_TAKEN = "not listened to: its only connection is the feed's, and the status page says how that is"


class Findings(NamedTuple):
    """``unknown``: kind → count. ``refused``: topic → the venue's words.

    ``offset_us``: the least of receive time minus the venue's time, so difference of clocks plus one way;
    None where no message carried a time.
    """

    venue: str
    problem: str
    listed: int
    wanted: int
    acknowledged: int
    live: int
    refused: dict[str, str]
    unknown: dict[str, int]
    undecodable: int
    messages: int
    offset_us: int | None
    skipped: bool = False


def written(found: Findings) -> list[str]:
    """The findings of one venue in words, worst last."""
    if found.skipped:
        return [f"{found.venue}: {found.problem}"]
    offset = "unknown" if found.offset_us is None else f"{found.offset_us / 1000:+.1f} ms"
    lines = [
        f"{found.venue}: {found.acknowledged} of {found.wanted} subscriptions acknowledged",
        f"  {found.live} live, {found.messages} messages; {found.listed} instruments listed",
        f"  our clock minus theirs, plus the way here: {offset}",
    ]
    lines += [f"  unknown: {kind} ({count} times)" for kind, count in sorted(found.unknown.items())]
    lines += [f"  undecodable: {found.undecodable} frames"] if found.undecodable else []
    lines += [f"  refused: {topic}: {words}" for topic, words in sorted(found.refused.items())]
    return [*lines, f"  problem: {found.problem}"] if found.problem else lines


class _Witness:
    """A sink that keeps what the findings need."""

    def __init__(self) -> None:
        self.live: set[tuple[str, str]] = set()
        self.offset_us: int | None = None

    def put(self, venue_state: MarketState, event: object) -> None:
        if isinstance(event, StateChange):
            if event.state == "live":
                self.live.add((event.channel, event.instrument))
        elif not isinstance(event, VenueReport) and getattr(event, "exchange_us", 0):
            offset_us = event.received_ns // 1000 - event.exchange_us
            # A replayed trade is old by nature; the least difference is that of the freshest message.
            self.offset_us = offset_us if self.offset_us is None else min(self.offset_us, offset_us)

    async def run(self) -> None:
        """It keeps, and brings nothing anywhere."""


async def examine(
    codecs: Mapping[str, Codec],
    clock: Clock,
    *,
    urls: Mapping[str, tuple[str, str]] | None = None,
    within_s: float = 20,
    tee: Tee | None = None,
) -> list[Findings]:
    """All venues at once, each for ``within_s``."""
    roots = urls or {}
    tasks = [
        _examine(codec, clock, roots.get(name, ("", "")), within_s, tee) for name, codec in codecs.items()
    ]
    return list(await asyncio.gather(*tasks))


async def _examine(
    codec: Codec, clock: Clock, urls: tuple[str, str], within_s: float, tee: Tee | None
) -> Findings:
    witness = _Witness()
    feed = VenueFeed(codec, [witness], clock, urls=urls, tee=tee)
    if words := missing(codec) or (_TAKEN if codec.single else ""):
        return _findings(feed, witness, words, 0, 0)._replace(skipped=True)
    specs, problem = await _listed(codec, clock, urls[1], tee)
    wanted = subscriptions(codec, specs)
    feed.desire(wanted)
    try:
        async with asyncio.timeout(within_s):
            await feed.run()
    except TimeoutError:
        pass
    return _findings(feed, witness, problem, len(specs), len(in_parts(codec, wanted)))


async def _listed(codec: Codec, clock: Clock, url: str, tee: Tee | None) -> tuple[list[InstrumentSpec], str]:
    try:
        async with asyncio.timeout(_FETCH_S), Rest(codec, clock, url=url, tee=tee) as rest:
            return await fetch_instruments(codec, rest), ""
    except (RestError, DecodeError, TimeoutError) as error:
        return [], f"instruments: {error or 'no answer in time'}"


def subscriptions(codec: Codec, specs: list[InstrumentSpec]) -> list[Subscription]:
    """Ticker, trades and book of the busiest markets that the venue lists, and what contracts have beside."""

    def rank(spec: InstrumentSpec) -> tuple[bool, int, bool]:
        place = _BUSY.index(spec.base) if spec.base in _BUSY else len(_BUSY)
        return spec.status != "trading", place, not spec.quote.startswith("USD")

    chosen = sorted(specs, key=rank)[:FOLLOWED]
    return [
        Subscription(
            channel, instrument_name(codec.venue, spec.native), spec.native, _DEPTH * (channel == BOOK)
        )
        for spec in chosen
        for channel in channels_of(spec.kind)
        if channel != OHLC
    ]


def _findings(feed: VenueFeed, witness: _Witness, problem: str, listed: int, wanted: int) -> Findings:
    entries = [entry for session in feed.sessions.values() for entry in session.entries()]
    counters, links = feed.state.counters, feed.links
    errors = [problem, *(link.last_error for link in links if link.last_error)]
    return Findings(
        venue=feed.codec.venue,
        problem="; ".join(filter(None, errors)),
        listed=listed,
        wanted=wanted,
        acknowledged=sum(entry.state == CONFIRMED for entry in entries),
        live=len(witness.live),
        refused={
            f"{entry.subscription.channel} {entry.subscription.instrument}": entry.words
            for entry in entries
            if entry.state == REFUSED
        },
        # What comes in a stream of many, and nobody follows, is no message that is not understood.
        unknown={
            key[8:]: count
            for key, count in counters.items()
            if key.startswith("unknown:") and key != "unknown:instrument"
        },
        undecodable=sum(link.decode_errors for link in links),
        messages=sum(link.messages for link in links),
        offset_us=witness.offset_us,
    )
