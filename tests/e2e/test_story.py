"""What a stranger does: files in, numbers that move, another method, a link; and everybody says the same."""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.e2e.conftest import HOME, SOON_MS, by_password, somebody
from tests.e2e.holding import LEDGER, TRADES, counts, looked, made
from tests.fakes.waiting import wait_until_answered
from tests.live_site import Site

pytestmark = [pytest.mark.e2e, pytest.mark.acceptance, pytest.mark.timeout(240)]

CHEAPER = """"L-7","T-0","2026-01-10 09:00:00","trade","","currency","ZUSD",-20.0000,0.0000,980.0000
"L-8","T-0","2026-01-10 09:00:00","trade","","currency","XXBT",0.0010000000,0.0000000000,0.0010000000
"""
"""Bought before the rest of the ledger, for 20: first in it is the first that is sold, and the cheapest."""
FILES = (("ledgers.csv", LEDGER + CHEAPER, "4"), ("trades.csv", TRADES, "2"))
SAME = {
    "quantity": "quantity",
    "average": "average_cost",
    "cost": "cost",
    "unknown": "quantity_of_unknown_cost",
}
SAME |= {"price": "price", "value": "value", "gain": "gain", "weight": "weight", "gain_pct": "gain_percent"}
"""Of a holding: as the API says it → as the CSV does."""


@pytest.fixture
async def dana(chromium: Browser, live_site: str) -> Page:
    """Who was never here."""
    page = await somebody(await chromium.new_context(base_url=live_site), "dana")
    await by_password(page, "dana")
    await page.wait_for_url(HOME)
    return page


@pytest.fixture
async def simulator(whole_site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """The exchanges' control door. What it stopped goes on afterwards."""
    async with httpx.AsyncClient(base_url=whole_site.exchanges, trust_env=False, timeout=20) as client:
        yield client
        await client.get("/control/resume")


async def test_a_stranger_imports_watches_chooses_shares_and_is_told_the_same_by_all(
    dana: Page, simulator: httpx.AsyncClient, chromium: Browser, tmp_path: Path
) -> None:
    address = await made(dana)
    await import_twice(dana, address, tmp_path)
    value = dana.locator('tr[data-asset="BTC"] .value')
    await expect(dana.locator("[data-widget=portfolio] [data-moment]")).to_contain_text("Oldest price")
    await expect(value).not_to_have_text(await value.inner_text())

    (await simulator.get("/control/pause")).raise_for_status()
    await settled(dana.locator("main"))
    total, realised = dana.locator("[data-sum=total]"), dana.locator("[data-figure=realised]")
    first_in, before = await realised.inner_text(), await total.inner_text()
    await dana.get_by_label("Method").select_option("hifo")
    await dana.get_by_role("button", name="Use it").click()
    await expect(dana.get_by_text("Gains are worked out anew")).to_be_visible()
    dearest = await realised.inner_text()
    assert (first_in, dearest) == ("+70.00", "+40.00")  # for 90: what cost 20, and what cost 50
    assert await total.inner_text() == before

    await check_that_all_say_the_same(dana, address)
    await shared_and_taken_back(dana, chromium, before)


async def import_twice(page: Page, address: str, folder: Path) -> None:
    for name, text, entries in FILES:
        for expected in ([entries, "0", "0", "0"], ["0", entries, "0", "0"]):
            await looked(page, address, folder, name, text)
            assert await counts(page) == expected
            await page.get_by_role("button", name="Import", exact=True).click()
            await expect(page.get_by_role("link", name="All imports")).to_be_visible(timeout=SOON_MS)
            assert await counts(page) == expected
    await page.goto(address)


async def settled(holdings: Locator) -> None:
    """Nothing moves any more, for three seconds: what was on its way has come."""
    seen: deque[str] = deque(maxlen=6)

    async def still() -> bool:
        cells = holdings.locator("tr[data-asset] :is(.value, [data-cell=price])")
        seen.append(" ".join(await cells.all_inner_texts()))
        return len(seen) == seen.maxlen and len(set(seen)) == 1

    await wait_until_answered(still, every_s=0.5, within_s=60, what="prices that stand still")


async def check_that_all_say_the_same(page: Page, address: str) -> None:
    """The API, the file and the page, to the last digit."""
    api = await by_token(page, address)
    answer = await page.request.get(f"{address}holdings.csv")
    rows = {row["asset"]: row for row in csv.DictReader(io.StringIO(await answer.text()))}
    held = {each["asset"]: each for each in api["holdings"]}
    assert set(rows) == set(held) == {"BTC", "ETH", "USD", "USDT"}
    for asset, line in held.items():
        assert {name: line[name] or "" for name in SAME} == {
            name: rows[asset][to] for name, to in SAME.items()
        }
    assert sum(Decimal(row["value"] or 0) for row in rows.values()) == Decimal(api["total"])

    await page.goto(address)
    assert await whole(page.locator("[data-sum=total]")) == Decimal(api["total"])
    for name in ("realised", "fees", "unrealised"):
        assert await whole(page.locator(f"[data-figure={name}]")) == Decimal(api[name]["value"])
    for asset, line in held.items():
        row = page.locator(f'tr[data-asset="{asset}"]')
        for name in ("quantity", "average", "price", "value", "gain"):
            cell = row.locator(f"[data-cell={name}]")
            expected = None if line[name] is None else Decimal(line[name])
            assert await whole(cell) == expected, (asset, name)


async def by_token(page: Page, address: str) -> Any:
    await page.goto("/accounts/tokens/")
    await page.get_by_label("Name").fill("dana's own")
    for box in await page.get_by_role("checkbox").all():
        await box.check()
    await page.get_by_role("button", name="Make token").click()
    headers = {"Authorization": f"Bearer {await page.locator('.secret').inner_text()}"}
    number = re.search(r"/portfolios/(\d+)/", address)
    assert number is not None
    answer = await page.request.get(f"/api/v1/portfolios/{number[1]}", headers=headers)
    assert answer.status == 200
    return (await answer.json())["data"]


async def whole(cell: Any) -> Decimal | None:
    """All digits of a cell: those under the pointer where there are more than are shown."""
    text = await cell.get_attribute("title") or await cell.inner_text()
    return None if text == "–" else Decimal(text.replace(",", "").replace("−", "-"))


async def shared_and_taken_back(page: Page, chromium: Browser, total: str) -> None:
    await page.get_by_label("Who it is for").fill("Dora")
    await page.get_by_label("Show amounts too").check()
    await page.get_by_role("button", name="Make link").click()
    link = await page.locator("#sharing .secret").inner_text()
    visitor = await (await chromium.new_context()).new_page()
    await visitor.goto(link)
    await expect(visitor.locator("[data-sum=total]")).to_have_text(total)
    await expect(visitor.locator("[data-moment]")).not_to_contain_text("As of")  # it follows by its socket

    await page.get_by_role("button", name="End the link Dora").click()

    await expect(visitor.locator("[data-moment]")).to_contain_text("Not live")
    answer = await visitor.goto(link)
    assert answer is not None and answer.status == 404
