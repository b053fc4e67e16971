"""Signing out, a new password and deactivation end what the person left open; signing in does not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client

from marketdash import publish
from marketdash.live import process, sessions
from marketdash.live.closing import SIGNED_OUT
from marketdash.live.sessions import Identity

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def revoked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    ids: list[int] = []
    monkeypatch.setattr(publish, "notify", lambda kind, *rest: ids.extend(rest if kind == "revoke" else ()))
    return ids


@pytest.fixture
def person(transactional_db: None) -> User:
    return User.objects.create_user("ada", password="a long old password")


def test_signing_in_revokes_nothing_and_signing_out_does(person: User, revoked: list[int]) -> None:
    client = Client()

    answer = client.post("/accounts/login/", {"login": "ada", "password": "a long old password"})
    assert answer.status_code == 302
    assert revoked == []

    assert client.post("/accounts/logout/").status_code == 302
    assert revoked == [person.pk]


def test_a_visitor_who_signs_out_revokes_nothing(person: User, revoked: list[int]) -> None:
    Client().post("/accounts/logout/")

    assert revoked == []


def test_a_new_password_revokes(person: User, revoked: list[int]) -> None:
    client = Client()
    client.force_login(person)

    answer = client.post(
        "/accounts/password/",
        {
            "oldpassword": "a long old password",
            "password1": "another fine phrase",
            "password2": "another fine phrase",
        },
    )

    assert answer.status_code == 302
    assert revoked == [person.pk]


def test_deactivation_and_deletion_revoke(person: User, revoked: list[int]) -> None:
    key = person.pk
    person.is_active = False
    person.save()
    assert revoked == [key]

    person.delete()
    assert revoked == [key, key]


def test_staff_rights_given_or_taken_revoke(person: User, revoked: list[int]) -> None:
    for staff in (True, False):
        again = User.objects.get(pk=person.pk)
        again.is_staff = staff
        again.save()

    assert revoked == [person.pk, person.pk]


def test_a_change_of_name_revokes_nothing(person: User, revoked: list[int]) -> None:
    again = User.objects.get(pk=person.pk)
    again.first_name = "Ada"
    again.save()
    User.objects.only("username").get(pk=person.pk)

    assert revoked == []


def test_nothing_is_said_before_it_is_committed(person: User, revoked: list[int]) -> None:
    with transaction.atomic():
        person.is_active = False
        person.save()
        assert revoked == []
        transaction.set_rollback(True)

    assert revoked == []


class Socket:
    """What the hub knows of one that somebody opened."""

    def __init__(self, identity: Identity) -> None:
        self.user_id, self.identity, self.scopes = identity.user_id, identity, None
        self.grants: set[Any] = set()
        self.closing: Any = None

    def close(self, closing: Any) -> None:
        self.closing = closing


def test_what_opens_between_the_notice_and_the_end_of_the_session_is_closed(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signing out is announced first: a page that comes back just then still has a session."""
    browser = Client()
    browser.force_login(person)
    key = browser.cookies["sessionid"].value
    identity, _ = sessions.identify_all([key])[key]
    early, late, looks = Socket(identity), Socket(identity), []
    hub: Any = SimpleNamespace(viewers=SimpleNamespace(clients={early}))

    def outdated(held: Any) -> Any:
        found = sessions_outdated(held)
        if not looks:
            hub.viewers.clients.add(late)
            browser.session.flush()
        looks.append(len(found.ended))
        return found

    sessions_outdated = sessions.outdated
    monkeypatch.setattr(sessions, "outdated", outdated)
    monkeypatch.setattr(process, "LOOK_AGAIN_S", 0)
    async_to_sync(process._revoked)(hub, person.pk)

    assert looks == [0, 1] and early.closing == late.closing == SIGNED_OUT
