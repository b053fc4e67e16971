"""How what is followed is spread over the links of a venue. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from zlib import crc32

from feeds.codec import LinkPlan, Subscription


def spread(loads: Mapping[str, int], capacity: int) -> dict[int, list[str]]:
    """Instruments over links of at most ``capacity``: a link's number → instruments.

    ``loads`` is what each takes. By a stable hash, a link being split in two when it is too full. The first
    half keeps the number, so that one instrument more moves at most half of one link's.
    """
    return dict(_split(list(loads), loads, capacity, 0, 0))


def together(
    subscriptions: Iterable[Subscription], most: int, path: str = "", name: str = "public"
) -> list[LinkPlan]:
    """All channels of an instrument on one link, ``most`` instruments on each; see :func:`spread`."""
    wanted: dict[str, list[Subscription]] = {}
    for item in subscriptions:
        wanted.setdefault(item.instrument, []).append(item)
    groups = spread(dict.fromkeys(wanted, 1), most)
    carried = {at: tuple(item for each in names for item in wanted[each]) for at, names in groups.items()}
    return [LinkPlan(f"{name}.{at}", path, items) for at, items in carried.items()]


def _split(
    names: list[str], loads: Mapping[str, int], capacity: int, number: int, bit: int
) -> Iterator[tuple[int, list[str]]]:
    if len(names) < 2 or bit == 32 or sum(loads[name] for name in names) <= capacity:
        if names:
            yield number, names
        return
    halves: tuple[list[str], list[str]] = ([], [])
    for name in names:
        halves[crc32(name.encode()) >> bit & 1].append(name)
    yield from _split(halves[0], loads, capacity, number, bit + 1)
    yield from _split(halves[1], loads, capacity, number | 1 << bit, bit + 1)
