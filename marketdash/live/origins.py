"""Which pages may open a socket: exactly ours, by scheme, host and port.

A browser sends its cookie along whatever page asks, and SameSite does not look at ports; so a socket that a
cookie may open must come from an origin that we know. A program sends no Origin, and has no cookie to abuse.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from django.http.request import split_domain_port, validate_host

_DEFAULT_PORTS = {"http": 80, "https": 443}

Origin = tuple[str, str, int]


def is_allowed(
    origin: str | None,
    *,
    host: str,
    secure: bool,
    has_cookie: bool,
    hosts: Collection[str],
    trusted: Collection[str],
) -> bool:
    """``host`` is the Host header; ``hosts`` and ``trusted`` are ALLOWED_HOSTS and CSRF_TRUSTED_ORIGINS."""
    if origin is None:
        return not has_cookie
    asked = parsed(origin)
    if asked is None:
        return False
    if any(asked == parsed(known) for known in trusted if "*" not in known):
        return True
    name, _ = split_domain_port(host)
    if not name or not validate_host(name, hosts):
        return False
    return asked == parsed(f"{'https' if secure else 'http'}://{host}")


def parsed(origin: str) -> Origin | None:
    """``scheme://host[:port]`` and nothing else; None for ``null`` and whatever is none."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    plain = not (parts.path or parts.query or parts.fragment or "@" in parts.netloc)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or not plain or parts.netloc.endswith(":"):
        return None
    return parts.scheme, parts.hostname, port or _DEFAULT_PORTS[parts.scheme]
