"""Codecs with the key that simulated venues let in, where they want one."""

from __future__ import annotations

from feeds.codec import Codec
from feeds.credentials import Credentials
from feeds.simulator.alpaca import KEY


def keyed(codec: Codec) -> Codec:
    if codec.needs_key:
        codec.credentials = Credentials(*KEY)
    return codec
