"""Figures for Prometheus: of this web process, and of the feeds as their worker tells them over the bus.

Made anew for each scrape, from absolute values: nothing is counted twice and nothing is kept between scrapes.
Names, units and labels are explained in ``docs/operate.md``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import generate_latest

from feeds.frames import WORST_FIRST
from feeds.latency import BOUNDS_US
from marketdash import publish

PARTS = ("web", "feeds")
PREFIX = "marketdash"


class _Families:
    """Metrics by name, so that samples of several venues end in one family."""

    def __init__(self) -> None:
        self._found: dict[str, Any] = {}

    def gauge(self, name: str, words: str, value: float, **labels: str) -> None:
        self._add(GaugeMetricFamily, name, words, value, labels)

    def counter(self, name: str, words: str, value: float, **labels: str) -> None:
        self._add(CounterMetricFamily, name, words, value, labels)

    def info(self, name: str, words: str, value: dict[str, str], **labels: str) -> None:
        self._add(InfoMetricFamily, name, words, value, labels)

    def histogram(self, name: str, words: str, buckets: Sequence[int], sum_us: int, **labels: str) -> None:
        """``buckets`` are counts by :data:`BOUNDS_US`, the last one of what is longer."""
        family = self._family(HistogramMetricFamily, name, words, labels)
        bounds = [*(f"{bound / 1e6:g}" for bound in BOUNDS_US), "+Inf"]
        total, cumulated = 0, []
        for bound, count in zip(bounds, buckets, strict=True):
            total += count
            cumulated.append((bound, float(total)))
        family.add_metric(list(labels.values()), cumulated, sum_value=sum_us / 1e6)

    def _add(self, kind: type, name: str, words: str, value: Any, labels: Mapping[str, str]) -> None:
        self._family(kind, name, words, labels).add_metric(list(labels.values()), value)

    def _family(self, kind: type, name: str, words: str, labels: Mapping[str, str]) -> Any:
        full = f"{PREFIX}_{name}"
        if full not in self._found:
            self._found[full] = kind(full, words, labels=list(labels))
        return self._found[full]

    def collect(self) -> Iterator[Metric]:
        yield from self._found.values()


Rows = Mapping[str, tuple[publish.Row | None, publish.Row | None]]
"""Venue → its status and its health."""


def text(part: str, statistics: publish.Statistics, feeds: Rows) -> bytes:
    """``part`` is one of :data:`PARTS`, or nothing for both."""
    families = _Families()
    if part in ("", "web"):
        _web(families, statistics)
    if part in ("", "feeds"):
        workers: dict[str, Mapping[str, Any]] = {}
        for venue, (status, health) in sorted(feeds.items()):
            _venue(families, venue, status)
            if health is not None:
                _health(families, venue, health)
                workers |= {str(each["epoch"]): each for each in health.body.get("workers", ())}
        _workers(families, workers)
    registry = CollectorRegistry()
    registry.register(families)  # type: ignore[arg-type]
    return generate_latest(registry)


def _web(add: _Families, now: publish.Statistics) -> None:
    process = str(os.getpid())
    add.gauge("web_clients", "WebSocket clients of this process.", now.clients, process=process)
    add.gauge("web_views", "Distinct views that clients share.", now.views, process=process)
    add.gauge("web_topics", "Topics that this process holds.", now.topics, process=process)
    add.gauge("web_tasks", "Tasks of this process's loop.", now.tasks, process=process)
    add.gauge(
        "web_slots_waiting", "Slots of clients that cannot be sent anything.", now.waiting, process=process
    )
    add.gauge("web_memory_bytes", "Resident memory.", now.memory_bytes, process=process)
    add.counter("web_cpu_seconds", "Processor time.", now.cpu_s, process=process)
    for name, count in sorted(now.counters.items()):
        add.counter(
            "web_hub_events", "What the hub counts.", count, process=process, event=name.replace(" ", "_")
        )
    words = "How much longer than the quickest message each message of the bus took."
    add.histogram("bus_lateness_seconds", words, now.lateness, now.lateness_sum_us, process=process)


def _venue(add: _Families, venue: str, row: publish.Row | None) -> None:
    state = row.state if row is not None else "down"
    add.gauge("feed_up", "1 while the venue is live.", float(state == "live"), venue=venue)
    for word in WORST_FIRST:
        add.gauge(
            "feed_state", "1 for the state the venue is in.", float(state == word), venue=venue, state=word
        )
    for link in row.body.get("links", ()) if row is not None else ():
        _link(add, venue, link)


def _link(add: _Families, venue: str, link: Mapping[str, Any]) -> None:
    where = {"venue": venue, "link": str(link["name"])}
    add.gauge("link_up", "1 while the link is live.", float(link["state"] == "live"), **where)
    add.gauge("link_topics", "Topics that the venue confirmed.", link["topics"], **where)
    add.gauge("link_messages_per_second", "Frames in the last second.", link["messages_per_s"], **where)
    for name, words in _LINK_COUNTERS.items():
        add.counter(f"link_{name}", words, link.get(name, 0), **where)


_LINK_COUNTERS = {
    "gaps": "Breaks of a stream.",
    "resyncs": "Books asked for again.",
    "reconnects": "Connections lost.",
    "decode_errors": "Frames that could not be read.",
}


def _health(add: _Families, venue: str, row: publish.Row) -> None:
    latency = row.body.get("latency")
    if latency:
        words = "From the venue to the feed, above the quickest message of the last minutes."
        add.histogram("feed_latency_seconds", words, latency["buckets"], latency["sum_us"], venue=venue)
        words = "Least difference of the feed's clock and the venue's, the shortest way included."
        add.gauge("feed_clock_difference_seconds", words, latency["least_us"] / 1e6, venue=venue)
    for item in row.body.get("topics", ()):
        _topic(add, venue, item, silent=row.state != "live")


def _topic(add: _Families, venue: str, item: Mapping[str, Any], *, silent: bool) -> None:
    channel, _, instrument = str(item["topic"]).partition(":")
    where = {"venue": venue, "channel": channel, "instrument": instrument}
    live = item["state"] == "live" and not silent
    add.gauge("topic_live", "1 while the topic is live.", float(live), **where)
    if item["age_us"] is not None:
        add.gauge("topic_age_seconds", "Since its last message.", item["age_us"] / 1e6, **where)
    add.counter("topic_messages", "Events taken in.", item["messages"], **where)
    add.counter("topic_gaps", "Breaks of its stream.", item["gaps"], **where)
    add.counter("topic_resyncs", "How often it was proven again.", item["resyncs"], **where)


def _workers(add: _Families, workers: Mapping[str, Mapping[str, Any]]) -> None:
    add.gauge("workers", "Feed processes that are heard of.", len(workers))
    for epoch, worker in sorted(workers.items()):
        add.gauge("worker_memory_bytes", "Resident memory.", worker["memory_bytes"], worker=epoch)
        add.counter("worker_cpu_seconds", "Processor time.", worker["cpu_s"], worker=epoch)
        add.gauge("worker_start_time_seconds", "Since 1970.", worker["started"] / 1e6, worker=epoch)
        add.counter("worker_published", "Messages on the bus.", worker["published"], worker=epoch)
        words = "Messages that the bus did not take."
        add.counter("worker_publish_failures", words, worker["publish_failures"], worker=epoch)
