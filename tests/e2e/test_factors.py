"""Passkeys with the browser's own virtual authenticator, and codes worked out in the test."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, CDPSession, Page, expect

from tests.e2e.conftest import DESK, HOME, PHONE, SOON_MS, by_password, sign_in, somebody
from tests.e2e.look import faint_texts, small_targets
from tests.live_site import PASSWORD
from tests.marketdash.accounts.test_factors import code_of

pytestmark = [pytest.mark.e2e, pytest.mark.acceptance, pytest.mark.timeout(180)]

DEVICE = {
    **{"protocol": "ctap2", "transport": "internal", "hasResidentKey": True},
    **{"hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True},
}


@pytest.fixture
async def named(chromium: Browser, live_site: str) -> AsyncIterator[BrowserContext]:
    """By a name, as it is printed: an address of numbers has no passkeys."""
    assert live_site.startswith("http://localhost:")
    context = await chromium.new_context(base_url=live_site, viewport=DESK)
    yield context
    await context.close()


async def confirmed(page: Page) -> None:
    await expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    await page.fill("input[name=password]", PASSWORD)
    await page.get_by_role("button", name="Confirm").click()


async def with_device(page: Page) -> CDPSession:
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return session


async def sent_code(page: Page, secret: str, button: str) -> None:
    """Again when the half minute ended between here and there."""
    field = page.locator("input[name=code]")
    for _ in range(3):
        await field.fill(code_of(secret))
        async with page.expect_navigation():
            await page.get_by_role("button", name=button).click()
        if not await field.count():
            return


def watched(page: Page) -> list[str]:
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    return complaints


async def test_a_passkey_is_added_signs_in_alone_and_is_removed(named: BrowserContext) -> None:
    page = await somebody(named, "pat")
    complaints = watched(page)
    await with_device(page)
    await by_password(page, "pat")
    await page.wait_for_url(HOME)
    await page.goto("/accounts/factors/webauthn/add/")
    await confirmed(page)
    await page.fill("input[name=name]", "The desk's")
    await expect(page.locator("form[data-mounted]")).to_be_attached(timeout=SOON_MS)
    await page.get_by_role("button", name="Add").click()
    await expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible(timeout=SOON_MS)
    assert await page.locator(".recovery li").count() == 10

    await named.clear_cookies()
    await page.goto("/accounts/login/?next=/accounts/factors/")
    await page.get_by_role("button", name="Use a passkey").click()
    await page.wait_for_url("**/accounts/factors/")
    await expect(page.get_by_text("enough on its own")).to_be_visible()

    await named.clear_cookies()  # the password alone opens nothing; with the passkey it does
    await by_password(page, "pat")
    await expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    await page.get_by_role("button", name="Use a passkey").click()
    await page.wait_for_url(re.compile(r":\d+/$"))

    await page.goto("/accounts/factors/")
    await page.get_by_role("link", name="Remove The desk's").click()
    await confirmed(page)
    await page.get_by_role("button", name="Remove").click()
    await expect(page.get_by_text("None is left.")).to_be_visible()
    assert complaints == []


async def test_codes_are_set_up_asked_for_and_a_stranger_is_told(named: BrowserContext) -> None:
    page = await somebody(named, "toni")
    await by_password(page, "toni")
    await page.wait_for_url(HOME)
    await page.goto("/accounts/factors/totp/activate/")
    await confirmed(page)
    secret = await page.locator(".secret").inner_text()
    assert await page.locator(".qr").evaluate("(image) => image.naturalWidth") > 0
    await sent_code(page, secret, "Turn on")
    await expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()

    await named.clear_cookies()
    await by_password(page, "toni")
    await page.fill("input[name=code]", "000000")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_text("Incorrect code")).to_be_visible()
    await sent_code(page, secret, "Sign in")
    await page.wait_for_url(HOME)


async def test_they_can_be_read_and_pressed(chromium: Browser, live_site: str) -> None:
    context = await chromium.new_context(base_url=live_site, viewport=PHONE, has_touch=True, is_mobile=True)
    page = await context.new_page()
    await sign_in(page)
    await page.goto("/accounts/factors/webauthn/add/")
    await confirmed(page)
    for path in ("", "webauthn/add/", "webauthn/", "totp/activate/"):
        await page.goto(f"/accounts/factors/{path}")
        await page.wait_for_load_state("load")
        assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"], path
        assert await small_targets(page) == [], path
        assert await faint_texts(page) == [], path
    await context.close()
