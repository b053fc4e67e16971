"""Numbers, entries and what they do, as people read them."""
