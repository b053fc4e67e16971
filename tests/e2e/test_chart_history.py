"""Scrolling back through stored bars in a real browser, on the whole stack."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.async_api import Page, Response, Route, expect

from tests.fakes.waiting import wait_until_answered

pytestmark = [pytest.mark.e2e, pytest.mark.acceptance]

SLUG = "kraken-btc-usd"
KEPT = 500
"""Bars that the socket carries: what is older comes from the database."""
LONG_S = 120


async def stored(page: Page, at_least: int, interval: int = 1) -> list[dict[str, Any]]:
    """What is stored, once there is so much of it."""

    async def enough() -> list[dict[str, Any]]:
        answer = await page.request.get(f"/instruments/{SLUG}/bars/?interval={interval}&limit=1000")
        bars = (await answer.json())["bars"]
        return bars if len(bars) >= at_least else []

    what = f"{at_least} stored bars of {interval} m"
    return await wait_until_answered(enough, every_s=0.2, within_s=LONG_S, what=what)


async def open_chart(page: Page) -> None:
    await page.goto(f"/instruments/{SLUG}/")
    await expect(page.locator("[data-part=chart]")).to_have_attribute("data-known", "")


async def scroll_back(page: Page, times: int = 1) -> None:
    """As a hand on a touchpad does."""
    box = await page.locator("[data-chart]").bounding_box()
    await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for _ in range(times):
        await page.mouse.wheel(-1500, 0)


async def scrolled_to(page: Page, state: str) -> None:
    """Back and back again, until the chart says so of the bars before."""
    said = page.locator(f"[data-older][data-state={state}]")

    async def there() -> bool:
        await scroll_back(page, 3)
        return await said.is_visible()

    await wait_until_answered(there, every_s=0.05, within_s=LONG_S, what=f"older bars: {state}")


async def test_a_chart_scrolls_back_to_where_history_begins(page: Page) -> None:
    await stored(page, KEPT + 100)  # a site that has just begun has none, and its chart begins anew
    await open_chart(page)
    answers: list[Response] = []
    page.on("response", lambda response: answers.append(response) if "/bars/?" in response.url else None)

    await scrolled_to(page, "end")

    begins = (await stored(page, KEPT + 100))[0]["ts"]
    times = [bar["ts"] for answer in answers for bar in (await answer.json())["bars"]]
    assert len(times) == len(set(times)), "no bar twice"
    assert begins in times
    moment = datetime.fromtimestamp(begins // 1_000_000, UTC)
    await scrolled_to(page, "end")  # bars that came meanwhile may have moved it out of sight
    words = f"History begins here, {moment:%Y-%m-%d %H:%M} UTC"
    await expect(page.locator("[data-older-words]")).to_have_text(words)


async def test_a_page_that_fails_is_said_and_tried_again(page: Page) -> None:
    await stored(page, KEPT + 100)  # a site that has just begun has none, and its chart begins anew
    await open_chart(page)
    broken = True

    async def answer(route: Route) -> None:
        if broken:
            await route.fulfill(status=200, body="not json")
        else:
            await route.continue_()

    await page.route("**/bars/?*", answer)
    await scrolled_to(page, "failed")
    await expect(page.locator("[data-older-words]")).to_have_text("Older bars could not be loaded.")

    broken = False
    await page.get_by_role("button", name="Try again").click()

    await expect(page.locator("[data-older][data-state=failed]")).to_be_hidden()
    await scrolled_to(page, "end")


async def test_history_that_is_on_its_way_is_said_and_asked_for_again(page: Page) -> None:
    """As a site is in its first seconds, and as an instrument is that was just chosen."""
    await stored(page, 300, 1440)
    coming = True

    async def answer(route: Route) -> None:
        if coming:
            await route.fulfill(json={"bars": [], "before": 1, "more": False, "coming": True})
        else:
            await route.continue_()

    await page.route("**/bars/?*", answer)
    await open_chart(page)
    await page.get_by_role("button", name="1 d").click()

    words = page.locator("[data-older-words]")
    await expect(words).to_have_text("Older bars come as soon as the venue sends them.")
    async with page.expect_response("**/bars/?*"):
        pass  # nobody touches anything
    coming = False
    await expect(words).to_be_hidden()
    await page.get_by_role("button", name="Table").click()
    await expect(page.locator("[data-bars] tbody tr")).to_have_count(60)


async def test_other_lengths_have_a_past_at_once(page: Page) -> None:
    """The socket knows of the day only the bar that runs; the chart shows months."""
    await open_chart(page)
    await page.get_by_role("button", name="1 d").click()
    days = await stored(page, 300, 1440)  # what somebody looks at is fetched first
    await page.get_by_role("button", name="Table").click()

    rows = page.locator("[data-bars] tbody tr")
    await expect(rows).to_have_count(60)
    dates = await rows.evaluate_all("rows => rows.map((row) => row.cells[0].innerText)")  # all of one drawing
    assert dates == sorted(set(dates), reverse=True), "no day twice, newest first"
    newest = await page.evaluate("(us) => new Date(us / 1000).toISOString().slice(0, 10)", days[-1]["ts"])
    assert any(newest in date for date in dates[:3])  # behind the day that runs, and one that may have begun
