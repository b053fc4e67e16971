"""Exchanges on loopback: a matching engine behind each venue's own WebSocket and REST protocol.

It shares no code with the codecs on purpose, so that what it says of a book is a second opinion.
"""

from __future__ import annotations

from feeds.simulator.server import Simulator

__all__ = ["Simulator"]
