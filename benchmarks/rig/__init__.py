"""The measuring apparatus: cores, processes, the load reader, the table."""
