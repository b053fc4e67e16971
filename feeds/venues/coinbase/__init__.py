"""Coinbase Advanced Trade: one sequence over a whole link, whole books in one frame."""
