"""What other apps may ask of this one: the catalogue of what is followed."""

from __future__ import annotations

from marketdash.instruments.catalogue import Listed, catalogue

__all__ = ["Listed", "catalogue"]
