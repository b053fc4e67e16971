"""Alpaca: stocks of the United States."""
