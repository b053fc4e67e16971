"""A rate of the past in a real browser, from where a page says that it is unknown; and without scripts."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.conftest import DESK, PHONE, Cookies
from tests.e2e.holding import made, numbers, saved, typed
from tests.e2e.look import faint_texts, small_targets

pytestmark = pytest.mark.e2e


@pytest.fixture
async def code(chromium: Browser, live_site: str, signed_in: Cookies) -> AsyncIterator[str]:
    """Of an asset that no market leads from; an administrator made it."""
    context = await chromium.new_context(base_url=live_site)
    await context.add_cookies(signed_in)
    page, made = await context.new_page(), f"PTS{next(numbers)}"
    await page.goto("/admin/instruments/asset/add/")
    await page.fill("#id_code", made)
    await page.locator("[name=_save]").click()
    await expect(page.get_by_text("was added successfully")).to_be_visible()
    yield made
    await context.close()


async def earned(page: Page, code: str) -> str:
    """Some of it, of which a tenth is sold: nobody can say what that gained."""
    address = await made(page)
    await typed(page, "Reward", amount="10", asset=code, time="2026-01-05T00:00")
    await saved(page)
    await typed(page, "Sell", amount="1", asset=code, amount2="3", asset2="USD", time="2026-02-05T00:00")
    await saved(page)
    return address


@pytest.mark.parametrize("scripts", [True, False])
async def test_what_is_unknown_is_found_and_said(
    chromium: Browser, live_site: str, signed_in: Cookies, code: str, scripts: bool
) -> None:
    context = await chromium.new_context(base_url=live_site, viewport=DESK, java_script_enabled=scripts)
    await context.add_cookies(signed_in)
    page = await context.new_page()
    await earned(page, code)
    await expect(page.locator("[data-figure=realised]")).to_have_text("–")

    await page.get_by_role("link", name="What is unknown").click()
    await expect(page.get_by_text("1 entry lacks a rate to USD")).to_be_visible()
    await page.get_by_role("link", name="Entry").first.click()
    await page.get_by_label(f"1 {code} in USD").fill("x")
    await page.get_by_role("button", name=f"Review the rate of {code}").click()
    await expect(page.get_by_role("alert")).to_contain_text("Expected a plain decimal number, found 'x'")
    await page.get_by_label(f"1 {code} in USD").fill("0.5")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name=f"1 {code} = 0.5 USD")).to_be_visible()
    await expect(page.locator("[data-realised]")).to_have_text("+2.50")
    await page.get_by_role("button", name="Save").click()

    await expect(page.get_by_role("status").filter(has_text="saved")).to_be_visible()
    await expect(page.get_by_text(f"1 {code} = 0.5 USD, typed in")).to_be_visible()
    await page.get_by_role("link", name="Back to Portfolio").click()
    await expect(page.locator("[data-figure=realised]")).to_have_text("+2.50")
    await expect(page.get_by_role("link", name="What is unknown")).to_be_hidden()
    await context.close()


async def test_it_can_be_read_and_pressed(
    chromium: Browser, live_site: str, signed_in: Cookies, code: str
) -> None:
    context = await chromium.new_context(base_url=live_site, viewport=PHONE, has_touch=True, is_mobile=True)
    await context.add_cookies(signed_in)
    page = await context.new_page()
    address = await earned(page, code)
    await page.goto(f"{address}unknown/")
    await check(page)
    await page.get_by_role("link", name="Entry").first.click()
    await expect(page.get_by_role("heading", name="What nobody can say of it")).to_be_visible()
    await check(page)
    await page.get_by_label(f"1 {code} in USD").fill("0.5")
    await page.get_by_role("button", name=f"Review the rate of {code}").click()
    await expect(page.get_by_role("heading", name=f"1 {code} = 0.5 USD")).to_be_visible()
    await check(page)
    await context.close()


async def check(page: Page) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert await small_targets(page) == []
    assert await faint_texts(page) == []
