"""What the tests of arranging do on the page of an instrument, and how they see where its panels stand."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

BITCOIN_PAGE = "/instruments/kraken-btc-usd/"
KEPT = re.compile("^(Saved|Kept in this browser)$")
PLACES = """() => [...document.querySelectorAll('.place')].map((e) => {
    const place = ['x', 'y', 'w', 'h'].map((axis) => Number(e.getAttribute(`gs-${axis}`)));
    return [e.dataset.kind, e.dataset.symbol, ...place];
})"""
BOXES = """() => Object.fromEntries([...document.querySelectorAll('.place')].map((e) => {
    const {x, y, width, height} = e.getBoundingClientRect();
    return [e.dataset.kind, [x, y, width, height].map(Math.round)];
}))"""


async def opened(page: Page, path: str = BITCOIN_PAGE) -> Page:
    await page.goto(path)
    await expect(page.locator("[data-widget=instrument][data-mounted]")).to_be_attached()
    return page


async def arranging(page: Page, path: str = BITCOIN_PAGE) -> Page:
    await opened(page, path)
    await page.get_by_role("button", name="Arrange").click()
    await expect(page.locator(".strip").first).to_be_visible()
    return page


async def kept(page: Page) -> None:
    await expect(page.locator(".toolbar [data-said]")).to_have_text(KEPT)


async def chosen(page: Page, preset: str) -> None:
    await page.locator("[data-drop=screens] summary").click()
    await page.get_by_role("button", name=preset, exact=True).click()
    await page.locator("[data-drop=screens] summary").click()
    await kept(page)


async def done(page: Page) -> None:
    await page.get_by_role("button", name="Done").click()
    await expect(page.locator(".strip")).to_have_count(0)


async def drag(page: Page, kind: str, x: float, y: float) -> None:
    box = await page.locator(f".place[data-kind={kind}] .hold").bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + 50, box["y"] + 14)
    await page.mouse.down()
    await page.mouse.move(box["x"] + 50 + x / 2, box["y"] + 14 + y / 2, steps=6)
    await page.mouse.move(box["x"] + 50 + x, box["y"] + 14 + y, steps=6)
    await page.mouse.up()
