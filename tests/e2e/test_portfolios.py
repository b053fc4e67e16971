"""Portfolios in a real browser: made, filled by typing, reviewed, valued, switched; desk and phone."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests.e2e.conftest import DESK, HOME, PHONE, Cookies, by_password, in_a_row, mounted, somebody
from tests.e2e.holding import amounts_turned, made, priced, saved, typed
from tests.e2e.look import faint_texts, small_targets

pytestmark = [pytest.mark.e2e, pytest.mark.acceptance]
AT_ONCE = """() => ['tr[data-asset="BTC"] .value', "[data-total] b"].map(
  (each) => document.querySelector(each).innerText)"""
"""Both of one moment: between two questions to the page it may draw another."""


def amount(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


async def filled(page: Page) -> str:
    """10,000 USD, and 0.2 BTC bought in two lots at costs of their own."""
    address = await made(page)
    await typed(page, "Deposit", amount="10000", asset="usd", time="2026-01-01T10:00")
    await saved(page)
    for month, paid in (("02", "1000"), ("03", "3000")):
        await typed(
            page, "Buy", amount="0.1", asset="BTC", amount2=paid, asset2="USD", time=f"2026-{month}-01T10:00"
        )
        await saved(page)
    return address


@pytest.mark.usefixtures("person")
async def test_the_story(page: Page) -> None:
    await page.goto("/")
    await mounted(page, "markets")
    await in_a_row(page, "g", "p")
    await page.wait_for_url("**/portfolios/")
    address = await filled(page)
    await priced(page, address)
    await expect(page.locator("[data-partial]")).to_be_hidden()
    await expect(page.locator('tr[data-asset="BTC"] .by')).to_contain_text("BTC → USD")
    await expect(page.locator('tr[data-asset="USD"] .value')).to_have_text("6,000.00")

    await typed(page, "Sell", amount="0.1", asset="BTC", amount2="5000", asset2="USD")
    await expect(page.get_by_role("heading", name="Sell: what it will do")).to_be_visible()
    await expect(page.locator("[data-realised]")).to_have_text("+4,000.00")
    before = page.url
    await page.get_by_role("button", name="Change").click()
    await expect(page.locator("#f-amount2")).to_have_value("5000")
    await page.fill("#f-amount2", "4000")
    await page.get_by_role("button", name="Review").click()
    assert page.url == before
    await expect(page.locator("[data-realised]")).to_have_text("+3,000.00")
    await saved(page)

    await expect(page.locator("[data-figure=realised]")).to_have_text("+3,000.00")
    await page.get_by_label("Method").select_option("hifo")
    await page.get_by_role("button", name="Use it").click()
    await expect(page.locator("[data-figure=realised]")).to_have_text("+1,000.00")
    await expect(page.locator('tr[data-asset="USD"] .value')).to_have_text("10,000.00")

    await page.get_by_text("Delete this portfolio").click()
    await page.get_by_label("I want all of it gone").check()
    await page.get_by_role("button", name="Delete Portfolio").click()
    await page.wait_for_url("**/portfolios/")
    await expect(page.get_by_role("status").filter(has_text="is deleted")).to_be_visible()


@pytest.mark.usefixtures("person")
async def test_it_moves_by_itself_and_agrees_with_what_the_server_renders(page: Page) -> None:
    address = await filled(page)
    await priced(page, address)
    bitcoin = page.locator('tr[data-asset="BTC"]')
    value, total = bitcoin.locator(".value"), page.locator("[data-total] b")
    first = await value.inner_text()

    await expect(value).not_to_have_text(first)
    await expect(page.locator("[data-moment]")).to_contain_text("Live. Oldest price")
    cash, (shown, of_all) = Decimal("6000"), map(amount, await page.evaluate(AT_ONCE))
    assert abs(cash + shown - of_all) <= Decimal("0.01")
    before, widths = await value.inner_text(), await cell_widths(bitcoin)
    await expect(value).not_to_have_text(before)
    assert await cell_widths(bitcoin) == widths

    assert await page.evaluate("document.documentElement.scrollHeight - innerHeight") == 0  # main scrolls
    await amounts_turned(page)
    for cell in (value, total):
        await expect(cell).to_have_css("visibility", "hidden")
    await expect(bitcoin.locator("[data-cell=percent]")).to_have_css("visibility", "visible")
    await page.goto("/portfolios/")
    await expect(page.locator('[data-widget=portfolios][data-state="live"]')).to_be_attached()
    await expect(page.get_by_role("link", name="Refresh")).to_be_hidden()
    await expect(page.locator("[data-sum=total]").first).to_have_css("visibility", "hidden")
    await amounts_turned(page)
    await expect(page.locator("[data-sum=total]").first).to_have_css("visibility", "visible")


async def cell_widths(row: Locator) -> list[int]:
    return await row.locator("td").evaluate_all("cells => cells.map((cell) => cell.offsetWidth)")


@pytest.mark.usefixtures("person")
async def test_an_entry_of_another_tab_is_there_at_once(page: Page) -> None:
    address = await filled(page)
    await priced(page, address)
    other = await page.context.new_page()
    await other.goto(address)
    await typed(other, "Deposit", amount="3", asset="ETH")
    await saved(other)

    row = page.locator('tr[data-asset="ETH"]')
    await expect(row).to_be_visible()
    await expect(row).to_contain_text("3 of unknown cost")
    await expect(row).to_have_attribute("data-state", "live")
    await expect(page.locator("[data-uncosted-words]")).to_contain_text("ETH")


@pytest.mark.usefixtures("person")
async def test_a_list_says_that_another_tab_made_a_portfolio(page: Page) -> None:
    await filled(page)
    await page.goto("/portfolios/")
    await expect(page.locator("[data-moment]")).to_have_text("Live.")
    other = await page.context.new_page()

    await made(other)
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # as whoever comes back

    await expect(page.locator("[data-moment]")).to_have_text(
        "Live, but portfolios came or went: Refresh shows them."
    )
    await page.get_by_role("link", name="Refresh").click()
    await expect(page.locator("[data-moment]")).to_have_text("Live.")
    await other.close()


async def test_who_types_while_it_is_worked_out_is_told_when_it_is(person: BrowserContext) -> None:
    page = await person.new_page()  # of a page that a test serves the browser complains: it opens no socket
    address = await made(page)
    waiting = '<p data-widget="folding"><span data-said>This page shows it by itself.</span></p>'

    async def behind(route: Route) -> None:
        """As it is until a long ledger is folded."""
        answer = await route.fetch()
        body = (await answer.text()).replace("</h1>", f"</h1>{waiting}", 1)
        await route.fulfill(response=answer, status=202, body=body)

    await page.route(address, behind)
    await page.goto(address)
    await page.get_by_label("New account").fill("Half a na")
    await page.unroute(address)

    await expect(page.get_by_text("It is worked out.")).to_be_visible()
    await expect(page.get_by_label("New account")).to_have_value("Half a na")


@pytest.mark.usefixtures("person")
async def test_a_correction_and_a_reversal(page: Page) -> None:
    address = await made(page, "EUR")
    await typed(page, "Deposit", amount="5", asset="EUR")
    await saved(page)

    await page.get_by_role("link", name=re.compile(r"^Entry \d+$")).first.click()
    await page.get_by_role("link", name="Correct it").click()
    await page.fill("#f-amount", "7")
    await page.get_by_role("button", name="Review").click()
    await saved(page)
    await expect(page.locator("[data-total] b")).to_have_text("7.00")
    await page.locator("tr:not(.over)").get_by_role("link", name=re.compile(r"^Entry \d+$")).click()
    await page.get_by_text("Reverse this entry").click()
    await page.get_by_label("It counts no more").check()
    await page.get_by_role("button", name="Reverse entry").click()

    await page.wait_for_url(address)
    await expect(page.locator("[data-total] b")).to_have_text("0.00")
    assert await page.locator(".entries tbody tr.over").count() == 4  # both, and what took them back


async def test_what_is_wrong_is_said_and_what_was_right_is_kept(person: BrowserContext) -> None:
    page = await person.new_page()  # a 422 is a complaint to the other fixture
    await made(page)
    await typed(page, "Buy", amount="x", asset="BTC", amount2="5", asset2="USD")
    await expect(page.locator("#e-amount")).to_contain_text("Expected a plain decimal number, found 'x'")
    await expect(page.locator("#f-asset2")).to_have_value("USD")
    await page.get_by_role("link", name="Sell", exact=True).click()

    await expect(page.get_by_text("Sold", exact=True)).to_be_visible()


async def test_it_can_be_read_and_pressed(chromium: Browser, live_site: str, signed_in: Cookies) -> None:
    context = await chromium.new_context(base_url=live_site, viewport=PHONE, has_touch=True, is_mobile=True)
    await context.add_cookies(signed_in)
    page = await context.new_page()
    address = await filled(page)
    await typed(page, "Airdrop", amount="0.000000000000000001", asset="DOGE", time="2026-01-05T00:00")
    await page.wait_for_url("**/entries/review/")
    review = page.url
    assert await small_targets(page) == [] and await faint_texts(page) == []
    await saved(page)
    entry = await page.get_by_role("link", name=re.compile(r"^Entry \d+$")).first.get_attribute("href")
    forms = (f"{address}entries/new/?kind={kind}" for kind in ("swap", "split", "fill"))
    unknown = (f"{address}unknown/", f"{address}currency/?base=BTC", f"{address}currency/?base=nope")
    for path in ("/portfolios/", address, *forms, *unknown, str(entry)):
        await page.goto(path)
        assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"], path
        wide = "[...document.querySelectorAll('main, .wide-table')].map((e) => e.scrollWidth - e.clientWidth)"
        assert set(await page.evaluate(wide)) == {0}, path
        assert await small_targets(page) == [], path
        assert await faint_texts(page) == [], path
    assert review.endswith("/entries/review/")
    await page.set_viewport_size(DESK)
    for path in ("/portfolios/", address):
        await page.goto(path)
        assert await faint_texts(page) == [], path
        assert await page.evaluate("document.querySelector('main').scrollWidth") <= DESK["width"], path
    await context.close()


@pytest.mark.usefixtures("person")
async def test_a_link_shows_it_without_an_account_until_it_is_ended(page: Page, chromium: Browser) -> None:
    await filled(page)
    await page.get_by_label("Who it is for").fill("Dora")
    await page.get_by_role("button", name="Make link").click()
    link = await page.locator("#sharing .secret").inner_text()

    visitor = await (await chromium.new_context(viewport=PHONE, is_mobile=True, has_touch=True)).new_page()
    said: list[str] = []
    visitor.on("console", lambda words: said.append(words.text) if words.type == "error" else None)
    await visitor.goto(link)
    await expect(visitor.get_by_text("weights and per cents only")).to_be_visible()
    await expect(visitor.locator('tr[data-line="BTC"] .value')).to_contain_text("%")
    await expect(visitor.locator("[data-moment]")).to_contain_text("Live. Oldest price")
    gain = visitor.locator('tr[data-line="BTC"] [data-cell=gain]')
    await expect(gain).not_to_have_text(await gain.inner_text())
    assert "6,000" not in await visitor.content()
    assert await visitor.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert await small_targets(visitor) == [] and await faint_texts(visitor) == [] and said == []

    await page.get_by_role("button", name="End the link Dora").click()
    await expect(page.get_by_text("The link opens nothing any more.")).to_be_visible()
    await expect(visitor.locator("[data-moment]")).to_contain_text("Not live")
    answer = await visitor.goto(link)
    assert answer is not None and answer.status == 404


@pytest.mark.usefixtures("person")
async def test_a_link_with_amounts_moves_until_it_is_ended(page: Page, chromium: Browser) -> None:
    await filled(page)
    await page.get_by_label("Who it is for").fill("Dora")
    await page.get_by_label("Show amounts too").check()
    await page.get_by_role("button", name="Make link").click()
    link = await page.locator("#sharing .secret").inner_text()

    visitor = await (await chromium.new_context()).new_page()
    said: list[str] = []
    visitor.on("console", lambda words: said.append(words.text) if words.type == "error" else None)
    await visitor.goto(link)
    await expect(visitor.locator("[data-moment]")).to_contain_text("Live. Oldest price")
    value = visitor.locator('tr[data-asset="BTC"] .value')
    await expect(value).not_to_have_text(await value.inner_text())
    assert said == [] and "Main" not in await visitor.locator("main").inner_text()

    await page.get_by_role("button", name="End the link Dora").click()
    await expect(visitor.locator("[data-moment]")).to_contain_text("Not live")


@pytest.mark.usefixtures("person")
async def test_whom_it_is_shown_to_no_more_sees_it_stand_still(
    page: Page, chromium: Browser, live_site: str
) -> None:
    address = await filled(page)
    viewer = await somebody(await chromium.new_context(base_url=live_site), "vera")
    await page.get_by_label("User name").fill("vera")
    await page.get_by_role("button", name="Share", exact=True).click()
    await expect(page.get_by_text("If there is such an account")).to_be_visible()
    await by_password(viewer, "vera")
    await viewer.wait_for_url(HOME)
    await viewer.goto(address)
    await expect(viewer.locator("[data-moment]")).to_contain_text("Live")
    await expect(viewer.get_by_text("Shared by")).to_be_visible()

    await page.get_by_role("button", name="Stop sharing with vera").click()

    await expect(viewer.locator("[data-moment]")).to_contain_text("These numbers do not move")
    await expect(viewer.locator('tr[data-asset="BTC"]')).to_have_attribute("data-state", "stale")
    answer = await viewer.reload()
    assert answer is not None and answer.status == 404
