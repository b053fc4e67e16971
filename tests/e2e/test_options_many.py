"""Two thousand options on one page: only rows in view are in it, and only what is near them is followed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.conftest import DESK
from tests.e2e.test_options_page import PATH, moving
from tests.fakes.chain_market import listed_site, listings
from tests.socket_site import SocketSite

pytestmark = [pytest.mark.e2e, pytest.mark.acceptance]

LISTED = listings(range(1, 31, 3), 100)
FOLLOWED = """async () => {
  const { page } = await import('/static/js/main.js');
  const { expiries } = JSON.parse(document.getElementById('chain').textContent);
  const sides = expiries.flatMap(({strikes}) => strikes.flatMap(([, ...sides]) => sides));
  const known = sides.filter(([symbol]) => page.store.get({channel: 'option', symbol}));
  return {all: sides.length, known: known.length};
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SocketSite]:
    with listed_site(tmp_path_factory.mktemp("options"), LISTED) as running:
        yield running


async def test_two_thousand_options_are_one_list_that_is_live_wherever_one_looks(
    chromium: Browser, site: SocketSite
) -> None:
    context = await chromium.new_context(base_url=f"http://127.0.0.1:{site.port}", viewport=DESK)
    page = await context.new_page()
    async with moving(site, LISTED, lines=100):
        await page.goto(f"{PATH}?expiry=all")
        await expect(page.locator("[data-widget=chain][data-mounted]")).to_be_attached()
        rows = page.locator("tbody[data-rows] > tr")
        for share in (0.5, 1, 0.1, 0.9, 0.3):
            await page.evaluate(
                "(share) => { const e = document.querySelector('.strikes');"
                " e.scrollTop = share * e.scrollHeight; }",
                share,
            )
            await expect(page.locator('[data-cell="summary"]')).to_have_text(re.compile(r"^All \d+ live$"))
            await expect(rows.nth(20)).to_have_attribute("data-call", "live")
            await expect(rows.nth(20).locator('[data-cell="call.ask"]')).not_to_have_text("–")
            assert await rows.count() < 80
        for unseen in (rows.nth(2), rows.nth(-3)):
            await expect(unseen).not_to_be_in_viewport()
            size = unseen.locator('[data-cell="call.bid_qty"]')
            await expect(size).not_to_have_text(await size.inner_text())
        found = await page.evaluate(FOLLOWED)

    assert found["all"] == 2000
    assert found["known"] <= 500  # what left is forgotten, so that it never looks live
