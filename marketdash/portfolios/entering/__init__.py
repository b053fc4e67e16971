"""An entry as somebody types it: what is asked of it, and what was meant. Pure."""
