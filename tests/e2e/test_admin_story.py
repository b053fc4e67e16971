"""A stranger finds an instrument in the admin and enables it; whoever has the markets open sees it appear."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.conftest import DESK, markets, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.acceptance]
SOL_EUR = "KRAKEN:SOL/EUR"
LIST = "/admin/instruments/instrument/"


@pytest.fixture
async def admin(chromium: Browser, live_site: str) -> Page:
    """Signed in, the list open on the one row; it comes with the venues' own lists, after the first page."""
    context = await chromium.new_context(base_url=live_site, viewport=DESK)
    page = await context.new_page()
    await sign_in(page)
    return page


async def row_of(admin: Page) -> object:
    """As a stranger types it."""
    row = admin.locator("#result_list tr.data-row")
    for _ in range(60):
        await admin.goto(LIST)
        await admin.fill("input[name=q]", "eur sol kraken")
        await admin.press("input[name=q]", "Enter")
        await admin.wait_for_url("**q=eur*")
        if await row.count() == 1:
            break
    await expect(row).to_have_count(1)
    await expect(row).to_contain_text(SOL_EUR)
    return row


async def choose(admin: Page, *, followed: bool) -> None:
    row = await row_of(admin)
    switch = row.locator("input[type=checkbox][name$=enabled]")
    await switch.set_checked(followed, force=True)
    await admin.click("button[name=_save], input[name=_save]")
    await admin.wait_for_load_state()
    await expect(switch).to_be_checked(checked=followed)


async def test_an_instrument_that_is_enabled_appears_on_an_open_page(page: Page, admin: Page) -> None:
    await markets(page)
    row = page.locator(f'tr[data-symbol="{SOL_EUR}"]')
    await expect(row).to_have_count(0)
    await page.evaluate("window.sameDocument = true")

    await choose(admin, followed=True)

    await expect(row).to_be_visible()
    await expect(page.locator("[data-news]")).to_contain_text("Now followed: SOL/EUR on Kraken")
    await expect(row).to_have_attribute("data-state", "live")
    await expect(row.locator("[data-cell=bid]")).to_have_text(re.compile(r"\d"))
    assert await page.evaluate("window.sameDocument")

    state = admin.locator('[data-live="state"]')
    await expect(state).to_have_text("Live")
    await expect(admin.locator('[data-live="rate"]')).to_have_text(re.compile(r"[1-9]"))

    await choose(admin, followed=False)

    await expect(row).to_have_count(0)
    await expect(state).to_have_text("Off")
    await admin.locator("#result_list a", has_text=SOL_EUR).click()
    await admin.wait_for_url("**/change/*")
    await admin.goto(admin.url.split("/change/")[0] + "/history/")
    await expect(admin.locator("body")).to_contain_text("Enabled: no → yes")
    await expect(admin.locator("body")).to_contain_text("Enabled: yes → no")
