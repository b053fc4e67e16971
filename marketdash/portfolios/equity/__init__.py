"""What portfolios were worth over time, and what they returned."""
