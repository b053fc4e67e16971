"""Short words for tests that look at the pages of portfolios."""

from __future__ import annotations

from html import unescape
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from marketdash import publish

Rows = dict[str, publish.Row]
"""What the hub knows, by topic."""


def ticker(price: str, state: str = "live", **more: str) -> publish.Row:
    return publish.Row(state, "", 2_000_000, {"bid": price, "ask": price, "last": price, **more})


def client(user: User) -> Client:
    found = Client()
    found.force_login(user)
    return found


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content[:500]
    return unescape(answer.content.decode())
