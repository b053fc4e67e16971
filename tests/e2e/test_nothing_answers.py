"""A first start whose exchanges cannot be reached: no page looks live, none promises what does not come."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, Page, expect

from feeds.venues import VENUES
from tests import live_site as site
from tests.e2e.conftest import DESK, PHONE, sign_in
from tests.e2e.holding import made, saved, typed
from tests.live_site import LIVE, Site

pytestmark = [pytest.mark.e2e, pytest.mark.acceptance, pytest.mark.timeout(240)]

NOBODY = {"WS": "ws://127.0.0.1:9", "REST": "http://127.0.0.1:9"}
"""A port of this machine at which nobody listens."""
MARKET, INDEX = "/instruments/kraken-btc-usd/", "/instruments/deribit-dvol-btc-usd/"
PAGES = ("/", MARKET, INDEX, "/options/", "/status/", "/status/compare/", "/watchlists/", "/portfolios/")
LIVE_LOOKS = """() => [...document.querySelectorAll('[data-state="live"]')]
  .filter((each) => each.checkVisibility()).map((each) => each.outerHTML.slice(0, 120))"""
COVERED = """() => {
  const [head, words] = ['header', '.words span'].map((one) => document.querySelector(`.quotes ${one}`));
  const [above, below] = [head, words].map((each) => each.getBoundingClientRect());
  return above.bottom > below.top || below.bottom > words.closest('.place').getBoundingClientRect().bottom;
}"""

COLOURS = """(cell) => {
  const green = document.body.appendChild(document.createElement('i'));
  green.style.color = 'var(--green)';
  return [cell, green].map((each) => getComputedStyle(each).color);
}"""


@pytest.fixture(scope="module")
def unreached(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("unreached")
    site.prepare(folder, LIVE)
    addresses = {f"VENUE_{name}_{kind}_URL": to for name in VENUES for kind, to in NOBODY.items()}
    with site.running(folder, "--mode", "live", **addresses) as running:
        yield running


async def opened(browser: Browser, at: Site, size: dict[str, int]) -> Page:
    context = await browser.new_context(base_url=at.url, viewport=size, color_scheme="dark")
    page = await context.new_page()
    await sign_in(page)
    return page


async def said(page: Page, path: str) -> None:
    await page.goto(path)
    await expect(page.locator("[data-banner-text]")).to_contain_text("The server reaches no exchange")
    await expect(page.locator("[data-banner-status]")).to_have_attribute("href", "/status/")


async def test_no_page_looks_live_or_breaks(chromium: Browser, unreached: Site) -> None:
    for size in (DESK, PHONE):
        page = await opened(chromium, unreached, size)
        for path in PAGES:
            await said(page, path)
            await expect(page.locator("[data-pill]")).to_have_attribute("data-state", "trouble")
            await expect(page.locator("[data-pill-word]")).to_have_text("No venue reached")
            assert await page.evaluate(LIVE_LOOKS) == [], path
            assert await page.evaluate("document.documentElement.scrollWidth") == size["width"], path
        await page.goto(INDEX)
        assert not await page.evaluate(COVERED), size


async def test_a_chart_promises_nothing(chromium: Browser, unreached: Site) -> None:
    page = await opened(chromium, unreached, DESK)
    await said(page, MARKET)

    words = page.locator("[data-older-words]")
    await expect(words).to_have_text("Bars come as soon as the venue sends them.")


async def test_what_has_no_price_is_not_live(chromium: Browser, unreached: Site) -> None:
    page = await opened(chromium, unreached, DESK)
    address = await made(page)
    still, moment = '[data-widget][data-state="still"]', page.locator("[data-moment]")
    await page.goto(address)
    await expect(moment).to_have_text("Nothing here moves with a market.")
    await typed(page, "Deposit", amount="1", asset="BTC", time="2026-01-01T10:00")
    await saved(page)

    for path in (address, f"{address}assets/BTC/", "/portfolios/"):
        await page.goto(path)
        await expect(page.locator(still)).to_be_attached()
        await expect(moment).to_have_text("Nothing here moves with a market.")


async def test_down_is_never_of_the_colour_of_what_rises(chromium: Browser, unreached: Site) -> None:
    """Some want what falls green: then what failed is still not."""
    page = await opened(chromium, unreached, DESK)
    await said(page, "/")
    await page.evaluate("document.documentElement.dataset.palette = 'inverse'")
    state = page.locator("tr[data-state=down] [data-cell=state]").first

    failed, green = await state.evaluate(COLOURS)

    assert failed != green
