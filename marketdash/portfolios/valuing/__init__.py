"""What a folded book is worth at the prices of one moment, and as they move. Pure."""
