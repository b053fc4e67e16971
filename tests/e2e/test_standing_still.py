"""Nothing moves but numbers: what is said of a page moves nothing that somebody may be about to press."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import PHONE
from tests.e2e.holding import made, saved, typed

pytestmark = pytest.mark.e2e
PLACES = """([where, which, words]) => {
  const said = document.querySelector(where), ways = [...document.querySelectorAll(which)];
  const put = (text) => { said.textContent = text; return ways.map((way) => way.getBoundingClientRect()); };
  return words.map((text) => JSON.stringify(put(text)));
}"""
"""Where ``ways`` are while each of the words is said, all before anything is drawn in between."""
STATES = """([where, which]) => ["live", "stale", "down"].map((state) => {
  document.querySelector(where).dataset.state = state;
  return document.querySelector(which).getBoundingClientRect().y;
})"""
LONG = "Kraken does not answer: it broke the connection off. 1,204 of 5,310 topics are live, 12 closed. "
WIDTHS = pytest.mark.parametrize("width", [1440, PHONE["width"]])


async def places(page: Page, said: str, ways: str, *words: str) -> set[str]:
    await expect(page.locator(ways).first).to_be_visible()
    return set(await page.evaluate(PLACES, [said, ways, words]))


@WIDTHS
async def test_a_link_beside_the_state_of_all(page: Page, width: int) -> None:
    """A link that moves while it is pressed is not followed."""
    await page.set_viewport_size({"width": width, "height": 900})
    await page.goto("/status/")

    assert (
        len(await places(page, "[data-overall]", ".overall a", "", "All 5 topics are live.", 3 * LONG)) == 1
    )


@pytest.mark.usefixtures("person")
@WIDTHS
async def test_figures_of_a_portfolio(page: Page, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 900})
    address = await made(page)
    await typed(page, "Deposit", amount="1", asset="BTC", time="2026-01-01T10:00")
    await saved(page)
    await page.goto(address)
    words = ("Live. Oldest price < 1 s.", "Not live. Oldest price 1 h 12 min.")

    assert len(await places(page, "[data-moment]", ".numbers", *words)) == 1
    assert len(set(await page.evaluate(STATES, ["[data-widget=portfolio]", ".numbers"]))) == 1


@pytest.mark.usefixtures("person")
async def test_columns_of_what_is_held(page: Page) -> None:
    address = await made(page)
    await typed(page, "Deposit", amount="1", asset="BTC", time="2026-01-01T10:00")
    await saved(page)
    await page.goto(address)
    ages = ("BTC → USD, < 1 s", "BTC → USD, 1 s", "BTC → USD, 12 s")

    assert len(await places(page, '[data-asset="BTC"] .by', '[data-asset="BTC"] .num', *ages)) == 1
