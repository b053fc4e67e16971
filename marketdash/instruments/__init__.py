"""Venues, assets and instruments: what there is to watch, and what the worker is to follow."""
