"""Amounts hidden by one key: what they are of stays to be read, and nothing of them does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import DESK, PHONE, mounted
from tests.e2e.holding import amounts_turned, made, saved, typed
from tests.e2e.look import faint_texts

pytestmark = [pytest.mark.e2e, pytest.mark.acceptance]
CARD = 'tr[data-asset="USD"] td.amount'
DRAWN = """(cell) => ['::before', '::after'].map((part) => {
  const drawn = getComputedStyle(cell, part);
  return [drawn.content.replaceAll('"', ''), drawn.visibility, drawn.fontSize !== '0px'];
})"""
WIDER = """(sum) => {
  const width = () => sum.getBoundingClientRect().width, before = width();
  sum.append("000000");
  return width() - before;
}"""


@asynccontextmanager
async def hidden(page: Page) -> AsyncIterator[None]:
    """A portfolio of 12,345.67 USD while its amounts are; the person sees them again afterwards."""
    await made(page)
    await typed(page, "Deposit", amount="12345.67", asset="usd", time="2026-01-01T10:00")
    await saved(page)
    await mounted(page, "portfolio")
    root = page.locator("html")
    await expect(root).to_have_attribute("data-amounts", "shown")
    await amounts_turned(page)
    await expect(root).to_have_attribute("data-amounts", "hidden")
    try:
        yield
    finally:
        await amounts_turned(page)
        await expect(root).to_have_attribute("data-amounts", "shown")


@pytest.mark.usefixtures("person")
async def test_a_card_of_a_phone_keeps_its_labels(page: Page) -> None:
    async with hidden(page):
        await page.set_viewport_size(PHONE)
        cells = await page.locator(CARD).all()
        labels = [await cell.get_attribute("data-label") for cell in cells]

        assert labels and None not in labels
        for cell, label in zip(cells, labels, strict=True):
            await expect(cell).to_have_css("visibility", "hidden")
            assert await cell.evaluate(DRAWN) == [[label, "visible", True], ["•••", "visible", True]]
        assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        assert await faint_texts(page) == []
        await page.set_viewport_size(DESK)


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_a_hidden_amount_does_not_tell_how_long_it_is(page: Page, size: dict[str, int]) -> None:
    async with hidden(page):
        await page.set_viewport_size(size)  # type: ignore[arg-type]
        sums = await page.locator(".numbers .amount, .total .amount, td.amount").all()

        assert len(sums) > 3
        for each in sums:
            await expect(each).to_have_css("visibility", "hidden")
            assert (await each.evaluate(DRAWN))[1] == ["•••", "visible", True]
            assert await each.evaluate(WIDER) == 0
