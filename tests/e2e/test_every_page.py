"""What holds on every page: theme, phone, sign-in, the unknown, and what widgets leave behind."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import HOME, PHONE, Cookies, markets
from tests.e2e.look import held
from tests.fakes.waiting import wait_until_answered
from tests.live_site import ADMINISTRATOR, PASSWORD

pytestmark = pytest.mark.e2e

PERPETUAL = "/instruments/binance-usdm-btcusdt/"
LIGHT, DARK = "rgb(255, 255, 255)", "rgb(11, 14, 18)"
NARROW = (
    "/",
    "/instruments/kraken-btc-usd/",
    PERPETUAL,
    "/options/",
    "/accounts/login/",
    "/status/",
    "/status/compare/",
)
EVERYWHERE = (
    "/",
    "/options/",
    "/status/",
    "/status/compare/",
    "/instruments/kraken-btc-usd/",
    PERPETUAL,
    "/accounts/login/",
    "/instruments/nobody-has-this/",
)


async def background(page: Page) -> str:
    return await page.evaluate("getComputedStyle(document.body).backgroundColor")


async def test_the_theme_follows_the_system_until_somebody_chooses(page: Page) -> None:
    for scheme, colour in (("light", LIGHT), ("dark", DARK)):
        await page.emulate_media(color_scheme=scheme)
        await markets(page)
        assert await background(page) == colour

    await page.emulate_media(color_scheme="light")  # no reload
    assert await background(page) == LIGHT

    await page.get_by_role("button", name="Display").first.click()
    await expect(page.get_by_label("Follow system")).to_be_checked()
    await page.get_by_label("Dark", exact=True).check()
    assert await background(page) == DARK
    await page.reload()
    assert await background(page) == DARK


@pytest.mark.parametrize(("chosen", "system", "colour"), [("light", "dark", LIGHT), ("dark", "light", DARK)])
async def test_a_chosen_theme_is_there_before_any_script(
    chromium: Browser, live_site: str, chosen: str, system: str, colour: str
) -> None:
    context = await chromium.new_context(base_url=live_site, color_scheme=system, java_script_enabled=False)
    await context.add_cookies([{"name": "theme", "value": chosen, "url": live_site}])
    page = await context.new_page()
    for path in EVERYWHERE:
        await page.goto(path)
        assert await background(page) == colour, path
        # What is behind the page before its styles are there.
        assert await page.locator("meta[name=color-scheme]").get_attribute("content") == chosen, path


async def test_a_phone_has_nothing_to_scroll_sideways(
    chromium: Browser, live_site: str, signed_in: Cookies
) -> None:
    context = await chromium.new_context(base_url=live_site, viewport=PHONE, has_touch=True, is_mobile=True)
    page = await markets(await context.new_page())
    for path in (*NARROW, "/watchlists/", "/portfolios/"):
        if path == "/watchlists/":
            await context.add_cookies(signed_in)
        await page.goto(path)
        assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        wide = await page.evaluate(
            "[...document.querySelectorAll('.bar > *, main, .rail > *')]"
            ".filter((e) => e.getClientRects().length)"
            ".filter((e) => e.getBoundingClientRect().right > innerWidth + 0.5).length"
        )
        assert wide == 0, path

    await page.goto("/status/")
    await expect(page.locator("[data-links] tbody tr").nth(4)).to_be_visible()
    await expect(page.locator("[data-events] tbody tr").first).to_be_visible()
    tables = "[...document.querySelectorAll('.wide-table')].map((e) => e.scrollWidth - e.clientWidth)"
    assert await page.evaluate(tables) == [0, 0, 0]  # lines are cards

    await page.goto("/instruments/kraken-btc-usd/")
    await expect(page.locator("[data-pill-word]")).to_be_visible()  # a dot alone is no word
    await expect(page.locator("[data-part=tape]")).not_to_be_in_viewport()
    await page.get_by_role("link", name="Trades", exact=True).click()
    await expect(page.locator("[data-part=tape]")).to_be_in_viewport()


async def test_what_is_not_there_is_said(context: BrowserContext) -> None:
    page = await context.new_page()
    answer = await page.goto("/instruments/nobody-has-this/")

    assert answer is not None and answer.status == 404
    await expect(page.get_by_role("heading", name="Not here")).to_be_visible()


async def test_signing_in_and_out(page: Page) -> None:
    await page.goto("/accounts/login/")
    await page.fill("input[name=login]", ADMINISTRATOR)
    await page.fill("input[name=password]", "wrong")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_contain_text("not correct")

    await page.fill("input[name=password]", PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(HOME)
    await page.get_by_text(ADMINISTRATOR, exact=True).first.click()
    await page.get_by_role("button", name="Sign out").click()

    await expect(page.get_by_role("link", name="Sign in")).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/instruments/kraken-btc-usd/", "/status/", "/status/compare/"])
async def test_widgets_leave_nothing_behind(context: BrowserContext, path: str) -> None:
    """Mounted and unmounted a hundred times: no more listeners and nodes than after ten times."""
    page = await context.new_page()
    await page.goto(path)
    await expect(page.locator("[data-pill-word]")).to_have_text("Connected")
    mount = """async (times) => {
      const { page } = await import('/static/js/main.js');
      const root = document.querySelector('[data-widget]');
      const { default: Widget } = await import(`/static/js/widgets/${root.dataset.widget}.js`);
      for (let at = 0; at < times; at++) {
        const widget = new Widget(root, page);
        widget.connect();
        widget.disconnect();
      }
    }"""
    session = await page.context.new_cdp_session(page)
    await page.evaluate(mount, 10)
    nodes = [0]

    async def stands() -> bool:
        nodes.append(int((await held(session))["Nodes"]))
        return abs(nodes[-1] - nodes[-2]) < 50

    await wait_until_answered(stands, every_s=1, within_s=30, what="all rows are there")
    before = await held(session)
    await page.evaluate(mount, 100)
    after = await held(session)

    assert after["JSEventListeners"] - before["JSEventListeners"] < 20
    assert after["Nodes"] - before["Nodes"] < 1000
