"""A real browser. None to be had is a failure that says so, never a skip."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests import live_site as site
from tests import provide
from tests.live_site import ADMINISTRATOR, PASSWORD

DESK = {"width": 1440, "height": 900}
BITCOIN = 'tr[data-symbol="KRAKEN:BTC/USD"]'
SOON_MS = 20_000


@pytest.fixture(scope="package")
def live_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a whole Marketdash on the simulator, one for these tests; without a slash at the end.

    Ended with them: its worker would take half a core from all other tests. Sign in as
    ``tests.live_site.ADMINISTRATOR`` with ``tests.live_site.PASSWORD``.
    """
    with site.running(tmp_path_factory.mktemp("live_site")) as running:
        yield running.url


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    """One browser for one test. The asynchronous interface only: the other breaks Django's tests."""
    path = provide.chromium()
    if path is None:
        pytest.fail(f"no Chromium: {provide.WANTED['chromium']}, or let `make test` install it")
    # Chromium's own sandbox refuses root, which containers often are.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        await browser.close()


@pytest.fixture
async def context(chromium: Browser, live_site: str) -> AsyncIterator[BrowserContext]:
    context = await chromium.new_context(base_url=live_site, viewport=DESK)
    yield context
    await context.close()


@pytest.fixture
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """Fails its test on any complaint of the browser: errors, and reports of the content policy."""
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.add_init_script(
        "document.addEventListener('securitypolicyviolation',"
        " (event) => console.error('policy', event.violatedDirective))"
    )
    yield page
    assert complaints == []


@pytest.fixture
async def arranger(chromium: Browser, live_site: str) -> AsyncIterator[BrowserContext]:
    """Signed in, with the screen of the instrument page that nobody arranged."""
    context = await chromium.new_context(base_url=live_site, viewport=DESK)
    page = await context.new_page()
    await sign_in(page)
    await page.goto("/instruments/kraken-btc-usd/")
    await expect(page.locator("[data-widget=instrument][data-mounted]")).to_be_attached(timeout=SOON_MS)
    await page.get_by_role("button", name="Arrange").click()
    await page.get_by_role("button", name="Reset").click()
    await expect(page.locator(".toolbar [data-said]")).to_have_text("Saved", timeout=SOON_MS)
    await page.close()
    yield context
    await context.close()


async def sign_in(page: Page) -> None:
    await page.goto("/accounts/login/")
    await page.fill("input[name=login]", ADMINISTRATOR)
    await page.fill("input[name=password]", PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/")


async def markets(page: Page) -> Page:
    """The list, mounted, connected and live."""
    await page.goto("/")
    await expect(page.locator("[data-widget=markets][data-mounted]")).to_be_attached(timeout=SOON_MS)
    await expect(page.locator("[data-pill-word]")).to_have_text("Connected", timeout=SOON_MS)
    await expect(page.locator(BITCOIN)).to_have_attribute("data-state", "live", timeout=SOON_MS)
    return page
