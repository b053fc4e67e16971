"""A writer of the bus without a feed or a sink: it numbers, forgets, begins anew and answers as one does."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from typing import Any

import msgspec

from feeds.symbols import split_topic
from marketdash.live import bus

SHARDS = 2
SYMBOLS = [*(f"KRAKEN:S{n}/USD" for n in range(4)), *(f"BINANCE:B{n}" for n in range(3))]
VENUES = ["KRAKEN", "BINANCE"]
NAMES = [
    *(f"{channel}:{symbol}" for symbol in SYMBOLS for channel in ("ticker", "book", "trade")),
    *(f"status:{venue}" for venue in VENUES),
]
GROUPS = bus.groups(SHARDS)
GROUP_OF = {name: bus.group_of(split_topic(name), SHARDS) for name in NAMES}
_PARTS = {venue: list(range(12)) for venue in VENUES}
_LIVE = {"state": "live", "reason": ""}
_FIRST, _PRICES = {"bids": 100, "asks": 200}, 40

_encode = msgspec.json.Encoder().encode


class HandWriter:
    """``carry`` takes a message for a group; what it says was refused is said anew. ``whole``: of these the
    next row is a keyframe."""

    def __init__(
        self, chance: random.Random, levels: int, now_s: Callable[[], float],
        carry: Callable[[str, bus.Message], bool],
    ) -> None:  # fmt: skip
        self.seq = dict.fromkeys(NAMES, 0)
        self._chance, self._levels, self._now_s, self._carry = chance, levels, now_s, carry
        self._number, self._began = 0, 1
        self._values: dict[str, Any] = {name: _nothing(name) for name in NAMES}
        self._rows: dict[str, list[bus.Entry]] = {group: [] for group in GROUPS}
        self._whole, self._asked = set(NAMES), set[str]()

    @property
    def epoch(self) -> str:
        return f"{self._began:04}"

    def position(self, name: str) -> tuple[str, int]:
        return self.epoch, self.seq[name]

    def begin_again(self) -> None:
        """Another one, that knows nothing of this one's numbers."""
        self._began += 1
        self.seq, self._whole, self._asked = dict.fromkeys(NAMES, 0), set(NAMES), set()
        self._rows = {group: [] for group in GROUPS}

    def ask(self, names: Collection[str]) -> None:
        """Keyframes."""
        self._asked.update(self.seq.keys() & names)

    def move(self, name: str) -> None:
        self._number += 1
        body = self._changed(name, str(self._number))
        if name not in self._whole:
            self.seq[name] += 1
            seq = self.seq[name]
            self._rows[GROUP_OF[name]].append((name, seq - 1, seq, 0, _encode(body)))

    def _changed(self, name: str, number: str) -> dict[str, Any]:
        channel, value = name.partition(":")[0], self._values[name]
        if channel == "trade":
            value.append({"trade_id": number})
            return {"trades": value[-1:]}
        if channel == "book":
            return {side: self._levels_of(levels, _FIRST[side]) for side, levels in value.items()}
        value["bid" if channel == "ticker" else "title"] = number
        return dict(value)

    def _levels_of(self, levels: dict[str, str], first: int) -> list[tuple[str, str]]:
        changes = {}
        for _ in range(self._chance.randrange(self._levels)):
            price = f"{first + self._chance.randrange(_PRICES)}.0"
            qty = self._chance.choice(["0", str(self._number)])
            if qty != "0":
                levels[price] = changes[price] = qty
            elif levels.pop(price, None) is not None:
                changes[price] = qty
        return list(changes.items())

    def flush(self, group: str, *, beat: bool = False) -> None:
        """What is to be said in it, with a heartbeat if there shall be one."""
        rows, self._rows[group] = self._rows[group], []
        due = {name for name in NAMES if GROUP_OF[name] == group}
        keyframes = due & (self._whole | self._asked)
        for name in due & self._whole:
            self.seq[name] += 1
        entries = [row for row in rows if row[0] not in self._whole]
        entries += [(name, 0, self.seq[name], 0, self._keyframe(name)) for name in sorted(keyframes)]
        self._whole -= due
        self._asked -= due
        message = bus.rows(self.epoch, group, int(self._now_s() * 1e6), entries)
        if beat:
            message = bus.beat(message, _PARTS, {name: self.seq[name] for name in due}, "")
        if (beat or entries) and not self._carry(group, message):
            self._whole.update(name for name, *_ in entries)

    def _keyframe(self, name: str) -> bytes:
        channel, value = name.partition(":")[0], self._values[name]
        if channel == "trade":
            return _encode({**_LIVE, "trades": value[-200:]})
        if channel == "book":
            return _encode({**_LIVE, **{side: list(levels.items()) for side, levels in value.items()}})
        return _encode({**_LIVE, **value})


def _nothing(name: str) -> Any:
    channel = name.partition(":")[0]
    return [] if channel == "trade" else {"bids": {}, "asks": {}} if channel == "book" else {}
