"""Bitstamp: a book of a hundred levels in each message, dated to the microsecond and never numbered."""
