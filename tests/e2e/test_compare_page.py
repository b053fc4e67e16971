"""Both ways side by side in a real browser: they run, they are stopped, and what goes wrong is said."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests.e2e.conftest import PHONE
from tests.e2e.look import faint_texts, small_targets

pytestmark = pytest.mark.e2e
SOME = re.compile("[1-9]")


async def opened(page: Page) -> Page:
    await page.goto("/status/")
    await page.get_by_role("link", name="WebSocket beside polling").click()
    await page.wait_for_url("**/status/compare/")
    await expect(page.locator("[data-widget=compare][data-mounted]")).to_be_attached()
    return page


def figure(page: Page, title: str, way: int) -> Locator:
    return page.locator(f'tr[data-figure="{title}"] td').nth(way).locator("span")


async def test_both_ways_are_followed_until_stopped_and_again(page: Page) -> None:
    await opened(page)
    await expect(page.locator("[data-chosen] li")).to_have_count(3)
    await page.get_by_role("button", name="Start").click()
    for way in (0, 1):
        for title in ("Age, p95", "Changes seen", "Received, payload", "Received, with heads"):
            await expect(figure(page, title, way)).to_have_text(SOME)
        await expect(page.locator("[data-now] tbody tr").first.locator("td").nth(way)).to_have_attribute(
            "data-state", "live"
        )
    await expect(figure(page, "Processor time, server", 0)).to_have_text("–")
    await expect(page.locator("[data-add]")).to_be_disabled()

    await page.get_by_role("button", name="Stop").click()
    await expect(page.locator("[data-words]")).to_have_text(re.compile(r"^Stopped after \d+ s\.$"))
    now = page.locator("[data-now] tbody tr").first.locator("td").first
    await expect(now).to_have_attribute("data-state", "stale")  # nothing moves it any more
    await expect(now).to_contain_text("at the end")
    await page.locator("[data-remove]").first.click()
    await page.get_by_role("button", name="Start").click()
    await expect(page.locator("[data-now] tbody tr")).to_have_count(2)
    await page.get_by_role("button", name="Stop").click()


async def test_a_bid_that_stands_for_the_price_is_called_so(page: Page) -> None:
    await opened(page)
    await page.fill("[data-add]", "OANDA:EUR_USD")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Start").click()
    rows = page.locator("[data-now] tbody tr")
    for way in (0, 1):
        dealer = rows.filter(has_text="OANDA:EUR_USD").locator("td").nth(way)
        await expect(dealer).to_have_text(re.compile(r"^\d\.\d+ bid "))
        await expect(rows.filter(has_not_text="OANDA").first.locator("td").nth(way)).to_have_text(SOME)
    await expect(rows.filter(has_not_text="OANDA").first).not_to_contain_text("bid")
    assert await faint_texts(page) == []
    await page.get_by_role("button", name="Stop").click()


async def test_what_is_not_followed_is_refused_at_the_field(page: Page) -> None:
    await opened(page)
    await page.fill("[data-add]", "NOWHERE:X/Y")
    await page.get_by_role("button", name="Start").click()
    await expect(page.locator("#compare-said")).to_contain_text("NOWHERE:X/Y is not followed here")

    await page.fill("[data-add]", "kraken:eth/usd")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-chosen]")).to_contain_text("KRAKEN:ETH/USD")


async def test_answers_429_are_said(context: BrowserContext) -> None:
    """In a page of its own: the browser writes such an answer to its console."""

    async def refuse(route: Route) -> None:
        await route.fulfill(status=429, headers={"Retry-After": "1"}, body="{}")

    page = await opened(await context.new_page())
    await page.route("**/api/v1/tickers*", refuse)
    await page.get_by_role("button", name="Start").click()
    await expect(figure(page, "Refused, failed, left out", 1)).to_have_text(SOME)
    await page.get_by_role("button", name="Stop").click()

    await expect(page.locator("[data-notes]")).to_contain_text("answers were 429")
    await expect(figure(page, "Age, p95", 1)).to_have_text("–")


async def test_a_phone_has_all_of_it_in_its_width(chromium: Browser, live_site: str) -> None:
    context = await chromium.new_context(base_url=live_site, viewport=PHONE, has_touch=True, is_mobile=True)
    page = await opened(await context.new_page())
    await page.get_by_role("button", name="Start").click()
    await expect(figure(page, "Age, p95", 1)).to_have_text(SOME)

    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert await page.evaluate("document.querySelector('main').scrollWidth") <= PHONE["width"]
    assert await small_targets(page) == []
    assert await faint_texts(page) == []
    await context.close()
