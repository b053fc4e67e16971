"""What is hostile in any place where somebody writes is text on every page, as the server writes it.

Short of ``tests/e2e/test_hostile_texts.py``, where a browser reads the pages and a socket sends to them.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.test import Client

from marketdash import publish
from marketdash.instruments.catalogue import catalogue
from marketdash.instruments.models import Instrument, Venue
from tests.e2e.hostile_texts import PLACES, PLANT, WRITE, texts
from tests.e2e.test_hostile_texts import PAGES
from tests.marketdash.portfolios.hostile import nothing_live
from tests.scoreboard import Score

pytestmark = pytest.mark.django_db(transaction=True)
DRAWN = {"title", "reason of a venue", "link of a venue", "last error", "reason of a topic", "saving"} | {
    *("reason of a price", "price", "way of a price", "screen", "search"),
}
"""Places that come over a socket, or that scripts draw."""
ADDRESSES = ("href", "src", "action", "formaction", "data", "poster", "xlink:href")
OURS = ("http://testserver/", "data:image/svg+xml", "https://www.tradingview.com/")
ABSOLUTE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:|[/\\]{2})", re.IGNORECASE)


class Read(HTMLParser):
    """What a page says, and what of it would run or lead away."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.running: list[str] = []
        self._is_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.said += told.values()
        self._is_code = tag == "script" and told.get("type") != "application/json"
        addresses = [told.get(name, "") for name in ADDRESSES]
        leads = any(ABSOLUTE.match(each) and not each.startswith(OURS) for each in addresses)
        if tag in ("base", "iframe", "object", "embed", "animate") or leads or "srcdoc" in told:
            self.running.append(self.get_starttag_text() or tag)
        self.running += [f"{tag} {name}" for name in told if name.startswith("on")]

    def handle_endtag(self, tag: str) -> None:
        self._is_code = False

    def handle_data(self, data: str) -> None:
        self.said.append(data)
        if self._is_code and "fire" in data:
            self.running.append(data)


def told(code: str, word: str) -> dict[str, Any]:
    """What a piece of code prints after that word, run in this process."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(f"import json\n{code}", {})
    return json.loads(said.getvalue().split(f"{word} ")[1].splitlines()[0])


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The rows that are written over; nothing is live."""
    monkeypatch.setattr(publish, "read", nothing_live)
    monkeypatch.setattr(publish, "notify", lambda *words: None)
    for name in ("kim", "bob"):
        User.objects.create_user(name, password=f"secret of {name}")
    venue, _ = Venue.objects.get_or_create(name="KRAKEN", defaults={"title": "Kraken"})
    words = {"base": "C0", "quote": "USD", "tick_size": "0.1", "lot_size": "0.1", "enabled": True}
    Instrument(venue=venue, native="C0/USD", kind="spot", **words).save()
    return told(PLANT, "PLANTED")


@pytest.mark.fault(
    "F47",
    "The same in every place of the database, all pages as the server writes them",
    goal="no element, no attribute, no address of a text; each is seen as text",
)
def test_every_text_is_text_in_what_the_server_writes(planted: dict[str, Any], score: Score) -> None:
    client, seen = Client(), set[str]()
    client.force_login(
        User.objects.get(username="kim"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    for turn in range(score.times(full=37, few=1)):
        written = texts(turn + score.seed)
        ids = {**planted, **told(f"t, at, turn = {written!r}, {planted!r}, {turn}\n{WRITE}", "WRITTEN")}
        async_to_sync(catalogue.refresh)()  # somebody may have read it a moment ago
        for path in PAGES:
            answer = client.get(path.format(**ids, search=quote(written["search"])))
            assert answer.status_code == 200, path
            page = Read()
            page.feed(answer.content.decode())
            assert page.running == [], path
            seen.update(place for place, text in written.items() if any(text in said for said in page.said))
            score.runs += 1
    assert set(PLACES) - seen <= DRAWN
