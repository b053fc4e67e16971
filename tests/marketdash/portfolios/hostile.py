"""Attempts on what is Alice's: over every address of the site that may lead there, by who has no right to it.

What is hers holds words and numbers that stand nowhere else, so that one look at an answer tells.
"""

from __future__ import annotations

import random
import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from marketdash import access
from marketdash.accounts import tokens
from marketdash.portfolios import actions
from marketdash.portfolios.models import Account, Entry, ExchangeKey, Fill, Leg, Portfolio, Share, ShareLink
from tests.marketdash.portfolios.looking import client
from tests.marketdash.portfolios.writing import draft_of, entry, leg

NAME, VAULT, NOTE, AMOUNT = "Quillfeather", "Bramblevault", "Thistlenote", "31337.271828"
TRADE, KEY = "TTRADE-MOSS-QUARRY", "Heronkey"
MARKS = (NAME, VAULT, NOTE, AMOUNT, TRADE, KEY, "31,337.27", "31’337")
VERBS = ("get", "post", "put", "patch", "delete", "head", "options")
NUMBERS = ("0", "-1", "1", "٣", "9" * 18, "9" * 19, "9" * 400, "1e3", "0x1", "1.0", "", "%00", "..")
WORDS = (
    "\0",
    "a\0b",
    "' OR 1=1 --",
    "../../etc/passwd",
    "<b>",
    "é" * 300,
    "NaN",
    "9" * 5000,
    "💥",
    "yes",
    "[]",
)
FIELDS = (
    *("name", "method", "account", "sure", "viewer", "share", "link", "days", "amounts", "base", "kind"),
    *("amount", "asset", "amount2", "asset2", "time", "nonce", "corrects", "rate", "note", "next", "before"),
    *(
        "secret",
        "venue",
        "since",
        "credential",
        "code",
        "token",
        "portfolio",
        "id",
        "owner",
        "user",
        "format",
        "column",
        "only",
        "fate",
    ),
)


class Target(NamedTuple):
    """What Alice has, and secrets that open it no more. ``live`` opens it, and is never sent whole."""

    portfolio: Portfolio
    entry: int
    imported: int
    ended: tuple[str, ...]
    live: str


class Attempt(NamedTuple):
    verb: str
    path: str
    sent: Any
    more: dict[str, Any]


def prepared(alice: User, bob: User) -> Target:
    """A portfolio that Bob once could see, with links that ended, expired, and one that is open."""
    held = actions.create(alice, NAME, "EUR")
    vault = actions.open_account(held, VAULT)
    told = entry("deposit", leg("EUR", AMOUNT, account=vault.pk))
    actions.record(held, [draft_of(told, note=NOTE)])
    actions.put_in_key(vault, "KRAKEN", f"{KEY}-9081", f"{KEY}-secret")
    fill = {"instrument": "KRAKEN:BTC/EUR", "trade_id": TRADE, "side": "buy", "price": "1", "qty": "1"}
    times = {"exchange_us": 1, "received_us": 1, "changed_us": 1}
    Fill.objects.create(account=vault, base="BTC", quote="EUR", alike="a", waits=NOTE, **fill, **times)
    brought = actions.bring(held, vault.pk, "t.csv", b"When,Amount,Asset\n2026-01-01,5,EUR\n", alice)
    actions.end_share(held, actions.share(held, bob.get_username()).pk)
    over, ended = (actions.make_link(held, word, 1, True) for word in ("over", "ended"))
    ShareLink.objects.filter(pk=over[0].pk).update(expires_at=timezone.now())
    actions.end_link(held, ended[0].pk)
    live = actions.make_link(held, "open", 1, True)[1]
    first = Entry.objects.filter(portfolio=held).values_list("pk", flat=True)[0]
    return Target(held, first, brought.pk, (over[1], ended[1]), live)


def strangers(bob: User, charlie: User) -> dict[str, Client]:
    """Who asks: nobody, Bob to whom it is shared no more, Charlie, and Charlie's bot with all scopes."""
    _, secret = tokens.make(charlie, "bot", list(access.SCOPES))
    bot = Client(raise_request_exception=False, headers={"authorization": f"Bearer {secret}"})
    found = {"nobody": Client(), "bob": client(bob), "charlie": client(charlie), "bot": bot}
    for each in found.values():
        each.raise_request_exception = False
    return found


def patterns() -> list[str]:
    """Every address below which portfolios are, or may be one day: theirs, shared ones and the API's."""
    found = sorted(set(_patterns(get_resolver().url_patterns)))
    return [each for each in found if each.startswith(("portfolios/", "shared/", "api/v1/"))]


def _patterns(these: Any, before: str = "") -> Iterator[str]:
    for each in these:
        here = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _patterns(each.url_patterns, here)
        elif isinstance(each, URLPattern) and not here.startswith("^"):
            yield here


