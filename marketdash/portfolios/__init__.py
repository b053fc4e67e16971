"""Portfolios: an append-only ledger of signed legs, and what follows from it."""
