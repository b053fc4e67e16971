"""Deribit: perpetuals, futures, options, spot pairs, and the indexes that they are priced off."""
