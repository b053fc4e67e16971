"""Rows out of view are not drawn each time. None is wrong for a frame when it comes into view."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.e2e.scrolling import Line, none_in_view, scrolled
from tests.fakes.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.acceptance]

PRICE = "row.querySelector('[data-cell=last]').innerText.replace('mid', '').trim()"
NOT_SEVEN = f"!/^[↑↓]?\\s*(7[.0]*|–)$/.test({PRICE})"


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
    line = Line(sevens=True)
    page = await low(context, line)
    await wait_until(lambda: line.has_told_all, what="a ticker of each market")
    await expect(page.locator("tbody tr [data-cell=last]").first).to_have_text(re.compile(r"^[↑↓]?7[.0]*$"))
    await none_in_view(page, NOT_SEVEN)

    wrong, seen = await scrolled(page, NOT_SEVEN)

    assert wrong == [] and seen > 30
