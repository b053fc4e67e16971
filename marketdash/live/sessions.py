"""Who a socket belongs to, by its session cookie or token: read at the handshake, and for all each 30 s."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from marketdash import access

_BATCH = 500
"""SQLite bounds the number of parameters."""


class Identity(NamedTuple):
    """``auth_hash`` changes with the password; ``details``: what only some may read was opened to them."""

    user_id: int
    session_key: str
    auth_hash: str
    details: bool = False


class Outdated(NamedTuple):
    """``ended``: the session or token, or its user may not sign in. ``changed``: the user has other
    rights."""

    ended: set[Identity | TokenIdentity]
    changed: set[Identity | TokenIdentity]


class TokenIdentity(NamedTuple):
    """A bot's."""

    user_id: int
    token_id: int


def identify_all(session_keys: Iterable[str]) -> dict[str, tuple[Identity, Any]]:
    """Whose sessions these are, and the users; without those that are nobody's. Reads the database."""
    claims = _claims(session_keys)
    users = _users({claim.user_id for claim in claims.values()})
    found = {}
    for key, claim in claims.items():
        user = users.get(claim.user_id)
        if user is not None and _agrees(claim, user):
            found[key] = claim._replace(details=access.may_read_details(user)), user
    return found


def _users(user_ids: Iterable[int]) -> dict[int, Any]:
    users: dict[int, Any] = {}
    for batch in _batches(user_ids):
        users.update(get_user_model()._default_manager.in_bulk(batch))
    return users


def outdated(identities: Iterable[Identity | TokenIdentity]) -> Outdated:
    """Those that are not what they were when their sockets were opened. Reads the database."""
    held = list(identities)
    bots = [identity for identity in held if isinstance(identity, TokenIdentity)]
    ended = access.ended_tokens({identity.token_id for identity in bots})
    found = _of_people([identity for identity in held if isinstance(identity, Identity)])
    found.ended.update(identity for identity in bots if identity.token_id in ended)
    return found


def _of_people(held: list[Identity]) -> Outdated:
    claims = _claims({identity.session_key for identity in held})
    users = _users({identity.user_id for identity in held})
    found = Outdated(set(), set())
    for identity in held:
        user, claim = users.get(identity.user_id), claims.get(identity.session_key)
        if user is None or claim != identity._replace(details=False) or not _agrees(identity, user):
            found.ended.add(identity)
        elif identity.details != access.may_read_details(user):
            found.changed.add(identity)
    return found


def _agrees(identity: Identity, user: Any) -> bool:
    return bool(user.is_active) and constant_time_compare(identity.auth_hash, user.get_session_auth_hash())


def _claims(session_keys: Iterable[str]) -> dict[str, Identity]:
    """What sessions that have not expired say of themselves."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    found = {}
    for key, data in _loaded(store, session_keys):
        if SESSION_KEY in data and BACKEND_SESSION_KEY in data:
            user_id = get_user_model()._meta.pk.to_python(data[SESSION_KEY])
            found[key] = Identity(user_id, key, data.get(HASH_SESSION_KEY, ""))
    return found


def _loaded(store: Any, session_keys: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    model = store.get_model_class()
    for batch in _batches(session_keys):
        keys = {store.stored_key(key): key for key in batch}
        for row in model.objects.filter(pk__in=keys.keys(), expire_date__gt=timezone.now()):
            yield keys[row.pk], row.get_decoded()


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    ordered = list(items)
    for start in range(0, len(ordered), _BATCH):
        yield ordered[start : start + _BATCH]
