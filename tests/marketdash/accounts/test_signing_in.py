"""Local accounts: the way in, its limits, sign-up where it is open, password and e-mail."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.http import HttpResponse
from django.test import Client

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("database")]
SECRET, NEW = "a long old password", "another fine phrase"


@pytest.fixture
def alice(database: str) -> User:
    return User.objects.create_user("Alice", password=SECRET)


def sign_in(client: Client, password: str = SECRET, *, to: str = "", name: str = "Alice") -> HttpResponse:
    return client.post("/accounts/login/", {"login": name, "password": password, "next": to})


def test_the_name_and_the_password_open_the_page_that_was_asked_for(alice: User) -> None:
    answer = sign_in(Client(), to="/instruments/kraken-btc-usd/")

    assert (answer.status_code, answer["Location"]) == (302, "/instruments/kraken-btc-usd/")


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site(alice: User, elsewhere: str) -> None:
    assert sign_in(Client(), to=elsewhere)["Location"] == "/"


def test_a_wrong_password_is_refused_in_words(alice: User) -> None:
    answer = sign_in(Client(), "wrong")

    assert answer.status_code == 200
    assert "are not correct" in answer.content.decode()
    assert 'role="alert"' in answer.content.decode()


def test_guessing_is_stopped_and_the_right_password_too_for_a_while(alice: User) -> None:
    client = Client()
    for _ in range(5):
        sign_in(client, "wrong")

    answer = sign_in(client)

    assert answer.status_code == 200
    assert "Too many failed login attempts" in answer.content.decode()


def test_a_flood_of_sign_ins_is_answered_429_in_our_own_words(database: str) -> None:
    client = Client()
    answers = [sign_in(client, name=f"nobody{n}") for n in range(31)]

    assert answers[-1].status_code == 429
    assert "Too many attempts" in answers[-1].content.decode()


def test_who_was_deactivated_is_told_so(alice: User) -> None:
    alice.is_active = False
    alice.save()

    answer = sign_in(Client())

    assert answer["Location"] == "/accounts/inactive/"
    assert "Account closed" in Client().get("/accounts/inactive/").content.decode()


def test_signing_out_asks_first_and_then_does(alice: User) -> None:
    client = Client()
    client.force_login(alice)

    assert "Sign out?" in client.get("/accounts/logout/").content.decode()
    assert client.get("/accounts/").status_code == 200
    assert client.post("/accounts/logout/")["Location"] == "/"
    assert client.get("/accounts/")["Location"].startswith("/accounts/login/")


def test_sign_up_is_closed_and_the_pages_say_so(database: str) -> None:
    client = Client()
    fields = {"username": "bob", "password1": NEW, "password2": NEW}

    assert "Sign-up is closed" in client.get("/accounts/signup/").content.decode()
    assert "Sign-up is closed" in client.post("/accounts/signup/", fields).content.decode()
    assert "made by an administrator" in client.get("/accounts/login/").content.decode()
    assert not User.objects.exists()


def test_where_sign_up_is_open_a_visitor_makes_an_account(database: str, settings: Any) -> None:
    settings.SIGN_UP = "open"
    client = Client()
    assert "/accounts/signup/" in client.get("/accounts/login/").content.decode()

    fields = {"username": "bob", "email": "bob@example.org", "password1": NEW, "password2": NEW}
    answer = client.post("/accounts/signup/", fields)

    assert (answer.status_code, answer["Location"]) == (302, "/")
    bob = User.objects.get(username="bob")
    assert (bob.email, bob.is_staff, bob.is_superuser) == ("bob@example.org", False, False)
    assert "bob" in client.get("/accounts/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"username": "al ice"}, "valid username"),
        ({"username": "alice"}, "already exists"),
        ({"email": "no address"}, "valid email"),
        ({"password1": "12345678", "password2": "12345678"}, "too common"),
        ({"password2": "something else"}, "same password"),
    ],
)
def test_bad_input_of_a_sign_up_is_named_at_its_field(
    alice: User, settings: Any, wrong: dict[str, str], said: str
) -> None:
    settings.SIGN_UP = "open"
    fields = {"username": "bob", "email": "", "password1": NEW, "password2": NEW, **wrong}

    answer = Client().post("/accounts/signup/", fields)

    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert User.objects.count() == 1


def test_a_new_password_needs_the_old_one_and_keeps_this_browser_signed_in(alice: User) -> None:
    client, other = Client(), Client()
    client.force_login(alice)
    other.force_login(alice)
    fields = {"oldpassword": "wrong", "password1": NEW, "password2": NEW}
    assert "type your current password" in client.post("/accounts/password/", fields).content.decode()

    answer = client.post("/accounts/password/", {**fields, "oldpassword": SECRET}, follow=True)

    assert "valid from now on" in answer.content.decode()
    assert client.get("/accounts/").status_code == 200
    assert other.get("/accounts/").status_code == 302


def test_an_email_is_optional_and_checked_at_its_field(alice: User) -> None:
    client = Client()
    client.force_login(alice)

    assert "E-mail saved" in client.post("/accounts/", {"email": "a@b.org"}, follow=True).content.decode()
    refused = client.post("/accounts/", {"email": "a@"})
    assert refused.status_code == 422 and "valid email address" in refused.content.decode()
    alice.refresh_from_db()
    assert alice.email == "a@b.org"
    assert "E-mail removed" in client.post("/accounts/", {"email": ""}, follow=True).content.decode()


def test_the_admin_is_entered_the_same_way_and_by_staff_only(alice: User) -> None:
    client = Client()
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == "/accounts/login/?next=%2Fadmin%2F"

    assert sign_in(client, to="/admin/")["Location"] == "/admin/"
    assert client.get("/admin/", follow=True).status_code == 403

    alice.is_staff = True
    alice.save()
    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/password_change/")["Location"] == "/accounts/password/"
    assert client.post("/admin/logout/")["Location"] == "/"


def test_an_administrator_makes_users_and_groups(database: str) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("root", password=SECRET))
    fields = {"username": "carol", "usable_password": "true", "password1": NEW, "password2": NEW}

    assert client.post("/admin/auth/user/add/", fields).status_code == 302
    assert client.post("/admin/auth/group/add/", {"name": "Desk"}).status_code == 302

    assert User.objects.get(username="carol").check_password(NEW)
    assert Group.objects.get().name == "Desk"
    for path in ("user/", "user/add/", f"user/{User.objects.get(username='carol').pk}/change/", "group/"):
        assert client.get(f"/admin/auth/{path}").status_code == 200
    refused = client.post("/admin/auth/user/add/", {**fields, "username": "carol"})
    assert "already exists" in refused.content.decode()
