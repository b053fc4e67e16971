"""A person's own pages in a real browser: preferences that follow, and a token that is shown once."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import BITCOIN, markets, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.acceptance]


async def newcomer(chromium: Browser, live_site: str) -> Page:
    """In a browser that was never here, signed in through the form."""
    page = await chromium.new_page(base_url=live_site)
    await sign_in(page)
    return page


async def test_what_is_chosen_in_one_browser_is_shown_in_the_other(chromium: Browser, live_site: str) -> None:
    page = await newcomer(chromium, live_site)
    await page.get_by_role("button", name="Display").first.click()
    await page.get_by_label("Light", exact=True).check()
    async with page.expect_navigation():
        await page.get_by_label("Numbers").select_option("apostrophe-point")
    await expect(page.locator("html")).to_have_attribute("data-numbers", "apostrophe-point")

    other = await newcomer(chromium, live_site)
    await expect(other.locator("html")).to_have_attribute("data-theme", "light")
    await markets(other)
    await expect(other.locator(f"{BITCOIN} [data-cell=last]")).to_contain_text("’")

    await other.goto("/accounts/display/")
    form = other.get_by_role("main")
    await form.get_by_label("Follow system").check()
    await form.get_by_label("Numbers").select_option("locale")
    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_role("status")).to_contain_text("Display saved")


async def test_a_token_is_made_shown_once_and_revoked(person: BrowserContext) -> None:
    page = await person.new_page()
    await page.goto("/accounts/tokens/")
    await page.get_by_label("Name").fill("the desk's bot")
    await page.get_by_role("button", name="Make token").click()
    secret = await page.locator(".secret").inner_text()
    assert secret.startswith("md_")

    bot = {"Authorization": f"Bearer {secret}"}
    answer = await page.request.get("/api/v1/tickers?symbol=KRAKEN:BTC/USD", headers=bot)
    assert answer.status == 200
    await page.goto("/accounts/tokens/")
    await expect(page.locator(".secret")).to_have_count(0)
    await page.get_by_role("button", name="Revoke the desk's bot").click()
    await expect(page.get_by_text("is revoked")).to_be_visible()
    assert (await page.request.get("/api/v1/tickers", headers=bot)).status == 401
