"""An arranged screen as it is shown: whose values, on a desk and a phone, before any script, or empty."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.e2e.arranging import BOXES, PLACES, arranging, chosen, done, kept, opened
from tests.e2e.conftest import DESK, PHONE
from tests.e2e.look import faint_texts, small_targets

pytestmark = [pytest.mark.e2e, pytest.mark.acceptance]


async def test_a_saved_screen_does_not_jump_when_the_scripts_come(arranger: BrowserContext) -> None:
    page = await arranging(await arranger.new_page())
    await chosen(page, "Depth & tape")
    await done(page)
    with_scripts = await page.evaluate(BOXES)

    await page.route("**/js/main.js", lambda route: route.abort())
    await page.reload()

    assert await page.evaluate(BOXES) == with_scripts


async def test_a_group_and_a_panel_of_its_own_show_their_own_instruments(page: Page) -> None:
    await arranging(page)
    for kind, group, typed in (("book", "a", "eth usd"), ("tape", "a", ""), ("chart", "own", "doge usd")):
        await page.locator(f".place[data-kind={kind}] [data-follow]").click()
        await page.locator(f"#follow input[value={group}]").check()
        if typed:
            await page.keyboard.type(typed)
            await expect(page.locator("#follow-answers li[aria-selected=true]")).to_contain_text(
                typed[:3].upper()
            )
            await page.keyboard.press("Enter")
            await expect(page.locator("#follow")).to_be_hidden()
        else:
            await page.keyboard.press("Escape")
    names = dict(each[:2] for each in await page.evaluate(PLACES))
    assert names["book"] == names["tape"] != names["depth"] == "KRAKEN:BTC/USD"
    await done(page)

    await opened(page, "/instruments/binance-btcusdt/")

    assert dict(each[:2] for each in await page.evaluate(PLACES)) == {
        **names, "depth": "BINANCE:BTCUSDT", "quotes": "BINANCE:BTCUSDT",
    }  # fmt: skip
    book = page.locator("[data-part=book]")
    await expect(book).to_have_attribute("data-known", "")
    await expect(book.locator("[data-whose]")).to_contain_text(re.compile(r"ETH/USD.*Live", re.DOTALL))
    await expect(book.locator(".head")).to_contain_text("ETH")
    await expect(page.locator("[data-part=depth] [data-whose]")).to_be_hidden()

    await arranging(page, "/instruments/binance-btcusdt/")
    await page.locator(".place[data-kind=tape] [data-follow]").click()
    await page.fill("#follow-find", "sol usd")
    await expect(page.locator("#follow-answers li[aria-selected=true]")).to_contain_text("SOL")
    await page.keyboard.press("Enter")
    await expect(page.locator(".place[data-kind=book]")).to_have_attribute("data-symbol", re.compile(":SOL"))
    names = dict(each[:2] for each in await page.evaluate(PLACES))
    assert names["book"] == names["tape"] and names["chart"].split(":")[1].startswith("DOGE")
    await expect(page.locator("[data-part=tape]")).to_have_attribute("data-known", "")


async def test_a_desk_is_one_column_on_a_phone(
    chromium: Browser, arranger: BrowserContext, live_site: str
) -> None:
    page = await arranging(await arranger.new_page())
    await chosen(page, "Depth & tape")
    await page.locator(".place[data-kind=depth] [data-follow]").click()
    await page.locator("#follow input[value=own]").check()
    await page.keyboard.type("eth usd")
    await expect(page.locator("#follow-answers li[aria-selected=true]")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.locator("#follow")).to_be_hidden()  # else what is kept is the screen of before
    await kept(page)
    state = await arranger.storage_state()
    context = await chromium.new_context(
        base_url=live_site, storage_state=state, viewport=PHONE, has_touch=True, is_mobile=True
    )
    phone = await opened(await context.new_page())
    await expect(phone.locator("[data-part=book]")).to_have_attribute("data-known", "")
    boxes = await phone.evaluate(BOXES)
    assert list(boxes) == ["book", "depth", "tape", "chart"]
    tops = [box[1] for box in boxes.values()]
    assert tops == sorted(tops) and {(box[0], box[2]) for box in boxes.values()} == {(0, 390)}
    assert await small_targets(phone) == []
    assert await faint_texts(phone) == []
    assert await phone.evaluate("document.documentElement.scrollWidth") == 390
    await expect(phone.get_by_role("button", name="Arrange")).to_be_hidden()
    await phone.get_by_role("link", name="Trades").click()
    await expect(phone.locator("[data-part=tape]")).to_be_in_viewport()


async def test_a_screen_without_panels_says_what_to_do(page: Page) -> None:
    await arranging(page)
    for _ in range(5):
        await page.locator("[data-hide]").first.click()
    await done(page)
    await expect(page.get_by_text("No panels.")).to_be_visible()
    await opened(page)

    await page.locator("[data-empty]").get_by_role("button", name="Arrange").click()
    await page.get_by_role("button", name="Reset").click()

    await expect(page.locator(".place")).to_have_count(5)


async def test_arranging_can_be_read(chromium: Browser, live_site: str) -> None:
    context = await chromium.new_context(base_url=live_site, viewport=DESK)
    page = await arranging(await context.new_page())
    await expect(page.locator("[data-part=book]")).to_have_attribute("data-known", "")
    await page.locator("[data-drop=screens] summary").click()
    assert await faint_texts(page) == []
    await page.locator("[data-drop=screens] summary").click()
    await page.locator("[data-follow]").first.click()
    assert await faint_texts(page) == []
