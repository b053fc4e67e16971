"""The admin in a real browser: it works under its content policy, and nothing is reported."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page

from tests.live_site import ADMINISTRATOR, PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
PAGES = ("", "instruments/instrument/", "instruments/instrument/add/", "instruments/venue/", "auth/user/")


@pytest.fixture
async def admin(chromium: Browser, live_site: str) -> Page:
    page = await chromium.new_page(base_url=live_site)
    await page.goto("/admin/")
    await page.fill("input[name=login]", ADMINISTRATOR)
    await page.fill("input[name=password]", PASSWORD)
    await page.click("button[type=submit]")
    await page.wait_for_url("**/admin/")
    return page


async def test_no_page_of_the_admin_breaks_its_policy(admin: Page) -> None:
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    admin.on("console", listen)
    admin.on("pageerror", lambda error: complaints.append(str(error)))

    for path in PAGES:
        answer = await admin.goto(f"/admin/{path}")
        assert answer is not None and answer.status == 200
        await admin.wait_for_function("() => window.Alpine !== undefined")

    assert complaints == []


async def test_an_administrator_finds_an_instrument_and_stops_following_it(admin: Page) -> None:
    await admin.goto("/admin/instruments/instrument/")
    await admin.fill("input[name=q]", "KRAKEN:DOT")
    await admin.press("input[name=q]", "Enter")
    await admin.wait_for_url("**q=KRAKEN*")
    rows = admin.locator("#result_list tbody tr")
    assert await rows.count() == 1

    switch = rows.locator("input[type=checkbox][name$=enabled]")
    assert await switch.is_checked()
    await switch.uncheck(force=True)
    await admin.click("button[name=_save], input[name=_save]")

    await admin.wait_for_load_state()
    assert not await rows.locator("input[type=checkbox][name$=enabled]").is_checked()
    await rows.locator("input[type=checkbox][name$=enabled]").check(force=True)
    await admin.click("button[name=_save], input[name=_save]")
    await admin.wait_for_load_state()
