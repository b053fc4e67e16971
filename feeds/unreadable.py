"""Whom a frame that cannot be read speaks of: what they show is proven no more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from feeds.codec import Codec
from feeds.symbols import CHANNELS, DERIVATIVES, STATS

# Venues name channel and symbol before all that a frame may be long for, or behind it.
_HEAD, _TAIL = 4096, 256
_ALL = (*CHANNELS, STATS, *DERIVATIVES)
# Where a frame was cut nobody knows which quote opens and which closes.
_WORDS = re.compile(rb'(?="([^"\\]{1,64})")').findall


def spoken_of(
    codec: Codec, frame: bytes, followed: Mapping[tuple[str, str], object]
) -> Iterator[tuple[str, str]]:
    """(channel, instrument) of ``followed`` that it names; all channels where it names none."""
    head = frame[:_HEAD] + frame[max(_HEAD, len(frame) - _TAIL) :]
    yield from (key for key in codec.numbered(head) if key in followed)
    marked = [channel for channel, marks in codec.marks.items() if any(mark in head for mark in marks)]
    # A symbol stands alone, within the dotted name of a stream, or at the end of one with underscores; some
    # venues write it small there.
    words = [word.decode("utf-8", "replace") for word in _WORDS(head)]
    parts = ((word, *word.split("."), word.rpartition("_")[2], word.upper()) for word in words)
    named = dict.fromkeys(part for each in parts for part in each)
    for instrument in (f"{codec.venue}:{name}" for name in named):
        for channel in marked or _ALL:
            if (channel, instrument) in followed:
                yield channel, instrument
