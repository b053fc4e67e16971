"""Whom a frame that cannot be read speaks of: what they show is proven no more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from feeds.codec import Codec
from feeds.symbols import CHANNELS, DERIVATIVES, STATS

# Every venue names channel and symbol before all that a frame may be long for.
_HEAD = 4096
_ALL = (*CHANNELS, STATS, *DERIVATIVES)
_WORDS = re.compile(rb'"([^"\\]{1,64})"').findall


def spoken_of(
    codec: Codec, frame: bytes, followed: Mapping[tuple[str, str], object]
) -> Iterator[tuple[str, str]]:
    """(channel, instrument) of ``followed`` that it names; all channels where it names none."""
    head = frame[:_HEAD]
    marked = [channel for channel, marks in codec.marks.items() if any(mark in head for mark in marks)]
    # A symbol stands alone, or within the dotted name of a stream; some venues write it small there.
    words = [word.decode("utf-8", "replace") for word in _WORDS(head)]
    named = dict.fromkeys(part for word in words for part in (word, *word.split("."), word.upper()))
    for instrument in (f"{codec.venue}:{name}" for name in named):
        for channel in marked or _ALL:
            if (channel, instrument) in followed:
                yield channel, instrument
