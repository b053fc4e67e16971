"""Bybit v5 in public: spot, linear and inverse contracts, options."""
