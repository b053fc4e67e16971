"""The list of markets in a real browser, on the whole stack."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, WebSocketRoute, expect

from tests.e2e.conftest import BITCOIN, markets
from tests.e2e.pictures import pictured
from tests.fakes.waiting import wait_until_answered

pytestmark = pytest.mark.e2e


async def symbols(page: Page) -> list[str]:
    return await page.locator("tbody tr").evaluate_all("rows => rows.map((row) => row.dataset.symbol)")


async def test_prices_move_without_a_reload(page: Page) -> None:
    await markets(page)
    last = page.locator(f"{BITCOIN} [data-cell=last]")
    before = await last.inner_text()

    await expect(last).not_to_have_text(before)

    await expect(page.locator("[data-pill-latency]")).to_contain_text("ms")
    await expect(page.get_by_text("SIMULATED")).to_be_visible()


async def test_the_first_paint_has_numbers_without_scripts(chromium: Browser, live_site: str) -> None:
    warm = await chromium.new_page(base_url=live_site)
    await markets(warm)
    context = await chromium.new_context(base_url=live_site, java_script_enabled=False)
    page = await context.new_page()

    async def numbers() -> bool:
        """The server waits so long for values and no longer, as little as it may be on a busy machine."""
        await page.goto("/")
        return any(digit.isdigit() for digit in await page.locator(f"{BITCOIN} .last").inner_text())

    await wait_until_answered(numbers, every_s=0.2, within_s=20, what="a page with prices")
    assert "They move with JavaScript switched on." in await page.content()
    await expect(page.locator("[data-pill-word]")).to_have_text("Not connected")


async def test_search_ranks_and_is_kept_in_the_address(page: Page) -> None:
    await markets(page)
    await page.keyboard.press("/")
    await page.keyboard.type("xbt kraken")

    await expect(page.locator("[data-count]")).to_contain_text("2 of")
    assert await symbols(page) == ["KRAKEN:BTC/USD", "KRAKEN_FUTURES:PF_XBTUSD"]
    await expect(page).to_have_url(re.compile(r"q=xbt\+kraken"))
    await page.keyboard.press("Enter")

    await page.wait_for_url("**/instruments/kraken-btc-usd/")


async def test_what_is_typed_before_the_list_listens_is_kept_too(page: Page) -> None:
    typed = asyncio.Event()

    async def late(route: Route) -> None:
        await typed.wait()
        await route.continue_()

    await page.route("**/widgets/markets*.js", late)
    await page.goto("/", wait_until="commit")
    await page.fill("#search", "xbt kraken")
    typed.set()

    await expect(page.locator("[data-count]")).to_contain_text("2 of")
    await expect(page).to_have_url(re.compile(r"q=xbt\+kraken"))


async def test_a_search_without_an_answer_says_what_to_do(page: Page) -> None:
    await markets(page)
    await page.fill("#search", "nothing like it")
    await expect(page.get_by_text("Nothing answers that search")).to_be_visible()

    await page.get_by_role("button", name="Clear search and filters").click()

    await expect(page.locator(BITCOIN)).to_be_visible()
    assert "?" not in page.url


async def test_columns_sort_both_ways(page: Page) -> None:
    await markets(page)
    name = page.get_by_role("button", name="Instrument", exact=True)
    first = page.locator("tbody .name a").first

    await name.click()

    await expect(first).to_contain_text("AAPL/")  # drawn with the next frame
    ascending = await page.locator("tbody .name a").all_inner_texts()
    assert ascending == sorted(ascending)

    await name.click()

    await expect(first).to_contain_text("XRP/")
    bases = [text.split("/")[0] for text in await page.locator("tbody .name a").all_inner_texts()]
    assert bases == sorted(bases, reverse=True)
    await expect(page.locator("th.name[aria-sort]")).to_have_attribute("aria-sort", "descending")


async def test_filters_narrow_to_a_venue_and_a_kind(page: Page) -> None:
    await markets(page)
    await page.select_option("select[name=venue]", "KRAKEN")
    await page.select_option("select[name=kind]", "forex")

    await expect(page.locator("[data-count]")).to_contain_text("3 of")
    assert sorted(await symbols(page)) == ["KRAKEN:EUR/USD", "KRAKEN:GBP/USD", "KRAKEN:USD/JPY"]


async def test_rows_keep_their_order_under_the_pointer(page: Page) -> None:
    await markets(page)
    await page.get_by_role("button", name="24 h", exact=True).click()
    await page.locator("tbody tr").nth(3).hover()
    before = await symbols(page)

    await expect(page.get_by_text("Order held")).to_be_visible()

    assert await symbols(page) == before


async def test_keys_walk_the_list_and_explain_themselves(page: Page) -> None:
    await markets(page)
    await page.get_by_role("button", name="Instrument", exact=True).click()  # an order that no price moves
    await expect(page.locator("tbody .name a").first).to_contain_text("AAPL/")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    second = (await symbols(page))[1]
    focused = await page.evaluate("document.activeElement.closest('tr').dataset.symbol")
    assert focused == second

    await page.keyboard.press("Escape")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


async def test_reduced_motion_tints_nothing(chromium: Browser, live_site: str) -> None:
    context = await chromium.new_context(base_url=live_site, reduced_motion="reduce")
    page = await markets(await context.new_page())
    await page.evaluate(
        "window.tints = 0; new MutationObserver((all) => window.tints += all.length)"
        ".observe(document.body, {subtree: true, attributeFilter: ['data-tint']})"
    )
    last = page.locator(f"{BITCOIN} [data-cell=last]")
    await expect(last).not_to_have_text(await last.inner_text())

    assert await page.evaluate("window.tints") == 0


async def test_a_lost_connection_says_so_and_recovers(context: BrowserContext) -> None:
    page = await context.new_page()
    sockets: list[WebSocketRoute] = []
    away = False

    async def through(route: WebSocketRoute) -> None:
        sockets.append(route)
        if away:
            await route.close(code=1012, reason="restarting")
        else:
            route.connect_to_server()

    await page.route_web_socket("**/ws/v1/", through)
    await markets(page)

    away = True
    await sockets[0].close(code=1012, reason="restarting")

    await expect(page.locator("[data-banner]")).to_contain_text("out of date")
    await expect(page.locator("[data-pill-word]")).to_have_text("Reconnecting")
    await expect(page.locator(BITCOIN)).to_have_attribute("data-state", "stale")
    await pictured(page, "reconnecting-markets")

    away = False
    await expect(page.locator(BITCOIN)).to_have_attribute("data-state", "live", timeout=40_000)
    await expect(page.locator("[data-banner]")).to_be_hidden()
