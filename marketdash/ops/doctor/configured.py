"""Settings that can be read and are not meant so."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http.request import validate_host

from marketdash.environment import is_loopback, venue_of
from marketdash.ops.doctor.findings import Finding, fail, ok, warn
from marketdash.ops.doctor.registry import Site, check

SHORTEST_KEY, FEWEST_CHARACTERS = 50, 10
_PLACEHOLDERS = ("django-insecure", "changeme", "change-me", "change_me", "your-secret", "example")
_NAMES = "set ALLOWED_HOSTS to the names that people type, parted by commas, without scheme or port"
_MAKE_KEY = (
    "python -c 'import secrets; print(secrets.token_urlsafe(50))' into SECRET_KEY or the file of "
    "SECRET_KEY_FILE, the same for all processes; everybody signs in again"
)


@check("secret key")
def secret_key(site: Site) -> Finding:
    key = site.settings.SECRET_KEY
    expected = f"{SHORTEST_KEY} random characters or more"
    for name in ("SECRET_KEY", "SECRET_KEY_FILE"):
        given = site.variables.get(name)
        if given and not _is_used(site, name):
            return fail(f"{name} is given and empty, so one was made", expected, _MAKE_KEY)
    if any(word in key.lower() for word in _PLACEHOLDERS):
        return fail("the text of an example", expected, _MAKE_KEY)
    if len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_CHARACTERS:
        return fail(f"{len(key)} characters, {len(set(key))} different ones", expected, _MAKE_KEY)
    return ok(f"{len(key)} characters")


def _is_used(site: Site, name: str) -> bool:
    """An empty file counts as no key; a key is made then, which no other machine has."""
    kept = site.settings.DATA_DIR / "secret_key"
    try:
        return not (name.endswith("_FILE") and kept.read_text().strip() == site.settings.SECRET_KEY)
    except OSError:
        return True


@check("debug")
def debug(site: Site) -> Finding:
    if not site.settings.DEBUG:
        return ok("off")
    expected, todo = "DEBUG=false", "unset DEBUG: its pages show settings and code to whoever causes an error"
    here = is_loopback(site.settings.BIND_HOST) and not site.settings.BEHIND_PROXY
    return warn("on", expected, todo) if here else fail("on, where others can reach it", expected, todo)


@check("allowed hosts")
def allowed_hosts(site: Site) -> list[Finding]:
    hosts, settings = site.settings.ALLOWED_HOSTS, site.settings
    found = [fail("every name", "names of this site", _NAMES)] if "*" in hosts else []
    found += [
        fail(repr(name), "a name without scheme or port", _NAMES) for name in hosts if _is_no_name(name)
    ]
    for origin in _origins(site):
        name = urlsplit(origin).hostname or ""
        if not validate_host(name, hosts):
            found.append(fail(", ".join(hosts), f"{name} of {origin} among them", _NAMES))
    if settings.BEHIND_PROXY and all(map(_is_inside, hosts)):
        found.append(fail(", ".join(hosts), "the name by which the proxy is reached", _NAMES))
    return found or [ok(", ".join(hosts))]


def _is_no_name(text: str) -> bool:
    return "/" in text or (":" in text and not text.startswith("["))


def _is_inside(host: str) -> bool:
    """A name of this machine, or of a service beside it."""
    return is_loopback(host.strip("[]")) or ("." not in host and ":" not in host)


def _origins(site: Site) -> list[str]:
    return list(dict.fromkeys([*site.settings.CSRF_TRUSTED_ORIGINS, *site.origins]))


@check("tls")
def tls(site: Site) -> Finding:
    """Who ends it, and whether that is believed."""
    settings = site.settings
    secure = [origin for origin in _origins(site) if origin.startswith("https://")]
    if secure and not settings.BEHIND_PROXY:
        expected = "BEHIND_PROXY=true, because no process of ours ends TLS"
        return fail(
            f"{secure[0]} and no proxy", expected, "set BEHIND_PROXY=true when a proxy stands before it"
        )
    elsewhere = next((host for host in settings.ALLOWED_HOSTS if not _is_inside(host)), "")
    if elsewhere and settings.HTTPS and not settings.BEHIND_PROXY:
        todo = "set BEHIND_PROXY=true when a proxy ends TLS, or HTTPS=false in a network of yours without one"
        return fail(f"{elsewhere} is sent to https://, and nobody answers there", "who ends TLS", todo)
    if secure and not settings.HTTPS:
        todo = "unset HTTPS: it follows BEHIND_PROXY"
        return warn("cookies also travel without TLS", "HTTPS=true", todo)
    return ok("by the proxy" if settings.BEHIND_PROXY else "none: for this machine, or a network of yours")


@check("public markets")
def public_markets(site: Site) -> Finding:
    settings = site.settings
    if not settings.PUBLIC_MARKETS:
        return ok("off: visitors sign in")
    if is_loopback(settings.BIND_HOST) and not settings.BEHIND_PROXY:
        return ok("on, for this machine")
    todo = "set PUBLIC_MARKETS=false, unless prices are for everybody who reaches the site"
    return warn("visitors read markets without signing in", "a choice made knowingly", todo)


@check("venue addresses")
def venue_addresses(site: Site) -> list[Finding]:
    found = [
        problem for name, url in site.settings.VENUE_URLS.items() if (problem := _address(site, name, url))
    ]
    return found or [ok(f"{len(site.settings.VENUE_URLS)} set")]


def _address(site: Site, name: str, url: str) -> Finding | None:
    parts = urlsplit(url)
    if venue_of(name) not in site.known:
        return fail(name, f"a venue of {', '.join(site.known)}", f"rename or unset {name}")
    if parts.query or parts.fragment:
        return fail(f"{name}={url}", "scheme, host and port", "cut it behind the host")
    if parts.path.strip("/") and not is_loopback(parts.hostname or ""):
        expected = "scheme, host and port; the venue's own paths follow"
        return warn(f"{name}={url}", expected, "cut the path, unless a gateway of yours has it")
    return None
