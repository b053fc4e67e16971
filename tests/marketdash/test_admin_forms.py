"""Whatever stands in a form or an address of the admin is refused with words, or done; and never a crash."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client

from marketdash.instruments.models import Instrument
from marketdash.instruments.rule_models import Rule
from tests.marketdash.admin_forms import Page, one_of_each, pages
from tests.marketdash.test_hostile_requests import owner  # noqa: F401 (fixture)
from tests.scoreboard import Score

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(3600)]  # for the full count
BAD = ("x", "-1", "9" * 25, "\0")
ACTIONS = ("delete_selected", "follow", "stop_following", "backfill", "revoke")
ASKED = ("p", "o", "q", "id__exact", "user__id__exact", "venue__id__exact", "action_time__year", "_to_field")


class Attack(NamedTuple):
    method: str
    path: str
    sent: dict[str, Any]


def attacks(page: Page, value: str) -> Iterator[Attack]:
    for name in page.fields:
        yield Attack("post", page.path, {**page.fields, name: value})
    yield Attack("post", page.path, dict.fromkeys(page.fields, value))
    for name in ASKED if page.is_list else page.fields:
        yield Attack("get", page.path, {name: value})
    for name in ACTIONS if page.is_list else ():
        yield Attack("post", page.path, {"action": name, "_selected_action": value, "index": "0"})


@pytest.mark.fault(
    "F49",
    "text, numbers without end or below zero, and NUL stand in each field, key and filter of the admin",
    goal="no answer is 500",
)
def test_nothing_that_the_admin_is_sent_makes_it_crash(owner: Client, score: Score) -> None:  # noqa: F811
    one_of_each()
    every = [each for page in pages(owner) for value in BAD for each in attacks(page, value)]
    assert len({each.path for each in every}) > 25
    chance = random.Random(score.seed)
    failed = []
    for method, path, sent in chance.sample(every, score.times(len(every), few=30)):
        answer = getattr(owner, method)(path, sent)
        score.runs += 1
        if answer.status_code >= 500:
            failed.append((answer.status_code, method, path, sent))
    assert owner.get("/admin/").status_code == 200  # nothing of it signed the owner out
    score.note("forms and lists", len({each.path for each in every}), "")
    score.note("answers of 500", len(failed), "")
    assert failed == []


def there() -> tuple[int, int, int]:
    return Rule.objects.count(), User.objects.count(), Instrument.objects.filter(enabled=True).count()


@pytest.mark.parametrize("value", ["x", "9" * 25])
@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("instruments/rule", "delete_selected"),
        ("instruments/instrument", "follow"),
        ("instruments/instrument", "backfill"),
        ("auth/user", "delete_selected"),
        ("accounts/token", "revoke"),
    ],
)
def test_rows_that_cannot_be_are_not_chosen(owner: Client, name: str, action: str, value: str) -> None:  # noqa: F811
    one_of_each()
    before = there()
    answer = owner.post(f"/admin/{name}/", {"action": action, "_selected_action": value, "post": "yes"})

    if answer.status_code == 400:
        assert "Nothing was changed" in answer.content.decode()
    else:  # PostgreSQL compares with whatever is a number, and finds no row
        assert (answer.status_code, connection.vendor, value) == (302, "postgresql", "9" * 25)
    assert there() == before


@pytest.mark.parametrize("value", ["x", "9" * 25, "\0"])
def test_an_instrument_that_cannot_be_is_refused_beside_its_field(owner: Client, value: str) -> None:  # noqa: F811
    one_of_each()
    for path in ("add", f"{Rule.objects.get().pk}/change"):
        answer = owner.post(f"/admin/instruments/rule/{path}/", {"spot": value})
        assert answer.status_code == 200 and "spot" in answer.context["adminform"].form.errors
    assert owner.get("/admin/instruments/rule/add/", {"spot": value}).status_code == 200


MANY = [("user", "groups"), ("user", "user_permissions"), ("group", "permissions")]


@pytest.mark.parametrize(("name", "field"), MANY)
def test_more_rows_than_there_can_be_are_refused(owner: Client, name: str, field: str) -> None:  # noqa: F811
    one_of_each()
    key = (User if name == "user" else Group).objects.get().pk
    sent = {"username": "Alice", "name": "readers", "date_joined_0": "2026-01-01", "date_joined_1": "10:00"}

    answer = owner.post(f"/admin/auth/{name}/{key}/change/", {**sent, field: "9" * 25})
    assert answer.status_code == 400 or field in answer.context["adminform"].form.errors
