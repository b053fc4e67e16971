"""The second factor: codes from an app and recovery codes, for the admin too; what ends when it changes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import struct
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client

from marketdash import publish
from marketdash.accounts.sessions import PENDING

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("database")]
PASSWORD, STEP = "a long old password", "/accounts/factors/authenticate/"
ACTIVATE = "/accounts/factors/totp/activate/"


@pytest.fixture
def alice(database: str) -> User:
    return User.objects.create_superuser("alice", "alice@example.org", PASSWORD)


@pytest.fixture
def revoked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    ids: list[int] = []
    monkeypatch.setattr(publish, "notify", lambda kind, *rest: ids.extend(rest if kind == "revoke" else ()))
    return ids


def code_of(secret: str, steps: int = 0) -> str:
    """RFC 6238, by its text and not by the library."""
    counter = struct.pack(">Q", int(time.time()) // 30 + steps)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    number = struct.unpack(">I", digest[digest[-1] & 15 :][:4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def sent_code(client: Client, path: str, secret: str) -> HttpResponse:
    """Again when the half minute ended between here and there."""
    answer = client.post(path, {"code": code_of(secret)})
    return answer if answer.status_code == 302 else client.post(path, {"code": code_of(secret)})


def sign_in(client: Client, password: str = PASSWORD, to: str = "") -> HttpResponse:
    return client.post("/accounts/login/", {"login": "alice", "password": password, "next": to})


def shown_secret(client: Client) -> str:
    """Through the pages, the password asked for again."""
    asked = client.get(ACTIVATE)
    assert asked["Location"].startswith("/accounts/confirm/")
    back = client.post(asked["Location"], {"password": PASSWORD})
    html = client.get(back["Location"]).content.decode()
    secret = re.search(r'aria-label="Secret">([A-Z2-7]{32})<', html)
    assert secret is not None and 'src="data:image/svg+xml;base64,' in html
    return secret[1]


def turned_on(client: Client) -> str:
    secret = shown_secret(client)
    answer = sent_code(client, ACTIVATE, secret)
    assert answer["Location"] == "/accounts/factors/recovery-codes/"
    return secret


@pytest.fixture
def secret(alice: User) -> str:
    client = Client()
    sign_in(client)
    return turned_on(client)


def test_the_password_alone_opens_nothing_any_more(alice: User, secret: str) -> None:
    client = Client()

    assert sign_in(client, to="/portfolios/")["Location"] == STEP
    assert client.get("/portfolios/").status_code == 302 and client.get("/accounts/").status_code == 302
    wrong = client.post(STEP, {"code": "000000"})
    assert wrong.status_code == 200 and "Incorrect code" in wrong.content.decode()
    answer = sent_code(client, STEP, secret)
    assert answer["Location"] == "/portfolios/" and client.get("/accounts/").status_code == 200


@pytest.mark.parametrize("path", ["/admin/", "/admin/login/", "/admin/auth/user/"])
def test_the_admin_is_no_way_around(alice: User, secret: str, path: str) -> None:
    client = Client()
    client.post(path, {"username": "alice", "password": PASSWORD, "login": "alice"})
    assert client.get("/admin/").status_code == 302

    sign_in(client, to="/admin/")
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == STEP
    assert sent_code(client, STEP, secret)["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_a_code_is_good_once(alice: User, secret: str) -> None:
    first, second = Client(), Client()
    for client in (first, second):
        sign_in(client)
    code = code_of(secret)
    answers = [each.post(STEP, {"code": code}) for each in (first, second)]

    assert [answer.status_code for answer in answers].count(302) <= 1


def test_guessing_codes_is_stopped_and_the_right_one_too(alice: User, secret: str) -> None:
    client = Client()
    sign_in(client)
    for _ in range(5):
        client.post(STEP, {"code": "000000"})

    answer = client.post(STEP, {"code": code_of(secret)})

    assert answer.status_code == 200 and "Too many failed" in answer.content.decode()


def test_a_recovery_code_stands_for_it_once(alice: User, secret: str) -> None:
    browser = Client()
    sign_in(browser)
    sent_code(browser, STEP, secret)
    asked = browser.get("/accounts/factors/recovery-codes/generate/")
    browser.post(asked["Location"], {"password": PASSWORD})
    codes = re.findall(r"<li>(\d{8})</li>", browser.get("/accounts/factors/recovery-codes/").content.decode())
    assert len(codes) == 10
    for expected in (302, 200):
        client = Client()
        sign_in(client)
        answer = client.post(STEP, {"code": codes[0]})
        assert answer.status_code == expected


def test_a_change_signs_out_the_other_browsers_and_closes_their_sockets(
    alice: User, revoked: list[int]
) -> None:
    here, there, bobs = Client(), Client(), Client()
    sign_in(here)
    sign_in(there)
    bobs.force_login(User.objects.create_user("bob"), "allauth.account.auth_backends.AuthenticationBackend")
    turned_on(here)

    assert here.get("/accounts/").status_code == 200 and bobs.get("/accounts/").status_code == 200
    assert there.get("/accounts/").status_code == 302 and Session.objects.count() == 2
    assert set(revoked) == {alice.pk}
    sign_in(there)
    assert here.post("/accounts/factors/totp/deactivate/")["Location"] == "/accounts/factors/"
    assert not Authenticator.objects.exists() and sign_in(Client())["Location"] == "/"


def test_secrets_are_encrypted_and_another_key_opens_nothing(alice: User, secret: str, settings: Any) -> None:
    kept = json.dumps([each.data for each in Authenticator.objects.all()])
    assert secret not in kept
    settings.SECRET_KEY = "another"
    client = Client()
    sign_in(client)

    answer = client.post(STEP, {"code": code_of(secret)})

    assert answer.status_code == 200 and "Incorrect code" in answer.content.decode()


def rows() -> str:
    """All that the database holds of sessions, as whoever has a dump of it reads it."""
    return json.dumps([row.get_decoded() for row in Session.objects.all()])


def test_a_secret_that_is_being_set_up_is_encrypted_too(alice: User) -> None:
    client = Client()
    sign_in(client)
    secret = shown_secret(client)

    assert PENDING in rows() and secret not in rows()
    assert not any(secret in row.session_data for row in Session.objects.all())
    again = client.post(ACTIVATE, {"code": "000000"}).content.decode()
    assert f'aria-label="Secret">{secret}<' in again and secret not in rows()
    assert sent_code(client, ACTIVATE, secret)["Location"] == "/accounts/factors/recovery-codes/"
    assert PENDING not in rows()


def test_a_secret_that_was_shown_before_sealing_is_asked_for_anew(alice: User) -> None:
    client = Client()
    sign_in(client)
    secret = shown_secret(client)
    row = Session.objects.get()
    row.session_data = db.SessionStore().encode(row.get_decoded() | {PENDING: secret})
    row.save()

    answer = client.post(ACTIVATE, {"code": code_of(secret)}).content.decode()

    assert "Incorrect code" in answer and secret not in answer and secret not in rows()


def test_an_administrator_lets_in_who_lost_the_device(alice: User, secret: str) -> None:
    other = Client()
    root = User.objects.create_superuser("root")
    other.force_login(root, "allauth.account.auth_backends.AuthenticationBackend")
    page = other.get("/admin/mfa/authenticator/").content.decode()
    one = Authenticator.objects.first()
    assert one is not None and "alice" in page
    assert secret not in other.get(f"/admin/mfa/authenticator/{one.pk}/change/").content.decode()

    for each in Authenticator.objects.all():
        other.post(f"/admin/mfa/authenticator/{each.pk}/delete/", {"post": "yes"})

    assert sign_in(Client())["Location"] == "/"


def test_every_page_has_our_look(alice: User, secret: str) -> None:
    client = Client()
    sign_in(client)
    step = client.get(STEP).content.decode()
    sent_code(client, STEP, secret)
    asked = client.get("/accounts/factors/webauthn/add/")
    confirm = client.get(asked["Location"]).content.decode()
    client.post(asked["Location"], {"password": PASSWORD})
    paths = ("", "webauthn/", "webauthn/add/", "totp/deactivate/", "recovery-codes/")
    pages = [client.get(f"/accounts/factors/{path}") for path in (*paths, "recovery-codes/generate/")]

    assert [page.status_code for page in pages] == [200] * len(pages)
    for html in (step, confirm, *(page.content.decode() for page in pages)):
        assert 'class="brand"' in html and not re.search(r"<script(?![^>]*(src=|importmap|json))", html)
        assert "style=" not in html and "onclick" not in html


UNUSABLE = (
    *("", "x", "[]", "5", "null", "{}", "9" * 6000, '{"id": "\\u0000"}', "[" * 20_000, '{"a": ' * 9000),
    '{"id": "eA", "rawId": "eA", "type": "public-key", "response": {}}',
    '{"id": "eA", "rawId": "eA", "type": "public-key", "response": 5}',
    json.dumps(
        {
            **{"id": "eA", "rawId": "eA", "type": "public-key", "clientExtensionResults": {}},
            "response": {
                **{"clientDataJSON": "e30", "attestationObject": "oA", "authenticatorData": "AA"},
                **{"signature": "AA", "userHandle": "MQ"},
            },
        }
    ),
)


def test_no_credential_breaks_anything(alice: User) -> None:
    client = Client()
    sign_in(client)
    asked = client.get("/accounts/factors/webauthn/add/")
    client.post(asked["Location"], {"password": PASSWORD})
    client.get("/accounts/factors/webauthn/add/")
    visitor = Client()
    visitor.get("/accounts/factors/webauthn/login/", headers={"accept": "application/json"})
    for number, credential in enumerate(UNUSABLE):
        added = client.post("/accounts/factors/webauthn/add/", {"credential": credential})
        entered = visitor.post(
            "/accounts/factors/webauthn/login/",
            {"credential": credential},
            REMOTE_ADDR=f"192.0.2.{number + 1}",
        )

        assert added.status_code == 200 and not Authenticator.objects.exists(), credential[:40]
        assert entered["Location"] == "/accounts/login/" and "_auth_user_id" not in visitor.session


def test_questions_for_passkeys_are_counted_too(alice: User) -> None:
    client = Client()
    answers = [
        Client().get("/accounts/factors/webauthn/login/", headers={"accept": "application/json"})
        for _ in range(21)
    ]

    assert [answer.status_code for answer in answers] == [*[200] * 20, 429]
    assert answers[0].json()["request_options"]["publicKey"]["userVerification"] == "required"
    assert client.get("/accounts/login/").status_code == 200


@pytest.mark.parametrize(
    ("host", "way"),
    [
        ("127.0.0.1:8000", "http://localhost:8000/accounts/factors/"),
        ("[::1]:8000", "http://localhost:8000/accounts/factors/"),
        ("localhost:8000", ""),
    ],
)
def test_an_address_of_numbers_leads_to_one_where_passkeys_work(alice: User, host: str, way: str) -> None:
    client = Client(headers={"host": host})
    client.force_login(alice)

    html = client.get("/accounts/factors/").content.decode()

    assert ("Passkeys belong to a name" in html) is bool(way) and f'href="{way}' in html
