"""Preferences: kept by a visitor's browser, and with an account in every browser."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from marketdash.accounts.forms import DisplayForm
from marketdash.accounts.models import Preference

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("database")]


@pytest.fixture
def alice(database: str, settings: Any) -> User:
    settings.PUBLIC_MARKETS = True
    return User.objects.create_user("alice", password="a long old password")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def root_of(client: Client, path: str = "/accounts/display/") -> str:
    return client.get(path).content.decode().split("<head>")[0]


def test_a_visitor_keeps_a_choice_in_this_browser(database: str) -> None:
    client = Client()
    answer = client.post("/accounts/display/", {"theme": "dark", "zone": "Europe/Berlin"})

    assert answer["Location"] == "/accounts/display/"
    assert 'data-theme="dark"' in root_of(client) and 'data-zone="Europe/Berlin"' in root_of(client)
    assert 'data-theme="system"' in root_of(Client())
    assert not Preference.objects.exists()


def test_an_account_is_followed_to_every_browser(alice: User) -> None:
    desk, phone = signed_in(alice), signed_in(alice)
    desk.post("/accounts/display/", {"theme": "light", "palette": "safe", "numbers": "point-comma"})

    for text in ('data-theme="light"', 'data-palette="safe"', 'data-numbers="point-comma"'):
        assert text in root_of(phone)
    assert (phone.cookies["theme"].value, phone.cookies["numbers"].value) == ("light", "point-comma")
    desk.post("/accounts/display/", {"theme": "dark"})
    assert 'data-theme="dark"' in root_of(phone) and 'data-palette="safe"' in root_of(phone)


def test_what_a_visitor_chose_stays_at_the_first_sign_in(alice: User) -> None:
    client = Client()
    client.post("/accounts/display/", {"theme": "dark"})
    client.force_login(alice)

    assert 'data-theme="dark"' in root_of(client)
    client.post("/accounts/display/", {"flash": "off"})
    assert Preference.objects.get().values()["theme"] == "dark"


def test_the_first_paint_of_a_page_that_waits_for_the_hub_has_it_too(alice: User) -> None:
    Preference.objects.create(user=alice, theme="light", numbers="point-comma")

    root = root_of(signed_in(alice), "/")

    assert 'data-theme="light"' in root
    assert "&quot;point&quot;: &quot;,&quot;" in root


@pytest.mark.parametrize(
    ("field", "bad"),
    [("theme", "pink"), ("numbers", "1,2"), ("zone", "Europe/Nowhere"), ("zone", ""), ("density", "x" * 999)],
)
def test_a_bad_value_is_refused_at_its_field_and_nothing_is_saved(alice: User, field: str, bad: str) -> None:
    client = signed_in(alice)

    page = client.post("/accounts/display/", {"palette": "safe", field: bad})
    menu = client.post("/accounts/display/", {field: bad}, headers={"accept": "application/json"})

    assert page.status_code == 422 and 'class="errorlist"' in page.content.decode()
    assert menu.status_code == 422 and list(menu.json()["errors"]) == [field]
    assert not Preference.objects.exists()


def test_the_menu_saves_one_choice_and_needs_its_own_pages_token(alice: User) -> None:
    json = {"accept": "application/json"}
    assert signed_in(alice).post("/accounts/display/", {"flash": "off"}, headers=json).status_code == 204
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert strict.post("/accounts/display/", {"flash": "on"}, headers=json).status_code == 403

    assert Preference.objects.get().flash == "off"


def test_two_choices_under_way_at_once_do_not_undo_each_other(alice: User, monkeypatch: Any) -> None:
    json, client, meanwhile = {"accept": "application/json"}, signed_in(alice), signed_in(alice)
    client.post("/accounts/display/", {"density": "compact"}, headers=json)
    checked = DisplayForm.is_valid

    def is_valid(form: DisplayForm) -> bool:
        monkeypatch.setattr(DisplayForm, "is_valid", checked)
        meanwhile.post("/accounts/display/", {"numbers": "indian"}, headers=json)
        return checked(form)

    monkeypatch.setattr(DisplayForm, "is_valid", is_valid)
    answer = client.post("/accounts/display/", {"theme": "light"}, headers=json)

    kept = Preference.objects.get()
    assert (kept.density, kept.numbers, kept.theme) == ("compact", "indian", "light")
    assert set(answer.cookies) == {"theme"}


def test_one_person_never_gets_the_display_of_another(alice: User) -> None:
    charlie = User.objects.create_user("charlie")
    signed_in(alice).post("/accounts/display/", {"theme": "dark"})

    assert 'data-theme="system"' in root_of(signed_in(charlie))


def test_cookies_that_are_nonsense_change_nothing(database: str) -> None:
    client = Client()
    client.cookies.load({"theme": "<script>", "zone": "../x", "device_zone": "%%%", "numbers": "9"})

    text = root_of(client)

    assert 'data-theme="system"' in text and "script" not in text.replace("scripts", "")
