"""The page of one instrument in a real browser, on the whole stack."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from marketdash.instruments.starter import STARTERS

pytestmark = pytest.mark.e2e


async def test_book_tape_and_candles_agree(page: Page) -> None:
    await page.goto("/instruments/kraken-btc-usd/")
    await expect(page.locator("[data-part=book]")).to_have_attribute("data-known", "")
    await expect(page.locator("[data-part=tape]")).to_have_attribute("data-known", "")
    await expect(page.locator("[data-part=chart]")).to_have_attribute("data-known", "")

    ladder = await page.evaluate(
        """() => {
          const cells = (side) => document.querySelectorAll(`[data-side=${side}] .level span:first-child`);
          const price = (cell) => Number(cell.textContent.replaceAll(',', ''));
          const prices = (side) => [...cells(side)].map(price).filter(Boolean);
          return {bids: prices('bids'), asks: prices('asks')};
        }"""
    )

    assert ladder["bids"] == sorted(ladder["bids"], reverse=True) and len(ladder["bids"]) > 5
    assert ladder["asks"] == sorted(ladder["asks"], reverse=True) and len(ladder["asks"]) > 5
    assert ladder["bids"][0] < ladder["asks"][-1]
    await expect(page.locator("[data-part=chart] canvas").first).to_be_visible()
    of_bitcoin = [each for venue in STARTERS.values() for each in venue if each.base in ("BTC", "XBT")]
    await expect(page.locator("[data-part=quotes] tbody tr")).to_have_count(len(of_bitcoin) - 1)


async def test_an_interval_is_chosen_by_button_and_key(page: Page) -> None:
    await page.goto("/instruments/kraken-btc-usd/")
    one_minute = page.get_by_role("button", name="1 m", exact=True)
    await expect(one_minute).to_have_attribute("aria-pressed", "true")  # it takes clicks now

    await page.get_by_role("button", name="15 m").click()
    await expect(page.get_by_role("button", name="15 m")).to_have_attribute("aria-pressed", "true")

    await page.keyboard.press("1")

    await expect(one_minute).to_have_attribute("aria-pressed", "true")
    await page.get_by_role("button", name="Table").click()
    await expect(page.locator("[data-bars] tbody tr").first).to_be_visible()


async def test_the_tape_waits_for_whoever_reads_it(page: Page) -> None:
    await page.goto("/instruments/kraken-btc-usd/")
    rows = page.locator("[data-part=tape] [data-rows]")
    await expect(rows.locator(".trade").nth(60)).to_be_attached()

    await rows.evaluate("(box) => { box.scrollTop = 200; }")
    await expect(page.locator("[data-resume]")).to_contain_text("newer")
    held = await rows.locator(".trade").first.inner_text()
    await expect(page.locator("[data-resume]")).to_contain_text("newer")
    assert await rows.locator(".trade").first.inner_text() == held

    await page.locator("[data-resume]").click()
    await expect(page.locator("[data-resume]")).to_be_hidden()
