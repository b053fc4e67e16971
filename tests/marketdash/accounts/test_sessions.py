"""A session is known by its key alone, and no row holds one: who reads the database is nobody."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from marketdash.accounts.sessions import SessionStore

pytestmark = pytest.mark.django_db(transaction=True)
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
STORED = import_module("marketdash.accounts.migrations.0004_digests_of_sessions")


def browser(key: str) -> Client:
    client = Client()
    client.cookies["sessionid"] = key
    return client


def signed_in(client: Client) -> bool:
    return client.get("/accounts/").status_code == 200


@pytest.fixture
def alice() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("alice"), BACKEND)
    return client


def test_what_stands_in_the_database_opens_nothing(alice: Client) -> None:
    key = alice.cookies["sessionid"].value
    (row,) = Session.objects.all()

    assert signed_in(browser(key)) and not signed_in(browser(row.pk))
    assert not any(key in str(value) or key[:16] in str(value) for value in vars(row).values())


def test_under_another_secret_no_session_is_found(alice: Client, settings) -> None:
    key = alice.cookies["sessionid"].value
    settings.SECRET_KEY = "another one, so that whoever guesses keys of a dump has no measure"

    assert not SessionStore().exists(key)


def test_signing_out_leaves_no_row(alice: Client) -> None:
    key = alice.cookies["sessionid"].value
    alice.post("/accounts/logout/")

    assert not Session.objects.exists() and not signed_in(browser(key))


def test_keys_that_were_stored_are_hidden_and_nobody_is_signed_out() -> None:
    user = User.objects.create_user("alice")
    old = db.SessionStore()
    old.update({SESSION_KEY: str(user.pk), "_auth_user_backend": BACKEND})
    old["_auth_user_hash"] = user.get_session_auth_hash()
    old.save()
    assert not signed_in(browser(old.session_key))

    for _ in range(2):  # once more changes nothing
        STORED.hide_keys(apps, SimpleNamespace(connection=connection))

        assert signed_in(browser(old.session_key))
        assert not Session.objects.filter(pk=old.session_key).exists()


WAYS = {"": lambda deed: deed, "a": async_to_sync}
"""Each deed of a store has a name of its own for asyncio."""


@pytest.mark.parametrize("way", WAYS)
def test_a_store_does_all_that_djangos_does(way: str) -> None:
    def do(store: SessionStore, name: str, *given: object) -> object:
        return WAYS[way](getattr(store, way + name))(*given)

    store = SessionStore()
    do(store, "update", {"word": 1})
    do(store, "save")
    first = store.session_key
    assert do(SessionStore(first), "get", "word") == 1 and do(SessionStore(), "exists", first)
    do(store, "cycle_key")
    do(store, "save")
    second = store.session_key
    assert not do(SessionStore(), "exists", first) and do(SessionStore(second), "get", "word") == 1
    with pytest.raises(db.UpdateError):
        gone = SessionStore(first)
        gone._session_cache = {"word": 2}
        do(gone, "save")
    assert Session.objects.count() == 1 and len(Session.objects.get().pk) == 40

    do(SessionStore(), "delete")
    assert do(SessionStore(), "exists", second)
    do(store, "flush")
    assert store.session_key is None and not Session.objects.exists()


@pytest.mark.parametrize("way", WAYS)
def test_one_that_has_expired_is_none(way: str) -> None:
    store = SessionStore()
    store.set_expiry(-1)
    store.save()

    assert WAYS[way](getattr(SessionStore(store.session_key), way + "load"))() == {}


@pytest.mark.parametrize("key", ["\0" * 32, "ü" * 32, "\udc80" * 32, "x" * 100_000, "' OR 1=1 --"])
def test_whatever_a_cookie_says_is_no_session(alice: Client, key: str) -> None:
    store = SessionStore(key)

    assert store.get("word") is None and store.session_key is None
