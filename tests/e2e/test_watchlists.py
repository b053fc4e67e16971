"""Watchlists in a real browser: stars, drag, paste, two tabs, a phone."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from tests.e2e.conftest import BITCOIN, PHONE, markets, mounted
from tests.e2e.look import faint_texts, small_targets

pytestmark = pytest.mark.e2e

ETHER = "BINANCE:ETHUSDT"
numbers = itertools.count(1)


async def new_list(person: BrowserContext, text: str = "") -> tuple[Page, str]:
    """A page of a list of its own, and the list's key."""
    page = await person.new_page()
    await page.goto("/watchlists/")
    await page.get_by_label("New list").fill(f"List {next(numbers)}")
    await page.get_by_role("button", name="Make list").click()
    await page.wait_for_url("**/watchlists/*/")
    if text:
        await page.fill("#text", text)
        await page.get_by_role("button", name="Check and add").click()
        await page.get_by_role("button", name="Add ").first.click()
        await page.wait_for_selector(".items")
        await mounted(page, "reorder")
    return page, page.url.rstrip("/").rsplit("/", 1)[1]


async def order(page: Page) -> list[str]:
    return await page.locator(".items li").evaluate_all("rows => rows.map((row) => row.dataset.key)")


async def ordered(page: Page, *keys: str) -> None:
    """On a page that is on its way."""
    rows = page.locator(".items li")
    await expect(rows).to_have_count(len(keys))
    for at, key in enumerate(keys):
        await expect(rows.nth(at)).to_have_attribute("data-key", key)


async def test_a_star_is_kept_and_taken_back_by_the_space_bar(person: BrowserContext) -> None:
    page, key = await new_list(person)
    await page.goto(f"/?list={key}")
    await expect(page.get_by_text("is empty")).to_be_visible()
    page, key = await new_list(person, "KRAKEN:BTC/USD BINANCE:ETHUSDT")
    await page.goto(f"/?list={key}")
    await mounted(page, "stars")
    star = page.locator(f"{BITCOIN} [data-star]")
    await expect(star).to_have_attribute("aria-pressed", "true")
    async with page.expect_response("**/watchlists/star/"):
        await star.click()
    await expect(star).to_have_attribute("aria-pressed", "false")
    await expect(page.locator(BITCOIN)).to_be_visible()  # until the next visit, so that it can be taken back

    await page.locator(f"{BITCOIN} .name a").focus()
    async with page.expect_response("**/watchlists/star/"):
        await page.keyboard.press("Space")

    await expect(star).to_have_attribute("aria-pressed", "true")
    await page.reload()
    await expect(star).to_have_attribute("aria-pressed", "true")


async def test_rows_that_come_into_view_carry_their_star(person: BrowserContext) -> None:
    page = await person.new_page()
    await page.set_viewport_size({"width": 1440, "height": 300})
    await markets(page)
    await mounted(page, "stars")
    last = page.locator("tbody tr").last
    await page.get_by_role("button", name="Instrument", exact=True).click()
    await expect(page.locator("tbody .name a").first).to_contain_text("AAPL/")  # an order that no price moves
    await page.locator("table.list").evaluate("(table) => table.scrollTo(0, table.scrollHeight)")
    await expect(last).to_be_in_viewport()
    star = last.locator("[data-star]")
    was = await star.get_attribute("aria-pressed")
    async with page.expect_response("**/watchlists/star/"):
        await star.click()
    now = "false" if was == "true" else "true"
    symbol = await star.get_attribute("value")

    await page.locator("table.list").evaluate("(table) => table.scrollTo(0, 0)")
    await expect(page.locator(f'[data-star][value="{symbol}"]')).to_have_count(0)
    await page.locator("table.list").evaluate("(table) => table.scrollTo(0, table.scrollHeight)")

    await expect(page.locator(f'[data-star][value="{symbol}"]')).to_have_attribute("aria-pressed", now)


async def test_what_the_server_did_not_keep_is_taken_back_and_says_so(person: BrowserContext) -> None:
    page, key = await new_list(person, "KRAKEN:BTC/USD BINANCE:ETHUSDT")
    await page.goto(f"/?list={key}")
    await page.route("**/watchlists/star/", lambda route: route.abort())
    await mounted(page, "stars")

    await page.locator(f"{BITCOIN} [data-star]").click()

    await expect(page.locator("[data-star-said]")).to_contain_text("Not saved: the server does not answer")
    await expect(page.locator(f"{BITCOIN} [data-star]")).to_have_attribute("aria-pressed", "true")


async def test_rows_are_dragged_and_moved_by_keys(person: BrowserContext) -> None:
    page, _ = await new_list(person, "KRAKEN:BTC/USD BINANCE:ETHUSDT KRAKEN:DOGE/USD")
    first, third = page.locator("[data-grip]").first, page.locator(".items li").nth(2)
    start, end = await first.bounding_box(), await third.bounding_box()
    assert start is not None and end is not None
    await page.mouse.move(start["x"] + 10, start["y"] + 10)
    await page.mouse.down()
    await page.mouse.move(start["x"] + 10, end["y"] + 5, steps=4)
    await page.mouse.move(start["x"] + 10, end["y"] + end["height"] - 2, steps=4)
    async with page.expect_response("**/order/") as kept:
        await page.mouse.up()

    assert (await kept.value).status == 204
    assert await order(page) == [ETHER, "KRAKEN:DOGE/USD", "KRAKEN:BTC/USD"]
    await page.locator("[data-grip]").nth(2).focus()
    async with page.expect_response("**/order/"):
        await page.keyboard.press("ArrowUp")
    await expect(page.get_by_role("button", name="Move KRAKEN:BTC/USD:")).to_be_focused()
    await page.reload()
    await ordered(page, ETHER, "KRAKEN:BTC/USD", "KRAKEN:DOGE/USD")


