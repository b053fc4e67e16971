"""All checks: a room that is imported here is looked at."""

from __future__ import annotations

from marketdash.ops.doctor import bus, configured, database, feeds, machine, network, registry, web

ROOMS = (configured, machine, database, bus, feeds, network, web)
CHECKS = registry.CHECKS
