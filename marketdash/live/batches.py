"""Rows put together into frames: what leads somebody from where he stands to now, as much as there is room or
time for. Pure.

A row of a deep book costs as much as a thousand small ones, so none is composed before it can be sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias

from marketdash.live.bodies import CHANNELS
from marketdash.live.credit import MOST_BYTES
from marketdash.live.outgoing import Outgoing, next_frame
from marketdash.live.views import Position, Track

Positions: TypeAlias = dict[Track, Position | None]

LARGEST_FRAME_BYTES = MOST_BYTES // 2
"""More than this is sent in several frames, each client at its own pace."""


class Batch(NamedTuple):
    """Rows of one frame and where they lead."""

    whole: bool
    rows: list[bytes]
    moved: Positions


class Enough(NamedTuple):
    """So many bytes, or a time on a clock."""

    most_bytes: float
    time_s: Callable[[], float]
    until_s: float

    def of(self, size: int) -> bool:
        return size >= self.most_bytes or self.time_s() >= self.until_s


def noted(tracks: Iterable[Track], looked_at: list[Track]) -> Iterator[Track]:
    """The same, each noted before it is looked at."""
    for track in tracks:
        looked_at.append(track)
        yield track


def composed(tracks: Iterable[Track], positions: Positions, now_us: int, enough: Enough) -> list[Batch]:
    """What leads from ``positions`` to now, snapshots and updates apart, first the kind that the first of the
    tracks is told with: behind a slow link all that is ever sent may be of the first. No track is looked at
    once there is ``enough``; whoever has an iterator goes on from there."""
    found: dict[bool, Batch] = {}
    size = 0
    for track in tracks:
        track.advance()
        row = track.row_since(positions.get(track), now_us)
        if row is not None:
            batch = found.setdefault(row.whole, Batch(row.whole, [], {}))
            batch.rows.append(row.data)
            batch.moved[track] = track.position
            size += len(row.data)
            if enough.of(
                size
            ):  # at least one: else who has most of it would begin with the same ones for ever
                break
    return list(found.values())


def cut(batch: Batch, channel: str, row_bytes: int) -> Batch:
    """Trades and bars are not merged into one: of what a slow link would take seconds for, the newest."""
    known = CHANNELS.get(channel)
    if known is None or known.cut is None:
        return batch
    return batch._replace(rows=[known.cut(row, row_bytes) for row in batch.rows])


def framed(head: tuple[bytes, bytes], batch: Batch) -> Outgoing:
    """``head``: what stands before and after its type and number."""
    number, (kind, tail) = next_frame(), head
    begun = b'%b"%b","frame":%d%b' % (kind, b"snapshot" if batch.whole else b"update", number, tail)
    return Outgoing(b"%b%b]}" % (begun, b",".join(batch.rows)), number)


def parts(batch: Batch, window_bytes: int) -> Iterator[Batch]:
    """In pieces that a window holds."""
    most = min(LARGEST_FRAME_BYTES, window_bytes)
    part, size = Batch(batch.whole, [], {}), 0
    for row, (track, position) in zip(batch.rows, batch.moved.items(), strict=True):
        if part.rows and size + len(row) > most:
            yield part
            part, size = Batch(batch.whole, [], {}), 0
        part.rows.append(row)
        part.moved[track] = position
        size += len(row)
    yield part


def moved(have: Positions, part: Batch) -> Positions:
    """What was sent just now comes last next time."""
    if len(part.moved) == len(have):
        return part.moved
    return {track: at for track, at in have.items() if track not in part.moved} | part.moved


def lacks(tracks: Iterable[Track], have: Positions) -> Iterator[Track]:
    """Those of which there is more than this."""
    for track in tracks:
        track.advance()
        if track.position is not None and track.position != have.get(track):
            yield track
