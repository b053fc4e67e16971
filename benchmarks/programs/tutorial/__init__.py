"""The peer most people build first: one Channels consumer per browser, one group, JSON for each."""
