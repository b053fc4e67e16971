"""What happened, when it began and ended, and what of it is not written yet. Pure."""

from __future__ import annotations

from typing import NamedTuple

MAX_PENDING = 2_000
"""While the database is away so many wait; then the oldest of those that are over go, and are counted."""


class Entry(NamedTuple):
    """``ended_us`` 0: it goes on. Times are wall time in microseconds."""

    key: str
    kind: str
    venue: str
    subject: str
    text: str
    began_us: int
    ended_us: int = 0


class Journal:
    """Of one life of the feed process, whose ``name`` makes the keys its own."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.pending: dict[str, Entry] = {}
        self._taken: dict[str, Entry] = {}
        self.dropped = 0
        self._open: dict[tuple[str, str], Entry] = {}
        self._count = 0

    def begin(self, kind: str, venue: str, subject: str, text: str, at_us: int) -> None:
        """It goes on until :meth:`end`; what goes on already is left as it is."""
        if (kind, subject) not in self._open:
            self._open[kind, subject] = self._entry(kind, venue, subject, text, at_us)

    def retell(self, kind: str, subject: str, text: str) -> None:
        """Other words for what goes on."""
        entry = self._open.get((kind, subject))
        if entry is not None and entry.text != (words := _kept(text)):
            self._open[kind, subject] = self._put(entry._replace(text=words))

    def end(self, kind: str, subject: str, at_us: int) -> None:
        entry = self._open.pop((kind, subject), None)
        if entry is not None:
            self._put(entry._replace(ended_us=max(at_us, entry.began_us)))

    def happened(self, kind: str, venue: str, subject: str, text: str, at_us: int, began_us: int = 0) -> None:
        """It is over already; without ``began_us`` it had no length."""
        entry = self._entry(kind, venue, subject, text, began_us or at_us)
        self._put(entry._replace(ended_us=at_us))

    def take(self) -> list[Entry]:
        """What is to be written now. Then it is :meth:`written`, or :meth:`put_back`."""
        self._taken, self.pending = self.pending, {}
        return list(self._taken.values())

    def written(self) -> None:
        self._taken = {}

    def put_back(self) -> None:
        """What changed meanwhile is newer than what comes back."""
        self.pending, self._taken = self._taken | self.pending, {}
        self._bound()

    def waiting(self) -> list[Entry]:
        """All that is not written, what is being written just now included."""
        return list((self._taken | self.pending).values())

    def _entry(self, kind: str, venue: str, subject: str, text: str, began_us: int) -> Entry:
        self._count += 1
        key = f"{self.name}.{self._count}"
        return self._put(Entry(key, kind, venue, subject[:200], _kept(text), began_us))

    def _put(self, entry: Entry) -> Entry:
        self.pending[entry.key] = entry
        self._bound()
        return entry

    def _bound(self) -> None:
        while len(self.pending) > MAX_PENDING:
            over = (key for key, entry in self.pending.items() if entry.ended_us)
            del self.pending[next(over, next(iter(self.pending)))]
            self.dropped += 1


def _kept(text: str) -> str:
    """As much as there is room for, without what no database keeps."""
    return text.replace("\0", "")[:300]
