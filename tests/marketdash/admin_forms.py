"""All that the admin can be sent: its pages, with one of each thing, and the fields of their forms."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import NamedTuple

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client

from marketdash.accounts import tokens
from marketdash.instruments.models import Alias, Asset, Venue
from marketdash.instruments.rule_models import Rule
from tests.marketdash.test_hostile_requests import held_portfolio


class Page(NamedTuple):
    """``fields`` are those of its forms as they are sent untouched."""

    path: str
    fields: dict[str, str]

    @property
    def is_list(self) -> bool:
        return self.path.count("/") == 4


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        name, value = said.get("name") or "", said.get("value") or ""
        if tag == "option" and "selected" in said:
            self.found[self._select] = value
        elif name and tag in ("input", "textarea", "select"):
            is_off = said.get("type") in ("checkbox", "radio") and "checked" not in said
            self.found[name] = "" if is_off else value
            self._select = name


def fields_of(html: str) -> dict[str, str]:
    parser = _Fields()
    parser.feed(html)
    return {name: value for name, value in parser.found.items() if name != "csrfmiddlewaretoken"}


def one_of_each() -> None:
    """Where there is none yet, so that there are forms of what is there."""
    held_portfolio()
    user = User.objects.get(username="Alice")
    tokens.make(user, "bot", ["read:markets"])
    Group.objects.create(name="readers")
    Rule.objects.create(venue=Venue.objects.first(), kind="option", base="BTC")
    Alias.objects.get_or_create(code="XBTX", defaults={"asset": Asset.objects.get(code="BTC")})
    LogEntry.objects.create(user=user, action_flag=1, object_repr="something")


def pages(client: Client) -> Iterator[Page]:
    for model in admin.site._registry:
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        held = model._default_manager.values_list("pk", flat=True)[:1]
        for path in (base, f"{base}add/", *(f"{base}{key}/change/" for key in held)):
            answer = client.get(path)
            if answer.status_code == 200:
                yield Page(path, fields_of(answer.content.decode()))
