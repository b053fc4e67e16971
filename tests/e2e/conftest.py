"""A real browser. None to be had is a failure that says so, never a skip."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Cookie, Page, async_playwright, expect

from tests import live_site as site
from tests import provide
from tests.live_site import ADMINISTRATOR, PASSWORD, Site

HERE = Path(__file__).parent
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
BITCOIN = 'tr[data-symbol="KRAKEN:BTC/USD"]'
SOON_MS = 20_000
ORDERS_PER_S = 90
"""At the simulated exchanges, all together: each order costs worker, web process and browser their share of a
core that other tests run on."""
HOME = re.compile(r"^https?://[^/]+/$")
"""The list of markets, as an address; what ends with a slash is any page."""
LATE = "test_chart_history.py"
Cookies = list[Cookie]

# How long a machine may take, not how fast the product is: the same guard for all that is expected here.
expect.set_options(timeout=SOON_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A site that has just begun has no history: what waits for it comes after all else that is looked at."""
    places = [at for at, item in enumerate(items) if item.path.is_relative_to(HERE)]
    ordered = sorted((items[at] for at in places), key=lambda item: item.path.name == LATE)
    for at, item in zip(places, ordered, strict=True):
        items[at] = item


@pytest.fixture(scope="package")
def anyio_backend() -> str:
    """One loop for all these tests: the browser belongs to it."""
    return "asyncio"


@pytest.fixture(scope="package")
def whole_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A whole Marketdash on the simulator, one for these tests.

    Ended with them: its worker would take half a core from all other tests. Sign in as
    ``tests.live_site.ADMINISTRATOR`` with ``tests.live_site.PASSWORD``.
    """
    folder = tmp_path_factory.mktemp("live_site")
    site.prepare(folder)
    with site.running(folder) as running:
        slower = {"value": ORDERS_PER_S}
        rate = f"{running.exchanges}/control/rate"
        httpx.get(rate, params=slower, trust_env=False, timeout=SOON_MS / 1000).raise_for_status()
        yield running


@pytest.fixture(scope="package")
def live_site(whole_site: Site) -> str:
    """Its address, without a slash at the end."""
    return whole_site.url


@contextlib.asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """The asynchronous interface only: the other breaks Django's tests."""
    path = provide.chromium()
    if path is None:
        pytest.fail(f"no Chromium: {provide.WANTED['chromium']}, or let `make test` install it")
    # Chromium's own sandbox refuses root, which containers often are.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        await browser.close()


@pytest.fixture(scope="package")
def uncaught_in_browser() -> list[str]:
    """What scripts of any page threw, and nobody caught."""
    return []


@pytest.fixture(scope="package")
async def browser(anyio_backend: str, uncaught_in_browser: list[str]) -> AsyncIterator[Browser]:
    async with launched() as browser:
        make = browser.new_context

        async def watched(**options: Any) -> BrowserContext:
            context = await make(**options)
            context.on("weberror", lambda found: uncaught_in_browser.append(str(found.error)))
            return context

        browser.new_context = watched
        yield browser


@pytest.fixture(autouse=True)
def uncaught(uncaught_in_browser: list[str]) -> Iterator[list[str]]:
    """Fails a test in which a script failed, on whatever page: behind an error a page can stand still."""
    uncaught_in_browser.clear()
    yield uncaught_in_browser
    assert uncaught_in_browser == []


@pytest.fixture
async def chromium(browser: Browser) -> AsyncIterator[Browser]:
    """With nothing open: what a test leaves open, its contexts and all they know, is closed after it."""
    yield browser
    for context in browser.contexts:
        await context.close()


@pytest.fixture(scope="package")
async def signed_in(browser: Browser, live_site: str) -> Cookies:
    """The cookies of the administrator, who signed in once for all these tests."""
    context = await browser.new_context(base_url=live_site)
    await sign_in(await context.new_page())
    cookies = await context.cookies()
    await context.close()
    return cookies


@pytest.fixture
async def context(chromium: Browser, live_site: str) -> BrowserContext:
    return await chromium.new_context(base_url=live_site, viewport=DESK)


@pytest.fixture
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """Fails its test on any complaint of the browser: failed loads, and reports of the content policy."""
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    await page.add_init_script(
        "document.addEventListener('securitypolicyviolation',"
        " (event) => console.error('policy', event.violatedDirective))"
    )
    yield page
    assert complaints == []


@pytest.fixture
async def person(context: BrowserContext, signed_in: Cookies) -> BrowserContext:
    """Somebody who is signed in."""
    await context.add_cookies(signed_in)
    return context


@pytest.fixture
async def arranger(person: BrowserContext) -> BrowserContext:
    """Signed in, with the screen of the instrument page that nobody arranged."""
    await unarranged(person)
    return person


async def unarranged(context: BrowserContext) -> None:
    """Whoever is signed in there keeps the first preset, whatever tests before kept for the same account."""
    page = await context.new_page()
    await page.goto("/instruments/kraken-btc-usd/")
    await mounted(page, "instrument")
    await page.get_by_role("button", name="Arrange").click()
    await page.get_by_role("button", name="Reset").click()
    await expect(page.locator(".toolbar [data-said]")).to_have_text("Saved")
    await page.close()


async def by_password(page: Page, name: str) -> None:
    """Through the form, to whatever is asked next."""
    await page.goto("/accounts/login/")
    await page.fill("input[name=login]", name)
    await page.fill("input[name=password]", PASSWORD)
    await page.get_by_role("button", name="Sign in").click()


async def sign_in(page: Page, name: str = ADMINISTRATOR) -> None:
    await by_password(page, name)
    await page.wait_for_url(HOME)


async def somebody(context: BrowserContext, name: str) -> Page:
    """Somebody of their own, made by the administrator; nobody is signed in on the page."""
    page = await context.new_page()
    await sign_in(page)
    await page.goto("/admin/auth/user/add/")
    await page.fill("input[name=username]", name)
    await page.fill("input[name=password1]", PASSWORD)
    await page.fill("input[name=password2]", PASSWORD)
    await page.locator("button[name=_save], input[name=_save]").first.click()
    await page.wait_for_url(re.compile(r"/user/\d+/change/"))
    await context.clear_cookies()
    await page.close()
    return await context.new_page()


async def mounted(page: Page, widget: str) -> None:
    """From here on a press is heard: before, a form is a plain one and a key is nobody's."""
    await expect(page.locator(f"[data-widget={widget}][data-mounted]").first).to_be_attached()


async def in_a_row(page: Page, *keys: str) -> None:
    """As fingers do it: a machine that pauses between two keys makes two words of them."""
    await asyncio.gather(*[page.keyboard.press(key) for key in keys])


async def markets(page: Page) -> Page:
    """The list, mounted, connected and live."""
    await page.goto("/")
    await mounted(page, "markets")
    await expect(page.locator("[data-pill-word]")).to_have_text("Connected")
    await expect(page.locator(BITCOIN)).to_have_attribute("data-state", "live")
    return page
