"""What a venue's own topics have to say, beside the slots of :mod:`feeds.merge`."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping

from feeds.clock import Clock
from feeds.frames import LIVE, encode, status_body
from feeds.health import TopicHealth
from feeds.sinks import VenueReport
from feeds.state import MarketState

_FIELDS = ("state", "reason", "since", "ts_received", "messages", "messages_per_s")
_FIELDS += ("gaps", "resyncs", "last_error", "phase")
_RATE_OVER_NS, _SAMPLE_NS = 5_000_000_000, 900_000_000

Item = tuple[str | int | float, ...]


class StatusSlot:
    """The slot of ``status:VENUE``: fields of the newest report that differ from those sent.

    ``parts`` says which of the venue's this worker writes: the hubs join what several say.
    """

    __slots__ = ("_parts", "_report", "_sent")

    def __init__(self, parts: Callable[[], list[int]]) -> None:
        self._parts = parts
        self._report: dict[str, object] = {}
        self._sent: dict[str, object] = {}

    def put(self, report: object) -> None:
        assert isinstance(report, VenueReport)
        shown = status_body(report.state, report.reason, report.title, report.links, report.counters)
        phase = {"phase": report.phase, "phase_words": report.phase_words}
        self._report = {**shown, "limited_until": report.limited_until_us, **phase}

    def take(self, state: object) -> bytes | None:
        sent, self._sent = self._sent, self._now()
        body = {key: value for key, value in self._sent.items() if sent.get(key) != value}
        if "state" in body or "reason" in body:
            body.update(state=self._report["state"], reason=self._report["reason"])
        return encode(body) if body else None

    def keyframe(self, state: object) -> bytes:
        """What was taken last, so that it is in step with the rows."""
        return encode(self._sent)

    def _now(self) -> dict[str, object]:
        return {**self._report, "parts": self._parts()}


class Rates:
    """Messages per second of each topic over the last five seconds, by samples a second apart."""

    __slots__ = ("_samples",)

    def __init__(self) -> None:
        self._samples: deque[tuple[int, dict[str, int]]] = deque()

    def sample(self, now_ns: int, counts: dict[str, int]) -> None:
        samples = self._samples
        if samples and now_ns - samples[-1][0] < _SAMPLE_NS:
            return
        while len(samples) > 1 and now_ns - samples[1][0] >= _RATE_OVER_NS:
            samples.popleft()
        samples.append((now_ns, counts))

    def of(self, topic: str) -> float:
        """0 until there are two samples of it."""
        (first_ns, before), (last_ns, now) = self._samples[0], self._samples[-1]
        count = now.get(topic, 0)
        if last_ns == first_ns:
            return 0.0
        # A topic that is new counts from nothing, one that began again too.
        return round(max(0, count - min(before.get(topic, 0), count)) * 1e9 / (last_ns - first_ns), 1)


class HealthSlot:
    """The slot of ``health:VENUE``: the topics that differ from those sent, of each the fields that do.

    ``ts`` is the wall time that ``ts_received`` is to be compared with. A topic that is gone makes the next
    row a whole one, because a row can only add and overwrite. ``about`` are the figures of this process.
    """

    __slots__ = ("replaces", "_clock", "_about", "_rates", "_sent", "_venue", "_ts")

    def __init__(self, clock: Clock, about: Callable[[], Mapping[str, object]]) -> None:
        self.replaces = False
        self._clock, self._about, self._rates = clock, about, Rates()
        self._sent: dict[str, Item] = {}
        self._venue: dict[str, object] = {}
        self._ts = 0

    def put(self, event: object) -> None:
        """Nothing needs to be remembered: all of it is read when it is time to."""

    def take(self, state: MarketState) -> bytes | None:
        sent, self._sent = self._sent, self._read(list(state.health()))
        before, self._venue = self._venue, self._read_venue(state)
        self.replaces = not sent.keys() <= self._sent.keys()
        if self.replaces:
            return self.keyframe(state)
        changed = ((name, now, sent.get(name)) for name, now in self._sent.items())
        items = [_item(name, now, old) for name, now, old in changed if now != old]
        news = {name: value for name, value in self._venue.items() if before.get(name) != value}
        return encode({"ts": self._ts, "topics": items, **news}) if items or news else None

    def keyframe(self, state: MarketState) -> bytes:
        """What was taken last, so that it is in step with the rows."""
        topics = [_item(name, now, None) for name, now in self._sent.items()]
        return encode({"state": LIVE, "reason": "", "ts": self._ts, "topics": topics, **self._venue})

    def _read_venue(self, state: MarketState) -> dict[str, object]:
        figures = state.latency.figures(self._clock.mono_ns())
        return {"latency": figures._asdict() if figures else None, "workers": [self._about()]}

    def _read(self, found: list[TopicHealth]) -> dict[str, Item]:
        self._ts = self._clock.wall_ns() // 1000
        self._rates.sample(self._clock.mono_ns(), {topic.topic: topic.messages for topic in found})
        return {topic.topic: (*topic[1:6], self._rates.of(topic.topic), *topic[6:]) for topic in found}


def _item(name: str, now: Item, before: Item | None) -> Mapping[str, object]:
    """All fields, or those that differ from ``before``."""
    if before is None:
        return {"topic": name, **dict(zip(_FIELDS, now, strict=True))}
    fields = zip(_FIELDS, now, before, strict=True)
    return {"topic": name, **{field: value for field, value, old in fields if value != old}}
