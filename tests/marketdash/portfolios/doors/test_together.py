"""Several portfolios in one total, in two currencies: list, REST, files and sockets say the same,
and so does a stranger."""

from __future__ import annotations

import csv
import io
import re
from fractions import Fraction

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib.auth.models import User
from django.test import AsyncClient

from tests.marketdash.portfolios.doors import reading, site, story
from tests.marketdash.portfolios.doors.holding import ROUNDED, Held
from tests.marketdash.portfolios.doors.worth import Prices

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]
NO_RATE = {name: price for name, price in story.PRICES.items() if name != "EUR/USD"}
OLD_RATE = story.PRICES | {"EUR/USD": story.PRICES["EUR/USD"]._replace(live=False)}
FIGURES = ("unrealised", "realised", "income", "fees", "funding", "day")


@async_to_sync
async def looked(
    redis_url: str, prices: Prices, patch: pytest.MonkeyPatch, held: list[Held], who: site.Person
) -> tuple[str, dict, str, list[dict]]:
    browser = AsyncClient()
    browser.cookies[settings.SESSION_COOKIE_NAME] = who.cookie
    async with site.quoted(redis_url, prices, patch):
        page = await site.text(browser, "/portfolios/")
        api = await site.asked("/portfolios/total", who)
        table = await site.text(browser, "/portfolios/totals.csv")
        return page, api, table, [await site.snapshot(each.portfolio.pk, who) for each in held]


@pytest.mark.parametrize("prices", [story.PRICES, NO_RATE, OLD_RATE], ids=["rate", "no rate", "old rate"])
def test_several_in_one_total(
    alice: User, prices: Prices, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = [Held.by(alice, name, base) for name, base in (("a", "EUR"), ("b", "USD"), ("c", "EUR"))]
    drafts = [held[0].record(held[0].story()), held[1].record(held[1].story()), []]
    each_told = [one.told(told, prices) for one, told in zip(held, drafts, strict=True)]
    rate = Fraction(4, 5) if "EUR/USD" in prices else None

    page, api, table, sockets = looked(redis_url, prices, monkeypatch, held, site.person(alice))

    assert (api["base"], api["portfolios"]) == ("EUR", 3)
    for what in ("total", *FIGURES):
        mine = [told.sums[what] or Fraction(0) for told in each_told]
        right = mine[0] + mine[2] + (mine[1] * rate if rate is not None else 0)
        said = api[what] if what == "total" else api[what]["value"]
        assert abs(Fraction(said) - right) <= ROUNDED * 10**6, (what, said, float(right))
    of_rows(page, api, table)
    for row, socket in zip(held, sockets, strict=True):
        assert cells(page, f'data-id="{row.portfolio.pk}"')["total"].digits == socket["total"]


def of_rows(page: str, api: dict, table: str) -> None:
    whole = cells(page, 'data-overall="EUR"')
    (file,) = [row for row in csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))) if row["of"] == "all"]
    for what, column in (("total", "total"), ("day", "change_24h"), ("unrealised",) * 2, ("realised",) * 2):
        figure = {"value": api["total"], "unknown": 0, "known": 1} if what == "total" else api[what]
        said = None if figure["unknown"] and not figure["known"] else figure["value"]
        assert whole[what].digits == said == (file[column] or None), what
    lacks = re.findall(r"data-lacks[^>]*>([^<]*)<", page)[0]
    assert api["missing"] and all(
        names[:1] == [] or names[0] in lacks for names in (api["missing"], api["stale"])
    )
    assert file["lacks_price_of"] == ", ".join(api["missing"])
    assert file["old_price_of"] == ", ".join(api["stale"])


def cells(page: str, head: str) -> dict[str, reading.Cell]:
    """Of one row of the list."""
    row = page[page.index(f"<tr {head}") :]
    return reading.figures(row[: row.index("</tr>")])
