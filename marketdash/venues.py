"""The venues of this release, and where each one is to be found: its own hosts, or where a setting points."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from feeds.admission import missing
from feeds.codec import Codec
from feeds.credentials import Credentials
from feeds.private import PrivateCodec
from feeds.venues import PRIVATE, VENUES, codec, private_codec


def codecs(names: list[str] | None = None) -> dict[str, Codec]:
    """All of the registry, or those named, with the operator's keys; raises :class:`LookupError` naming the
    venues there are."""
    return {name: _made(name) for name in (VENUES if names is None else names)}


def _made(name: str) -> Codec:
    made = codec(name)
    if made.key_parts and name in settings.VENUE_KEYS:
        made.credentials = Credentials(*settings.VENUE_KEYS[name])
    if name in settings.VENUE_FEEDS:
        made.feed = settings.VENUE_FEEDS[name]
    return made


def unconfigured(codec: Codec) -> str:
    """What is to be set before this venue can be followed; ``""``: nothing."""
    return missing(codec)


def private_codecs() -> dict[str, PrivateCodec]:
    """Of the venues that tell an account of its own orders and fills."""
    return {name: private_codec(name) for name in PRIVATE}


def urls(names: list[str] | None = None) -> dict[str, tuple[str, str]]:
    """Name to (WebSocket root, REST root), without a slash at the end."""
    return {name: urls_of(codec) for name, codec in codecs(names).items()}


def urls_of(codec: Codec) -> tuple[str, str]:
    websocket = settings.VENUE_URLS.get(f"VENUE_{codec.venue}_WS_URL", codec.ws_url)
    rest = settings.VENUE_URLS.get(f"VENUE_{codec.venue}_REST_URL", codec.rest_url)
    return websocket.rstrip("/"), rest.rstrip("/")


def private_urls(codec: PrivateCodec) -> tuple[str, str]:
    """Of what an account alone is told: hosts of its own at some venues, so settings of its own too."""
    websocket = settings.VENUE_URLS.get(f"VENUE_{codec.venue}_PRIVATE_WS_URL", codec.ws_url)
    rest = settings.VENUE_URLS.get(f"VENUE_{codec.venue}_PRIVATE_REST_URL", codec.rest_url)
    return websocket.rstrip("/"), rest.rstrip("/")


def titles() -> dict[str, str]:
    return {name: codec.title for name, codec in codecs().items()}


def configured() -> dict[str, str]:
    """The titles of those that can be followed as they are."""
    return {name: made.title for name, made in codecs().items() if not unconfigured(made)}


def zone_of(name: str) -> str:
    """The time zone of an exchange. Those that never close keep UTC, and their codecs say nothing of it."""
    return getattr(codec(name), "zone", "UTC") if name in VENUES else "UTC"


@cache
def _languages() -> dict[str, Codec]:
    """Of all venues, without keys: asked of each line of a list, so made once."""
    return {name: codec(name) for name in VENUES}


def tells(name: str, channel: str) -> bool:
    """Whether a venue has this channel at all."""
    return name not in VENUES or channel in _languages()[name].channels


def untold(name: str) -> tuple[str, ...]:
    """Of the last price and a day's figures those that it never tells, by the names of a ticker's row; and
    ``bar_volume`` where its bars have no volume."""
    return _languages()[name].untold if name in VENUES else ()


def funds_continuously(name: str) -> bool:
    """Whether funding is paid all the time, so that there is no next time to wait for."""
    return name in VENUES and _languages()[name].funds_continuously


def samples_liquidations(name: str) -> bool:
    """Whether a venue tells only some of the positions that it closed; codecs of those that do say so."""
    return name in VENUES and bool(getattr(codec(name), "samples_liquidations", False))
