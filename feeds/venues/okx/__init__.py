"""OKX: spot, perpetuals, dated futures and options, one venue: its names are unique over all of them."""
