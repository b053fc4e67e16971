"""What people arrange for themselves: watchlists."""
