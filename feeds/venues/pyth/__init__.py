"""Pyth: prices that publishers agree on, with how sure they are of them."""
