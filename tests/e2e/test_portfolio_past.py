"""The past of a portfolio in a real browser: its curve goes on while it is looked at."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, Route, expect

from tests.e2e.test_portfolios import filled

pytestmark = pytest.mark.e2e


@pytest.mark.usefixtures("person")
async def test_the_curve_is_drawn_anew_when_a_minute_was_noted(page: Page) -> None:
    await page.clock.install()
    address = await filled(page)
    section = page.locator("#equity")
    figure = {"text": "+1.50%", "way": "up", "more": "of a test"}
    picture = {
        **{"whole": "M0 0L1000 300", "by_closes": "", "lacking": "", "area": "M0 0L1000 300V300H0Z"},
        **{"marks": ["12,345.00"], "times": ["26 Nov 2026, 10:00"], "words": "Total in USD: last 12,345.00"},
    }
    told = {
        "figures": [figure] * 3,
        "picture": picture,
        "notes": "From then to now.",
        "empty": "",
        "due_s": 60,
    }
    asked: list[str] = []

    async def answer(route: Route) -> None:
        asked.append(route.request.url)
        await route.fulfill(json=told)

    await page.route("**/curve/**", answer)
    await page.goto(f"{address}?period=week")
    await expect(page.locator("#equity[data-mounted]")).to_be_attached()
    await page.clock.fast_forward("01:10")

    await expect(section.locator("[data-return]").first).to_have_text("+1.50%")
    await expect(section.get_by_text("From then to now.")).to_be_visible()
    await expect(section.locator("path.whole")).to_have_attribute("d", "M0 0L1000 300")
    await expect(section.get_by_role("img")).to_have_accessible_name("Total in USD: last 12,345.00")
    await expect(section.locator("[data-empty]")).to_be_hidden()
    assert asked == [f"{address}curve/?period=week"]
    told |= {"notes": "A minute later."}
    await page.clock.fast_forward("01:01")
    await expect(section.get_by_text("A minute later.")).to_be_visible()