def address(pattern: str, target: Target, words: Mapping[str, str] | None = None) -> str:
    """With the numbers of what is there; ``words`` stand in the place of some."""
    known = {"key": target.portfolio.pk, "pk": target.entry, "secret": target.ended[0], "form": "csv"}
    known |= words or {}
    if "/imports/" in pattern and "pk" not in (words or {}):
        known["pk"] = target.imported
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(known.get(found[1], known["key"])), pattern)


def attempts(target: Target, chance: random.Random) -> Iterator[Attempt]:
    """Without end, the same for the same seed."""
    every = patterns()
    while True:
        path = address(chance.choice(every), target, dict(_chosen(target, chance)))
        path = _bent(path, chance) if chance.random() < 0.15 else path
        sent, kind = _body(target, chance)
        more = {"REMOTE_ADDR": f"198.51.{chance.randrange(256)}.{chance.randrange(256)}", **kind}
        if chance.random() < 0.1:
            more["headers"] = {"authorization": f"Bearer {_secret(target, chance)}"}
        yield Attempt(chance.choice(VERBS), path, sent, more)


def _chosen(target: Target, chance: random.Random) -> Iterator[tuple[str, str]]:
    right = {"key": target.portfolio.pk, "pk": target.entry}
    for name in right:
        if chance.random() < 0.5:
            near = str(max(0, right[name] + chance.randrange(-3, 4)))
            yield name, chance.choice((near, near, *NUMBERS))
    yield "secret", _secret(target, chance)
    yield "form", chance.choice(("csv", "json", "csv", "json", "xml", *NUMBERS))


def _secret(target: Target, chance: random.Random) -> str:
    """Random, over, or as near to an open one as can be."""
    live, at = target.live, chance.randrange(len(target.live))
    other = chance.choice([each for each in "abcXYZ019-_" if each != live[at]])
    near = (live[:at] + other + live[at + 1 :], live[:-1], live[1:], live.swapcase(), live[::-1])
    made = secrets.token_urlsafe(32)
    return chance.choice((made, made, *target.ended, *near, *(f"{word}" for word in WORDS[3:5])))


def _bent(path: str, chance: random.Random) -> str:
    middle = path.strip("/").split("/", 1)[-1]
    bent = (
        f"/{path}",
        path.upper(),
        path.rstrip("/"),
        f"{path}../",
        f"/./{path}",
        f"{path};x=1",
        f"{path}%2e%2e/",
    )
    return chance.choice(
        (*bent, f"/portfolios//{middle}", f"{path}?next={path}", f"{path}%00", f"{path}.json")
    )


def _body(target: Target, chance: random.Random) -> tuple[Any, dict[str, Any]]:
    names = chance.sample(FIELDS, chance.randrange(1, 7))
    known = (str(target.portfolio.pk), str(target.entry), "charlie", "yes", "lifo", "7", "EUR", *WORDS)
    fields = {name: chance.choice(known) for name in names}
    form = chance.randrange(4)
    if form == 0:
        return fields, {"content_type": "application/json"}
    if form == 1:
        raw = chance.choice((b"", b"{", b"\xff\xfe", b"[" * 5000, b"a=%00&b", b"--x\r\n"))
        kinds = (
            "application/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "a/b",
        )
        return raw, {"content_type": chance.choice(kinds)}
    if form == 2:
        fields["file"] = SimpleUploadedFile("t.csv", b"When,Amount,Asset\n2026-01-01,5,EUR\n")
    return fields, {}


def made_by(browser: Client, attempt: Attempt) -> Any:
    verb, sent, more = attempt.verb, attempt.sent, dict(attempt.more)
    if verb in ("get", "head"):
        sent = sent if isinstance(sent, dict) and "content_type" not in more else {}
        more.pop("content_type", None)
        sent = {name: value for name, value in sent.items() if isinstance(value, str)}
    elif verb != "post" and "content_type" not in more:
        sent, more["content_type"] = b"x=1", "application/x-www-form-urlencoded"
    return getattr(browser, verb)(attempt.path, sent, **more)


def gives_away(answer: Any, target: Target) -> list[str]:
    """What of Alice's stands in an answer or its headers; nothing should."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    told = content.decode("utf-8", "replace") + str(answer.headers)
    return [mark for mark in (*MARKS, target.live) if mark in told]


async def nothing_live(topics: Any, timeout_s: float) -> dict[str, Any]:
    """In the place of ``publish.read``, which would wait for prices that nobody brings."""
    return {}


def fingerprint(alice: User) -> list[Any]:
    """All that she has, as it is kept."""
    tables = (
        Portfolio.objects.filter(owner=alice),
        Account.objects.filter(portfolio__owner=alice),
        Entry.objects.filter(portfolio__owner=alice),
        Leg.objects.filter(entry__portfolio__owner=alice),
        ExchangeKey.objects.filter(account__portfolio__owner=alice),
        Fill.objects.filter(account__portfolio__owner=alice),
        Share.objects.filter(portfolio__owner=alice),
        ShareLink.objects.filter(portfolio__owner=alice),
    )
    return [list(table.order_by("pk").values()) for table in tables]
