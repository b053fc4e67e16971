"""Rows out of view are not drawn each time. None is wrong for a frame when it comes into view."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.e2e.scrolling import Line, scrolled

pytestmark = [pytest.mark.e2e, pytest.mark.acceptance]


async def low(context: BrowserContext, line: Line) -> Page:
    """A window that shows a few rows of the list."""
    page = await context.new_page()
    await page.set_viewport_size({"width": 1440, "height": 420})
    await page.route_web_socket("**/ws/v1/", line)
    await page.goto("/")
    await expect(page.locator("[data-pill-word]")).to_have_text("Connected")
    return page


async def test_no_row_looks_live_that_is_not(context: BrowserContext) -> None:
    line = Line()
    page = await low(context, line)

    await expect(page.locator("tbody tr").first).to_have_attribute("data-state", "live")
    line.cut = True
    await expect(page.locator("tbody tr").first).to_have_attribute("data-state", "stale")
    wrong, seen = await scrolled(page, "row.dataset.state === 'live'", everywhere=True)

    assert wrong == [] and seen > 30


async def test_no_row_shows_a_price_that_is_not_its_own(context: BrowserContext) -> None:
    """All prices are seven; what the first paint had of rows out of view was another."""
    page = await low(context, Line(sevens=True))
    await expect(page.locator("tbody tr [data-cell=last]").first).to_have_text(re.compile(r"^[↑↓]?7[.0]*$"))

    price = "row.querySelector('[data-cell=last]').innerText.replace('mid', '').trim()"
    wrong, seen = await scrolled(page, f"!/^[↑↓]?\\s*(7[.0]*|–)$/.test({price})")

    assert wrong == [] and seen > 30
