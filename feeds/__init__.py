"""Market data from exchanges: plain asyncio Python, without Django and without a database."""
