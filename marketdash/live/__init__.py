"""Live values: the bus, the hub, the sockets."""
