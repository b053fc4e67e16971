"""The chain of an underlying in a real browser, its options priced by a worker of the test's own."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.conftest import DESK, PHONE
from tests.e2e.look import faint_texts, held, small_targets
from tests.e2e.scrolling import Line, scrolled
from tests.fakes.chain_market import ChainMarket, Listing, listed_site, listings, working
from tests.socket_site import SocketSite

pytestmark = pytest.mark.e2e

PATH = "/options/kraken-btc-usd-btc/"
AT_MONEY = "tr[data-at-money]"
LISTED = listings((1, 30), 31)
LATER = f"{datetime.fromtimestamp(LISTED[-1].expiry_s, UTC):%Y-%m-%d}"
EVERY_S = 0.05


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SocketSite]:
    with listed_site(tmp_path_factory.mktemp("options"), LISTED) as running:
        yield running


@contextlib.asynccontextmanager
async def moving(site: SocketSite, listed: list[Listing], lines: int = 30) -> AsyncIterator[ChainMarket]:
    """So many lines change, twenty times a second."""

    async def move(market: ChainMarket) -> None:
        while True:
            market.step(lines)
            await asyncio.sleep(EVERY_S)

    async with working(site, listed) as market:
        task = asyncio.create_task(move(market))
        yield market
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def market(site: SocketSite) -> AsyncIterator[ChainMarket]:
    async with moving(site, LISTED) as made:
        yield made


@pytest.fixture
async def page(chromium: Browser, site: SocketSite) -> AsyncIterator[Page]:
    """On a desk; fails its test on any complaint of the browser."""
    context = await chromium.new_context(base_url=f"http://127.0.0.1:{site.port}", viewport=DESK)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    await page.add_init_script(
        "document.addEventListener('securitypolicyviolation',"
        " (event) => console.error('policy', event.violatedDirective))"
    )
    yield page
    assert complaints == []


async def opened(page: Page, query: str = "") -> Page:
    await page.goto(PATH + query)
    await expect(page.locator("[data-widget=chain][data-mounted]")).to_be_attached()
    await expect(page.locator('[data-cell="summary"]')).to_have_text(re.compile(r"^All \d+ live$"))
    return page


def cell(page: Page, name: str):
    return page.locator(f'{AT_MONEY} [data-cell="{name}"]')


async def test_the_money_is_in_view_and_all_of_it_is_live(page: Page, market: ChainMarket) -> None:
    await opened(page, "?expiry=" + LATER)

    await expect(page.locator(AT_MONEY)).to_be_in_viewport()
    await expect(page.locator(f"{AT_MONEY} .name")).to_contain_text("64,000")
    before = await cell(page, "call.bid_qty").inner_text()
    await expect(cell(page, "call.bid_qty")).not_to_have_text(before)
    await expect(cell(page, "call.mark_iv")).to_have_text(re.compile(r"^5\d\.\d$"))
    await expect(page.locator('tr[data-inside="put"]').last).to_be_attached()
    await expect(page.locator("[data-expiry][aria-current]")).to_contain_text("62")  # options


async def test_what_is_chosen_changes_figures_and_address(page: Page, market: ChainMarket) -> None:
    await opened(page, "?expiry=" + LATER)

    await page.get_by_role("link", name="Difference").click()
    await page.get_by_role("link", name="Greeks").click()

    await expect(cell(page, "call.vega")).to_have_text(re.compile(r"^[+−]?0\.\d\d$"))  # all but the venue's
    await expect(page.locator("[data-estimates]")).to_be_visible()
    assert "show=difference&columns=greeks" in page.url
    await page.get_by_label("Strikes around the money").select_option("5")
    await expect(page.locator("tbody[data-rows] tr")).to_have_count(11)
    await page.reload()
    await expect(page.locator("tbody[data-rows] tr")).to_have_count(11)
    await page.get_by_role("link", name=re.compile(r"^All ")).click()
    await expect(page.locator("[data-section]").first).to_be_visible()
    assert "show=difference" in page.url


@pytest.mark.parametrize("right", ["call", "put"])
async def test_each_half_of_a_row_opens_its_option(page: Page, market: ChainMarket, right: str) -> None:
    await opened(page)
    option = await page.locator(f"{AT_MONEY} .name a.{right}").get_attribute("href")

    await page.locator(f"{AT_MONEY} td.{right}.bid_qty").click(force=True)  # the link is over it

    await expect(page).to_have_url(re.compile(f"{re.escape(option or 'none')}$"))


async def test_a_dead_feed_leaves_nothing_live_and_says_why(page: Page, site: SocketSite) -> None:
    async with moving(site, LISTED):
        await opened(page)

    await expect(page.locator('[data-cell="summary"]')).to_have_text(re.compile(r"^0 of 62 live, 62 stale$"))
    await expect(page.locator(".chain > [data-said]")).to_have_text(
        "Nothing here is live: no word from the feed."
    )
    await expect(cell(page, "call.state")).to_have_text("Stale")
    await expect(cell(page, "put.state")).to_have_attribute("title", re.compile(r"no word from the feed, "))
    assert await page.locator('tbody [data-call="live"], tbody [data-put="live"]').count() == 0
    assert await faint_texts(page) == []


async def test_a_row_is_walked_to_and_opened_by_keys(page: Page, market: ChainMarket) -> None:
    await opened(page, "?expiry=" + LATER)

    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("tbody tr:focus-within .name a.call")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")

    await page.wait_for_url(re.compile(r"/instruments/kraken-btc-.*-p/"))
    option = page.locator("[data-part=option]")
    await expect(option.locator("[data-age]").first).to_have_attribute("data-state", "live")
    await expect(option).to_contain_text("The right to sell 1 BTC for")
    await expect(option.locator('[data-cell="delta.ours"]')).to_have_text(re.compile(r"^−0\.\d{3}$"))
    await option.get_by_role("link", name="Its chain").click()
    await expect(page.locator("[data-expiry][aria-current]")).to_have_attribute("data-expiry", LATER)


async def test_a_smile_is_a_picture_and_a_table(page: Page, market: ChainMarket) -> None:
    await opened(page, "?expiry=" + LATER)
    smile = page.get_by_role("region", name="Volatility smile")
    await expect(smile).to_have_attribute("data-known", "")
    await smile.locator("canvas").hover()
    await expect(smile.locator("[data-legend]")).to_have_text(re.compile(r"bid \d.*ask \d.*mark \d.*ours \d"))

    await smile.get_by_role("button", name="Table").click()

    await expect(smile.locator("tbody tr")).to_have_count(31)
    await expect(smile.locator("tbody tr").first).to_have_text(re.compile(r"49,000Put"))
    await page.get_by_role("button", name="Smile").click()
    await expect(smile).to_be_hidden()


@pytest.mark.acceptance
async def test_a_phone_shows_one_side_at_a_time(
    chromium: Browser, site: SocketSite, market: ChainMarket
) -> None:
    base = f"http://127.0.0.1:{site.port}"
    context = await chromium.new_context(base_url=base, viewport=PHONE, has_touch=True, is_mobile=True)
    page = await opened(await context.new_page())

    await expect(cell(page, "call.bid")).to_be_visible()
    await expect(cell(page, "put.bid")).to_be_hidden()
    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert await small_targets(page) == []
    await page.get_by_role("link", name="Puts").click()
    await expect(cell(page, "put.bid")).to_be_visible()
    await page.locator("[data-smile-switch]").click()
    await expect(page.get_by_role("region", name="Volatility smile")).to_be_visible()


@pytest.mark.acceptance
async def test_every_text_of_it_stands_out(page: Page, market: ChainMarket) -> None:
    for query in ("", "?show=difference&columns=greeks", "?expiry=all"):
        await opened(page, query)
        assert await faint_texts(page) == [], query


@pytest.mark.acceptance
async def test_the_chain_leaves_nothing_behind(page: Page, market: ChainMarket) -> None:
    """Mounted and unmounted a hundred times: no more listeners and nodes than after ten times."""
    await opened(page)
    mount = """async (times) => {
      const { page } = await import('/static/js/main.js');
      const root = document.querySelector('[data-widget]');
      const { default: Widget } = await import('/static/js/widgets/chain.js');
      for (let at = 0; at < times; at++) {
        const widget = new Widget(root, page);
        widget.connect();
        widget.disconnect();
      }
    }"""
    session = await page.context.new_cdp_session(page)
    await page.evaluate(mount, 10)
    before = await held(session)
    await page.evaluate(mount, 100)
    after = await held(session)

    assert after["JSEventListeners"] - before["JSEventListeners"] < 20
    assert after["Nodes"] - before["Nodes"] < 1000


async def test_no_option_that_comes_into_view_looks_live_that_is_not(page: Page, market: ChainMarket) -> None:
    line = Line()
    await page.set_viewport_size({"width": 1440, "height": 640})
    await page.route_web_socket("**/ws/v1/", line)
    await opened(page)

    line.cut = True
    await expect(page.locator(AT_MONEY)).to_have_attribute("data-call", "stale")
    live = "row.dataset.call === 'live' || row.dataset.put === 'live'"
    wrong, seen = await scrolled(page, live, everywhere=True)

    assert wrong == [] and seen > 20
