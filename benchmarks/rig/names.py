"""The made-up Kraken pairs that synthetic rows run on."""

from __future__ import annotations


def natives(count: int) -> list[str]:
    return [f"B{number:04d}/USD" for number in range(count)]


def symbols(count: int) -> list[str]:
    return [f"KRAKEN:{native}" for native in natives(count)]