async def test_a_drag_that_is_given_up_changes_nothing(person: BrowserContext) -> None:
    page, _ = await new_list(person, "KRAKEN:BTC/USD BINANCE:ETHUSDT KRAKEN:DOGE/USD")
    before = await order(page)
    start, end = [await page.locator("[data-grip]").nth(at).bounding_box() for at in (0, 2)]
    assert start is not None and end is not None
    await page.mouse.move(start["x"] + 10, start["y"] + 10)
    await page.mouse.down()
    await page.mouse.move(end["x"] + 10, end["y"] + 35, steps=6)
    assert await order(page) != before

    await page.keyboard.press("Escape")
    await page.mouse.up()

    assert await order(page) == before


async def test_the_fate_of_each_line_is_shown_before_it_is_saved(person: BrowserContext) -> None:
    page, key = await new_list(person)
    await page.fill("#text", "###MINE,KRAKEN:XBTUSD\nETHUSD\nnope")
    await page.get_by_role("button", name="Check and add").click()
    await expect(page.locator("[data-fate=added]")).to_contain_text("KRAKEN:BTC/USD")
    await expect(page.locator("[data-fate=unknown]")).to_contain_text("nope")
    await page.get_by_label("Which ETHUSD").select_option("COINBASE:ETH-USD")

    await page.get_by_role("button", name="Add 1 and what is chosen").click()

    await expect(page.get_by_text("2 added.")).to_be_visible()
    await page.goto(f"/?list={key}")
    rows = await page.locator("tbody tr").evaluate_all("rows => rows.map((row) => row.dataset.symbol)")
    assert rows == ["KRAKEN:BTC/USD", "COINBASE:ETH-USD"]


async def test_what_was_typed_before_the_script_came_is_answered(person: BrowserContext) -> None:
    typed = asyncio.Event()

    async def held(route: Route) -> None:
        await typed.wait()
        await route.continue_()

    await person.route("**/widgets/suggest*.js", held)
    page, _ = await new_list(person)
    await page.locator("#text").press_sequentially("xbt")
    typed.set()

    await expect(page.locator("[data-found] button").first).to_contain_text("BINANCE:BTCUSDT")


async def test_typing_suggests_and_arrow_keys_choose(person: BrowserContext) -> None:
    page, _ = await new_list(person)
    await page.locator("#text").press_sequentially("xbt")
    await expect(page.locator("[data-found] button").first).to_contain_text("BINANCE:BTCUSDT")
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("[data-found] button").first).to_be_focused()

    await page.keyboard.press("Enter")

    await ordered(page, "BINANCE:BTCUSDT")
    await page.get_by_role("button", name="Remove BINANCE:BTCUSDT").click()
    await page.get_by_role("button", name="Undo").click()
    await ordered(page, "BINANCE:BTCUSDT")


async def test_a_list_that_another_tab_changed_is_shown_anew(person: BrowserContext) -> None:
    page, key = await new_list(person, "KRAKEN:BTC/USD BINANCE:ETHUSDT")
    other = await person.new_page()
    await other.goto(f"/?list={key}")
    await expect(other.locator(f"{BITCOIN} [data-star]")).to_be_visible()
    await page.bring_to_front()
    await page.get_by_role("button", name="Remove KRAKEN:BTC/USD").click()
    await expect(page.get_by_text("KRAKEN:BTC/USD is removed.")).to_be_visible()

    # A browser without a window does not hide tabs, so the page is told that it is looked at again.
    await other.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    await expect(other.locator(BITCOIN)).to_have_count(0)
    await expect(other.locator(f'tr[data-symbol="{ETHER}"]')).to_be_visible()


async def test_a_phone_and_both_themes(chromium: Browser, person: BrowserContext, live_site: str) -> None:
    _, key = await new_list(person, "KRAKEN:BTC/USD BINANCE:ETHUSDT")
    state = await person.storage_state()
    context = await chromium.new_context(
        base_url=live_site, storage_state=state, viewport=PHONE, has_touch=True, is_mobile=True
    )
    page = await context.new_page()
    for path in (f"/?list={key}", "/watchlists/", f"/watchlists/{key}/", "/instruments/kraken-btc-usd/"):
        await page.goto(path)
        if path.startswith("/?"):
            await expect(page.locator(BITCOIN)).to_have_attribute("data-state", "live")
        assert await small_targets(page) == [], path
        assert await faint_texts(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth") == 390, path


async def test_lists_are_shown_and_stars_work_without_scripts(
    chromium: Browser, person: BrowserContext, live_site: str
) -> None:
    _, key = await new_list(person, "KRAKEN:BTC/USD BINANCE:ETHUSDT")
    state = await person.storage_state()
    context = await chromium.new_context(base_url=live_site, storage_state=state, java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"/?list={key}")
    assert [await row.get_attribute("data-symbol") for row in await page.locator("tbody tr").all()] == [
        "KRAKEN:BTC/USD",
        ETHER,
    ]

    await page.locator(f"{BITCOIN} [data-star]").click()
    await page.wait_for_url(f"**/?list={key}")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await page.goto(f"/watchlists/{key}/")
    await page.fill("#text", "KRAKEN:BTC/USD")
    await page.get_by_role("button", name="Check and add").click()
    await page.get_by_role("button", name="KRAKEN:BTC/USD up").click()
    await expect(page.locator(".items li").first).to_have_attribute("data-key", "KRAKEN:BTC/USD")
    await context.close()
