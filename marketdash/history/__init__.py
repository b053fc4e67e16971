"""Bars that are kept: stored as they close, repaired from the venue, read by charts and first paints."""
