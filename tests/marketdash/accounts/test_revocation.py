"""Signing out, a new password and deactivation end what the person left open; signing in does not."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client

from marketdash import publish

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
