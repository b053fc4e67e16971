"""The hub of a process, whichever server runs it."""

from __future__ import annotations

import gc

from marketdash.live import process


async def test_what_was_loaded_before_the_hub_is_walked_by_no_collection(bus, monkeypatch) -> None:
    """Under daphne as well, which tells nobody when all is loaded."""
    monkeypatch.setattr(process, "get_channel_layer", bus.layer)
    gc.unfreeze()
    walked = len(gc.get_objects())

    process.hub()
    try:
        assert len(gc.get_objects()) < walked / 10
    finally:
        await process.close()
