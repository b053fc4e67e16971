"""A link of per cents alone: page, socket, REST and files give no amount away, in any digit.

Two people hold the same, one a thousand times as much: what their links say is the same to the last byte.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import AsyncClient

from marketdash.portfolios import actions
from marketdash.portfolios.accounting.drafts import Draft, DraftLeg
from tests.marketdash.portfolios.doors import reading, site, story
from tests.marketdash.portfolios.doors.holding import Held
from tests.marketdash.portfolios.doors.worth import Told

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]
MORE = 1000
OF_ITSELF = ("id", "epoch", "seq", "prev", "ts", "age_us")


class Shown(NamedTuple):
    """By one link; ``others`` are answers of all else that was asked with its secret."""

    page: str
    socket: dict[str, Any]
    others: list[tuple[int, str]]


@pytest.fixture(autouse=True)
def fresh_limits() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def times(draft: Draft) -> Draft:
    return replace(draft, legs=[_times(leg) for leg in draft.legs])


def _times(leg: DraftLeg) -> DraftLeg:
    worth = None if leg.worth is None else Decimal(leg.worth) * MORE
    return replace(leg, amount=Decimal(leg.amount) * MORE, worth=worth)


async def shown(key: int, secret: str) -> Shown:
    stranger, address = AsyncClient(), f"/shared/{secret}/"
    page = await site.text(stranger, address)
    others = []
    for where in (f"/portfolios/{key}/", f"/portfolios/{key}/holdings.csv", f"/portfolios/{key}/curve/"):
        others.append(await stranger.get(where))
    bearer = {"authorization": f"Bearer {secret}"}
    for where in ("", "/lots", "/entries", "/performance", "/fills"):
        others.append(await stranger.get(f"/api/v1/portfolios/{key}{where}", headers=bearer))
    for where in (address, f"{address}?period=all"):
        others.append(await stranger.get(where, headers={"accept": "application/json"}))
    told = [(each.status_code, each.content.decode()) for each in others]
    return Shown(page, await site.snapshot(key, secret=secret), told)


@pytest.fixture
def both(
    alice: User, bob: User, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[Shown], list[Told]]:
    found, told = [], []
    for owner, make in ((alice, lambda draft: draft), (bob, times)):
        held = Held.by(owner, "Savings", "EUR", "average")
        drafts = held.record([make(draft) for draft in held.story()])
        told.append(held.told(drafts, story.PRICES))
        found.append((held.portfolio.pk, actions.make_link(held.portfolio, "for Dora", 7, False)[1]))

    @async_to_sync
    async def looked() -> list[Shown]:
        async with site.quoted(redis_url, story.PRICES, monkeypatch):
            return [await shown(*each) for each in found]

    return looked(), told


def test_a_thousand_times_as_much_looks_the_same(both: Any) -> None:
    (few, many), _ = both

    assert alike(few.page) == alike(many.page)
    assert [each for each in few.socket.items() if each[0] not in OF_ITSELF] == [
        each for each in many.socket.items() if each[0] not in OF_ITSELF
    ]


def alike(page: str) -> str:
    """Without the secret, numbers that are the portfolio's own, and how long ago things were."""
    page = re.sub(r'nonce="[^"]+"|/shared/[^/]+/|data-id="\d+"|<time.*?</time>', "", page)
    return re.sub(r"(?:&lt; 1|< 1|\d+) (?:s|min)\b", "", page)


def content(page: str) -> str:
    return alike(page[page.index('<main id="content"') : page.index("</main>")])


def test_what_it_says_is_what_a_stranger_works_out(both: Any) -> None:
    (few, _), (told, _) = both

    lines = {each["asset"]: each for each in few.socket["holdings"]}
    for name, line in lines.items():
        right = told.lines[name]
        near(line["weight"], right["weight"], 3, name)
        near(line["gain_pct"], right["gain_pct"], 2, name)
        value, day = right["value"], right["day"]
        near(line["day_pct"], None if day is None else day / abs(value - day) * 100, 2, name)
    for place, (name, right) in enumerate(sorted(contracts(told).items())):
        assert few.socket["positions"][place]["name"] == name
        near(few.socket["positions"][place]["weight"], right["weight"], 3, name)
    of_page = reading.per_cents(few.page)
    assert set(lines) | set(contracts(told)) == set(of_page)
    for name, line in lines.items():
        for what, places in (("gain", "gain_pct"), ("day", "day_pct")):
            assert reading.plain(of_page[name][what]) == line[places], (name, what)
        weight = line["weight"] and reading.rounded(Fraction(line["weight"]) * 100, 1)
        assert of_page[name]["weight"] == (f"{weight}%" if weight else "–")


def contracts(told: Told) -> dict[str, Any]:
    return {name.split(" ")[0]: line for name, line in told.lines.items() if " " in name}


def near(said: str | None, right: Fraction | None, places: int, what: str) -> None:
    """Rounded half away from zero."""
    text = None if right is None else reading.plain(reading.rounded(right, places))
    assert said == text, (what, said, right)


def test_no_door_says_an_amount(both: Any) -> None:
    found, told = both

    for by_link, right in zip(found, told, strict=True):
        words = content(by_link.page) + json.dumps(
            {name: each for name, each in by_link.socket.items() if name not in OF_ITSELF}
        )
        words = re.sub(r'"ts_received": \d+', "", words)
        for amount in amounts(right):
            assert amount not in words, amount
        for status, text in by_link.others[:-2]:
            assert status in (302, 401, 403, 404), status
            assert not any(amount in text for amount in amounts(right))
        for status, text in by_link.others[-2:]:
            assert (status, text[:15].lower()) == (200, "<!doctype html>")  # the page again, and no curve
            assert not any(amount in content(text) for amount in amounts(right))


def amounts(told: Told) -> set[str]:
    """All that are no ratio, as digits and as they are read, where they are long enough to be told apart."""
    numbers = [number for what, number in told.sums.items() if what != "day_pct"]
    for line in told.lines.values():
        numbers += [number for what, number in line.items() if what not in ("weight", "gain_pct")]
    known = [abs(number) for number in numbers if number]
    texts = {reading.rounded(number, places) for number in known for places in (0, 2, 8)}
    texts |= {text.replace(",", "") for text in texts}
    return {text for text in texts if len(text.rstrip("0").rstrip(".").replace(".", "")) > 4}
