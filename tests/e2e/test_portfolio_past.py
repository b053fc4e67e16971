"""The past of a portfolio in a real browser: its curve goes on while it is looked at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.e2e.conftest import Cookies
from tests.e2e.look import faint_texts, small_targets
from tests.e2e.test_portfolios import PHONE, filled, made, saved, typed

pytestmark = [pytest.mark.e2e, pytest.mark.acceptance]


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


async def traded(page: Page) -> str:
    """Bought long ago and sold an hour ago; the address of what is held of it."""
    address = await made(page)
    ago = datetime.now(UTC) - timedelta(hours=1)
    await typed(page, "Buy", amount="0.2", asset="BTC", amount2="100", asset2="USD", time="2026-03-01T10:00")
    await saved(page)
    await typed(
        page, "Sell", amount="0.1", asset="BTC", amount2="90", asset2="USD", time=f"{ago:%Y-%m-%dT%H:%M}"
    )
    await saved(page)
    await page.goto(address)
    await page.locator('tr[data-asset="BTC"] a[data-open]').click()
    await page.wait_for_url("**/assets/BTC/")
    return page.url


@pytest.mark.usefixtures("person")
async def test_a_holding_moves_and_its_trades_are_found_on_the_chart_by_keyboard(page: Page) -> None:
    await traded(page)
    await expect(page.locator('[data-widget=holding][data-state="live"]')).to_be_attached()
    await expect(page.locator('[data-line][data-asset="BTC"] [data-cell=quantity]')).to_have_text("0.1")
    value = page.locator("[data-line] [data-cell=value]")
    before = await value.inner_text()
    await expect(value).not_to_have_text(before)

    await expect(page.locator("[data-part=chart][data-known]")).to_be_attached(timeout=60_000)
    sold = page.locator("tr", has_text="Sold 0.1 BTC for 90 USD").get_by_role("button", name="On the chart")
    await page.get_by_role("button", name="1 m", exact=True).click()
    await page.mouse.move(0, 0)
    await sold.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-looked]")).to_contain_text("On the chart: ", timeout=60_000)
    await expect(page.locator("[data-looked]")).to_contain_text("Sold 0.1 BTC for 90 USD, 900.00 each")
    await expect(page.locator("[data-traded]")).to_contain_text("Sold 0.1 BTC for 90 USD")
    await page.get_by_role("button", name="Table").click()
    await expect(page.locator("[data-bars] tbody tr").first).to_be_visible()


async def test_a_holding_is_readable_on_a_phone_and_without_any_script(
    chromium: Browser, live_site: str, signed_in: Cookies
) -> None:
    phone = await chromium.new_context(base_url=live_site, viewport=PHONE, has_touch=True, is_mobile=True)
    await phone.add_cookies(signed_in)
    page = await phone.new_page()
    address = await traded(page)
    await expect(page.locator("[data-widget=holding][data-mounted]")).to_be_attached()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    assert (await small_targets(page), await faint_texts(page)) == ([], [])

    still = await chromium.new_context(base_url=live_site, java_script_enabled=False)
    await still.add_cookies(signed_in)
    page = await still.new_page()
    await page.goto(address)
    await expect(page.get_by_text("Sold 0.1 BTC for 90 USD, 900.00 each")).to_be_visible()
    await expect(page.get_by_role("heading", name="Lots")).to_be_visible()
    await expect(page.get_by_role("button", name="On the chart")).to_have_count(0)
