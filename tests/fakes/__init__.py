"""Stand-ins that behave, and misbehave, like the real thing."""
