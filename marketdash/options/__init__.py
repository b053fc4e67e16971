"""Options of an underlying side by side: prices, greeks and volatilities of their venue beside our own."""
