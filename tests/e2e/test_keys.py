"""Keys in a real browser: the list behind ? says what works; fields and the browser keep theirs."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import HOME, in_a_row, markets, mounted

pytestmark = pytest.mark.e2e

BITCOIN_PAGE = "/instruments/kraken-btc-usd/"


async def instrument(page: Page) -> Page:
    await page.goto(BITCOIN_PAGE)
    await mounted(page, "instrument")
    return page


async def test_the_list_says_what_works_on_this_page_and_holds_the_focus(page: Page) -> None:
    await markets(page)
    await page.keyboard.press("?")
    help_ = page.locator("#help")
    await expect(help_).to_be_visible()
    await expect(help_.locator("[data-key=next]")).to_contain_text("Next instrument")
    await expect(help_.locator("[data-key=interval]")).to_have_count(0)
    for _ in range(6):
        await page.keyboard.press("Tab")
        assert await page.evaluate("!document.activeElement || document.activeElement === document.body"
                                   " || !!document.activeElement.closest('#help')")  # fmt: skip
    await page.keyboard.press("j")
    await page.keyboard.press("t")
    await expect(help_).to_be_visible()  # nothing happens behind it
    await page.keyboard.press("Escape")
    await expect(help_).to_be_hidden()

    await instrument(page)
    await page.keyboard.press("?")

    await expect(help_.locator("[data-key=interval]")).to_be_visible()
    await expect(help_.locator("[data-key=next]")).to_have_count(0)


async def test_letters_search_and_enter_opens_the_best_answer(page: Page) -> None:
    await instrument(page)
    await in_a_row(page, *"eth")  # e and t are keys of ours too

    await expect(page.locator("#search")).to_have_value("eth")
    await expect(page.locator("#search")).to_be_focused()
    await expect(page.locator("#answers [aria-selected=true]")).to_contain_text("ETH")
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile("/instruments/.*eth"))
    assert await page.locator(".arranging").count() == 0
    assert await page.evaluate("document.documentElement.dataset.theme") == "system"


async def test_two_letters_go_somewhere(page: Page) -> None:
    await instrument(page)
    await in_a_row(page, "g", "m")
    await page.wait_for_url(HOME)
    await mounted(page, "markets")

    await in_a_row(page, "g", "s")

    await page.wait_for_url("**/status/")


async def test_a_letter_alone_changes_the_theme(page: Page) -> None:
    await page.emulate_media(color_scheme="dark")
    await instrument(page)
    await page.keyboard.press("t")

    await expect(page.locator("html")).to_have_attribute("data-theme", "light")
    await page.keyboard.press("t")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")


async def test_search_is_focused_by_slash_and_by_the_usual_chord(page: Page) -> None:
    await instrument(page)
    for keys in ("/", "Control+k", "Meta+k"):
        await page.keyboard.press(keys)
        await expect(page.locator("#search")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(page.locator("#search")).not_to_be_focused()


async def test_fields_and_the_browser_keep_their_keys(page: Page) -> None:
    await instrument(page)
    await page.locator("#search").focus()
    await page.keyboard.type("t? 1")
    await expect(page.locator("#search")).to_have_value("t? 1")
    await expect(page.locator("#help")).to_be_hidden()
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    heard = await page.evaluate(
        """() => [['1', 'ctrlKey'], ['e', 'altKey'], ['t', 'metaKey']].map(([key, held]) => {
          const init = {key, [held]: true};
          const event = new KeyboardEvent('keydown', {...init, bubbles: true, cancelable: true});
          document.body.dispatchEvent(event);
          return event.defaultPrevented;
        })"""
    )

    assert heard == [False, False, False]
    await expect(page.locator("html")).to_have_attribute("data-theme", "system")
