"""Files of others: looked at first, then recorded a few hundred rows at a time."""
