"""What all rows of the WebSocket API have in common. Pure."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import UNSET, Struct, UnsetType

State: TypeAlias = Literal["live", "syncing", "stale", "halted", "delisted", "down"]
Phase: TypeAlias = Literal["", "closed"]
Text: TypeAlias = str | UnsetType
Number: TypeAlias = int | UnsetType


class Closed(Struct, forbid_unknown_fields=True, kw_only=True):
    pass


class Step(Closed, kw_only=True):
    """``state`` is in every snapshot, and in an update when it changed; ``reason`` goes with it.

    ``phase`` tells a market that its hours closed from one that is halted: ``closed`` beside ``halted``, and
    ``reason`` says until when. Empty, or absent where none was told yet: it is not closed.
    """

    epoch: str
    prev: int
    seq: int
    age_us: int
    state: State | UnsetType = UNSET
    reason: Text = UNSET
    phase: Phase | UnsetType = UNSET
