"""What all rows of the WebSocket API have in common. Pure."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import UNSET, Struct, UnsetType

State: TypeAlias = Literal["live", "syncing", "stale", "halted", "delisted", "down"]
Text: TypeAlias = str | UnsetType
Number: TypeAlias = int | UnsetType


class Closed(Struct, forbid_unknown_fields=True, kw_only=True):
    pass


class Step(Closed, kw_only=True):
    """``state`` is in every snapshot, and in an update when it changed; ``reason`` goes with it."""

    epoch: str
    prev: int
    seq: int
    age_us: int
    state: State | UnsetType = UNSET
    reason: Text = UNSET
