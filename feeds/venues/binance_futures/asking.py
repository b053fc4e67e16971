"""What is asked of Binance's futures, and on which link."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from feeds.basics import Basics
from feeds.codec import Limits, LinkPlan, Request, Subscription, spread
from feeds.symbols import BOOK, FUNDING, LIQUIDATION, MARK, OHLC, STATS, TICKER, TRADE

# Bars are built from trades: ``ohlc`` needs no stream of its own. Funding travels in the frames of the mark
# price; its own stream, a third as fast, is what makes it come without those.
STREAMS: dict[str, tuple[str, ...]] = {
    TICKER: ("bookTicker",),
    STATS: ("ticker",),
    BOOK: ("depth@100ms",),
    TRADE: ("aggTrade",),
    OHLC: ("aggTrade",),
    MARK: ("markPrice@1s",),
    FUNDING: ("markPrice",),
    LIQUIDATION: ("forceOrder",),
}
# 1,024 streams a link, less the pulse and some room.
_STREAMS_A_LINK = 1000
# As on spot, where a request longer than 4,088 bytes is never answered.
_REQUEST_BYTES = 3800


class Asking(Basics):
    """``paths``: channel → its link's name and path, pulse included. ``streams``: what it is made of."""

    paths: Mapping[str, tuple[str, str]]
    streams: Mapping[str, tuple[str, ...]] = STREAMS
    limits = Limits(
        messages_per_s=8,  # of 10: our pongs count too
        topics_per_request=100,
        connects=250,  # of 300
        connects_window_s=300,
        max_link_age_s=23 * 3600 + 50 * 60,  # cut at 24 h
        idle_s=15,
        data_idle_s=14,  # of the 15 after which nothing may look live
        rest_weight=1200,  # half of 2,400, which both markets are to share
        rest_window_s=60,
    )

    def links(self, subscriptions: Iterable[Subscription]) -> list[LinkPlan]:
        """By path as few links as the limit of streams allows, an instrument's streams of a path on one."""
        wanted: dict[tuple[str, str], dict[str, list[Subscription]]] = {}
        for each in subscriptions:
            by_name = wanted.setdefault(self.paths[each.channel], {})
            by_name.setdefault(each.instrument, []).append(each)
        plans = []
        for (stem, path), by_name in sorted(wanted.items()):
            loads = {name: len(set(self._named(each))) for name, each in by_name.items()}
            for number, names in spread(loads, _STREAMS_A_LINK).items():
                carried = tuple(each for name in names for each in by_name[name])
                plans.append(LinkPlan(f"{stem}.{number}", path, carried))
        return plans

    def subscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return list(self._requests("SUBSCRIBE", subscriptions, req_id))

    def unsubscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return list(self._requests("UNSUBSCRIBE", subscriptions, req_id))

    def _requests(self, method: str, subscriptions: Sequence[Subscription], req_id: int) -> Iterator[Request]:
        for number, group in enumerate(self._groups(subscriptions), req_id):
            body = {"method": method, "params": list(dict.fromkeys(self._named(group))), "id": number}
            yield Request(msgspec.json.encode(body).decode(), number, tuple(group))

    def _groups(self, subscriptions: Sequence[Subscription]) -> Iterator[list[Subscription]]:
        """As many as one request may hold: an acknowledgement confirms all of them."""
        group: list[Subscription] = []
        size = 0
        for subscription in subscriptions:
            needs = sum(len(stream.encode()) + 3 for stream in self._named([subscription]))
            if group and (size + needs > _REQUEST_BYTES or len(group) == self.limits.topics_per_request):
                yield group
                group, size = [], 0
            group.append(subscription)
            size += needs
        if group:
            yield group

    def _named(self, subscriptions: Iterable[Subscription]) -> list[str]:
        return [f"{s.native.lower()}@{suffix}" for s in subscriptions for suffix in self.streams[s.channel]]
