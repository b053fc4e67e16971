"""Whose request it is where proxies stand in front: each appends to X-Forwarded-For whom it was asked by."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable


def address(peer: str, forwarded: Iterable[str], proxies: int) -> str:
    """What the outermost of our ``proxies`` wrote; ``peer`` where it wrote nothing that is an address.

    ``forwarded`` are the headers in their order. What stands before ours in them anybody may have sent.
    """
    said = [part.strip() for header in forwarded for part in header.split(",")]
    if not 0 < proxies <= len(said):
        return peer
    try:
        return str(ipaddress.ip_address(_without_port(said[-proxies])))
    except ValueError:
        return peer


def _without_port(text: str) -> str:
    """``[2001:db8::1]:443`` and ``192.0.2.1:443`` are written by some."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
