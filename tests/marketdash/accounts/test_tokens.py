"""Tokens: made in the pages and shown once, good for their scopes, gone at once; Alice's are Alice's."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from marketdash import access, publish
from marketdash.accounts import tokens
from marketdash.accounts.models import Token

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("database")]
GOOD = {"name": "arbiter", "scopes": ["read:markets"], "days": "30"}


@pytest.fixture
def alice(database: str) -> User:
    return User.objects.create_user("alice", password="a long old password")


@pytest.fixture
def revoked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    ids: list[int] = []
    monkeypatch.setattr(publish, "notify", lambda kind, *rest: ids.extend(rest if kind == "revoke" else ()))
    return ids


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def secret_in(text: str) -> str:
    found = re.search(r'<code class="secret"[^>]*>([^<]+)<', text)
    assert found is not None
    return found[1]


def test_a_token_is_shown_once_and_kept_as_a_digest_alone(alice: User) -> None:
    client = signed_in(alice)
    answer = client.post("/accounts/tokens/", GOOD)
    secret = secret_in(answer.content.decode())

    assert "no-store" in answer["Cache-Control"]
    assert secret not in client.get("/accounts/tokens/").content.decode()
    token = Token.objects.get()
    assert secret not in str(vars(token)) and secret.startswith(token.prefix) and len(secret) > 40
    found = access.bearer(f"Bearer {secret}")
    assert (found.user, found.scopes) == (alice, {"read:markets"})
    assert timedelta(days=29) < token.expires_at - timezone.now() < timedelta(days=31)


@pytest.mark.parametrize(
    "bad",
    [
        {"name": ""},
        {"name": "x" * 65},
        {"name": "a\u0007b"},
        {"scopes": []},
        {"scopes": ["write:all"]},
        {"days": "-1"},
    ],
)
def test_bad_input_is_refused_at_its_field_and_makes_nothing(alice: User, bad: dict[str, Any]) -> None:
    answer = signed_in(alice).post("/accounts/tokens/", {**GOOD, **bad})

    assert answer.status_code == 422 and 'class="errorlist"' in answer.content.decode()
    assert not Token.objects.exists()


def test_nobody_has_more_tokens_than_can_be_kept_an_eye_on(alice: User, monkeypatch: Any) -> None:
    monkeypatch.setattr(tokens, "MAX_TOKENS", 1)
    tokens.make(alice, "one", ["read:markets"])

    answer = signed_in(alice).post("/accounts/tokens/", GOOD)

    assert answer.status_code == 422 and "at most 1 tokens" in answer.content.decode()


def test_revoking_is_at_once_and_is_told_to_the_sockets(alice: User, revoked: list[int]) -> None:
    token, secret = tokens.make(alice, "bot", ["read:markets"])

    assert signed_in(alice).post(f"/accounts/tokens/{token.pk}/revoke/").status_code == 302

    assert revoked == [alice.pk]
    assert access.ended_tokens([token.pk]) == {token.pk}
    with pytest.raises(access.BadToken, match="^token: revoked on "):
        access.bearer(f"Bearer {secret}")


def test_charlie_neither_sees_nor_revokes_what_is_alices(alice: User, revoked: list[int]) -> None:
    token, secret = tokens.make(alice, "secretive", ["read:markets"])
    charlie = signed_in(User.objects.create_user("charlie"))

    assert "secretive" not in charlie.get("/accounts/tokens/").content.decode()
    assert charlie.post(f"/accounts/tokens/{token.pk}/revoke/").status_code == 404
    assert Client().get("/accounts/tokens/").status_code == 302
    assert revoked == [] and access.bearer(f"Bearer {secret}").user == alice


def test_an_expired_token_and_one_of_a_closed_account_open_nothing(alice: User) -> None:
    token, secret = tokens.make(alice, "bot", ["read:markets"], days=1)
    Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(access.BadToken, match="^token: expired on "):
        access.bearer(f"Bearer {secret}")
    Token.objects.update(expires_at=None)
    assert access.ended_tokens([token.pk]) == set()

    alice.is_active = False
    alice.save()

    with pytest.raises(access.BadToken, match="account is closed"):
        access.bearer(f"Bearer {secret}")
    assert access.ended_tokens([token.pk, 999]) == {token.pk, 999}


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer x", "Bearer \udcff"])
def test_what_is_no_token_is_refused_in_words(alice: User, header: str) -> None:
    with pytest.raises(access.BadToken, match="^(Authorization|token): "):
        access.bearer(header)


def test_the_last_use_is_written_coarsely(alice: User, django_assert_num_queries: Any) -> None:
    _, secret = tokens.make(alice, "bot", ["read:markets"])

    with django_assert_num_queries(2):
        access.bearer(f"Bearer {secret}")
    with django_assert_num_queries(1):
        access.bearer(f"Bearer {secret}")

    assert Token.objects.get().last_used_at is not None


def test_a_scope_that_no_longer_exists_opens_nothing(alice: User) -> None:
    _, secret = tokens.make(alice, "bot", ["read:markets", "read:dreams"])

    assert access.bearer(f"Bearer {secret}").scopes == {"read:markets"}


def test_an_administrator_sees_tokens_without_secrets_and_can_revoke(alice: User, revoked: list[int]) -> None:
    token, secret = tokens.make(alice, "bot", ["read:markets"])
    root = signed_in(User.objects.create_superuser("root"))

    text = root.get("/admin/accounts/token/").content.decode()
    assert token.prefix in text and secret not in text and token.digest not in text
    root.post("/admin/accounts/token/", {"action": "revoke", "_selected_action": [token.pk]})

    assert revoked == [alice.pk]
    assert root.get("/admin/accounts/token/add/").status_code == 403


def test_an_account_is_deleted_with_its_tokens(alice: User, revoked: list[int]) -> None:
    signed_in(alice).post("/accounts/tokens/", GOOD)
    token, root = Token.objects.get(), signed_in(User.objects.create_superuser("root"))

    assert root.post(f"/admin/accounts/token/{token.pk}/delete/", {"post": "yes"}).status_code == 403
    assert root.post(f"/admin/auth/user/{alice.pk}/delete/", {"post": "yes"}).status_code == 302

    assert not Token.objects.exists() and not User.objects.filter(pk=alice.pk).exists()
    assert revoked, "its sockets are closed"
