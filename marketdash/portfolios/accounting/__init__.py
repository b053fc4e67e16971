"""From entries to lots, gains and costs: exact numbers, the shapes of entries, the fold. Pure."""
