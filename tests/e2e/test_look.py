"""Every page can be read in both themes, pressed with a thumb, walked by keys, and says what it is."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.conftest import DESK, PHONE, Cookies, markets
from tests.e2e.look import faint_texts, small_targets
from tests.fakes.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.acceptance]

BITCOIN_PAGE = "/instruments/kraken-btc-usd/"
TITLES = {
    "/": "Markets · Marketdash",
    BITCOIN_PAGE: "BTC/USD · Kraken",
    "/options/": "Options · Marketdash",
    "/status/": "Status · Marketdash",
    "/accounts/login/": "Sign in · Marketdash",
    "/accounts/signup/": "Sign-up is closed · Marketdash",
    "/accounts/display/": "Display · Marketdash",
    "/instruments/nobody-has-this/": "Not here · Marketdash",
}


OWN = {"/watchlists/": "Watchlists · Marketdash", "/portfolios/": "Portfolios · Marketdash"}
"""Pages of somebody who is signed in."""


async def opened(page: Page, path: str) -> None:
    """With all its numbers, where it has numbers."""
    await page.goto(path)
    for part in await page.locator("[data-part=book], [data-part=tape]").all():
        await expect(part).to_have_attribute("data-known", "")
    if path == "/":
        await expect(page.locator("tr[data-state=live]").first).to_be_visible()


@pytest.mark.parametrize("palette", ["usual", "safe"])
async def test_every_text_stands_out(
    chromium: Browser, live_site: str, signed_in: Cookies, palette: str
) -> None:
    context = await chromium.new_context(base_url=live_site, viewport=DESK)
    await context.add_cookies([{"name": "palette", "value": palette, "url": live_site}])
    page = await context.new_page()
    for path in TITLES:
        await opened(page, path)
        assert await faint_texts(page) == [], path
    await context.add_cookies(signed_in)
    for path in OWN:
        await opened(page, path)
        assert await faint_texts(page) == [], path


async def test_a_thumb_hits_what_it_means(chromium: Browser, live_site: str, signed_in: Cookies) -> None:
    context = await chromium.new_context(base_url=live_site, viewport=PHONE, has_touch=True, is_mobile=True)
    page = await context.new_page()
    for path in TITLES:
        await opened(page, path)
        assert await small_targets(page) == [], path
    await context.add_cookies(signed_in)
    for path in OWN:
        await opened(page, path)
        assert await small_targets(page) == [], path


async def test_every_page_says_what_it_is(page: Page, signed_in: Cookies) -> None:
    for path, title in {**TITLES, **OWN}.items():
        if "nobody" in path:
            continue  # a 404 is a complaint to this fixture
        if path == next(iter(OWN)):
            await page.context.add_cookies(signed_in)
        await opened(page, path)
        assert title in await page.title(), path
        for landmark in ("banner", "main", "navigation", "search"):
            await expect(page.get_by_role(landmark).first).to_be_attached()
        assert await page.locator("h1").count() == 1, path
        unnamed = await page.evaluate(
            "[...document.querySelectorAll('button, a, select, input:not([type=hidden]), summary')]"
            ".filter((e) => e.checkVisibility())"
            ".filter((e) => !(e.ariaLabel || e.textContent.trim() || e.labels?.length))"
            ".map((e) => e.outerHTML)"
        )
        assert unnamed == [], path


RING = """(link) => {
  const {outlineStyle, width} = getComputedStyle(link, '::after');
  return {style: outlineStyle, wide: parseFloat(width) === link.closest('tr').clientWidth};
}"""


async def test_a_row_is_opened_and_left_by_keys_alone(page: Page) -> None:
    await markets(page)
    await page.get_by_role("button", name="Instrument", exact=True).click()  # an order that no price moves
    await expect(page.locator("tbody .name a").first).to_contain_text("AAPL/")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowUp")
    focused = page.locator("tbody tr").first.locator("a")
    await expect(focused).to_be_focused()
    ring = await focused.evaluate(RING)
    assert (ring["style"], ring["wide"]) == ("solid", True)  # of the whole row, cut off by nothing

    await page.keyboard.press("Enter")

    await page.wait_for_url("**/instruments/alpaca-aapl/")


async def test_escape_clears_the_search_and_then_leaves_it(page: Page) -> None:
    await markets(page)
    await page.keyboard.press("/")
    await expect(page.locator("#search")).to_be_focused()
    await page.keyboard.type("eth")
    await page.keyboard.press("Escape")
    await expect(page.locator("#search")).to_have_value("")
    await expect(page.locator("#search")).to_be_focused()

    await page.keyboard.press("Escape")

    await expect(page.locator("#search")).not_to_be_focused()


async def test_no_head_moves_when_another_column_is_chosen(page: Page) -> None:
    await markets(page)
    places = "[...document.querySelectorAll('thead button')].map((e) => e.getBoundingClientRect().x)"
    before = await page.evaluate(places)

    await page.get_by_role("button", name="Last", exact=True).click()
    await expect(page.locator("th.last")).to_have_attribute("aria-sort", "descending")

    assert await page.evaluate(places) == before


async def test_no_page_breaks_its_content_policy(
    chromium: Browser, live_site: str, signed_in: Cookies
) -> None:
    """Reported by the browser itself, on every page of ours, before and after signing in."""
    page = await chromium.new_page(base_url=live_site)
    reports: list[str] = []
    await page.expose_function("report", lambda report: reports.append(report))
    await page.add_init_script(
        "addEventListener('securitypolicyviolation',"
        " (event) => report(`${location} ${event.violatedDirective}`))"
    )
    for path in TITLES:
        await opened(page, path)
    await page.context.add_cookies(signed_in)
    for path in ("/accounts/", "/accounts/password/", "/accounts/tokens/", *OWN, "/api/v1/docs", "/"):
        await opened(page, path)
    assert reports == []

    refused = await page.evaluate(
        """async () => {
          const heard = new Promise((done) => addEventListener('securitypolicyviolation', done));
          try { document.body.innerHTML = 'x'; } catch (problem) { await heard; return problem.name; }
        }"""
    )
    assert refused == "TypeError"  # Trusted Types
    await wait_until(lambda: reports, what="its report: the silence before was no deafness")
    assert len(reports) == 1
