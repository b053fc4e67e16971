"""OANDA: currencies and metals as a dealer quotes them."""
