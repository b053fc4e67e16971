"""While an entry is typed, the form says what a market says for the field that is empty."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, Request, Route, expect

from tests.e2e.holding import made, saved

pytestmark = [pytest.mark.e2e, pytest.mark.acceptance]
PAID = re.compile(
    r"^Paid ([\d,.]+) USD, by the market's price of that time: 1 BTC = [\d,.]+ USD, BTC → USD, "
    r"of [\w:/-]+, market at .+ UTC, [\d.]+ s old then\."
)


async def started(page: Page) -> str:
    """A purchase of 0.5 BTC in the form; the portfolio's address."""
    address = await made(page)
    await page.goto(f"{address}entries/new/?kind=buy")
    for name, value in (("asset", "BTC"), ("asset2", "USD"), ("amount", "0.5")):
        await page.fill(f"#f-{name}", value)
    return address


@pytest.mark.usefixtures("person")
async def test_it_moves_with_the_market_until_it_is_taken(page: Page) -> None:
    await started(page)
    line = page.locator(".offer span")
    await expect(line).to_have_text(PAID)
    first = await line.inner_text()
    await expect(line).not_to_have_text(first)  # of another moment, and of this market's next price
    await expect(line).to_have_text(PAID)

    await page.get_by_role("button", name=re.compile(r"^Take \d+(\.\d+)?$")).click()
    await expect(page.locator(".offer")).to_be_hidden()
    taken = await page.input_value("#f-amount2")
    assert re.fullmatch(r"\d+(\.\d{1,2})?", taken)
    await page.get_by_role("button", name="Review").click()
    await expect(page.get_by_role("heading", name="Buy: what it will do")).to_be_visible()
    await expect(page.locator("[data-by-market]")).to_have_count(0)  # it is typed now
    await saved(page)


@pytest.mark.usefixtures("person")
async def test_what_is_typed_is_never_replaced_and_what_nobody_says_is_said(page: Page) -> None:
    await started(page)
    await expect(page.locator(".offer span")).to_have_text(PAID)

    await page.fill("#f-amount2", "7")
    await expect(page.locator(".offer")).to_be_hidden()
    assert await page.input_value("#f-amount2") == "7"

    await page.fill("#f-amount2", "")
    await page.fill("#f-asset", "NOSUCH")
    words = "No market here says a price of NOSUCH in USD of that time: type the amount."
    await expect(page.locator(".offer span")).to_have_text(words)
    await expect(page.get_by_role("button", name=re.compile("^Take"))).to_be_hidden()


@pytest.mark.usefixtures("person")
async def test_an_answer_to_older_fields_is_not_shown(page: Page) -> None:
    await started(page)
    await expect(page.locator(".offer span")).to_have_text(PAID)

    def is_older(request: Request) -> bool:
        return "amount=0.25&asset=BTC" in (request.post_data or "")

    async def held(route: Route) -> None:
        if not is_older(route.request):
            await route.continue_()

    await page.route("**/entries/offer/", held)
    async with page.expect_event("requestfailed", is_older):
        async with page.expect_request(is_older):
            await page.fill("#f-amount", "0.25")
        await page.fill("#f-asset", "NOSUCH")
    await expect(page.locator(".offer span")).to_have_text(re.compile("^No market here"))


@pytest.mark.usefixtures("person")
async def test_the_price_of_a_contract_is_offered_too(page: Page) -> None:
    address = await made(page)
    await page.goto(f"{address}entries/new/?kind=fill")
    await page.fill("#f-instrument", "DERIBIT:BTC-PERPETUAL")

    price = re.compile(
        r"^Price [\d,.]+, by the market's price of that time: DERIBIT:BTC-PERPETUAL, market at"
    )
    await expect(page.locator(".offer span")).to_have_text(price)
    await page.get_by_role("button", name=re.compile(r"^Take \d+(\.\d+)?$")).click()
    assert re.fullmatch(r"\d+(\.\d+)?", await page.input_value("#f-price"))


@pytest.mark.usefixtures("person")
async def test_whose_session_is_over_is_told_so(page: Page) -> None:
    await started(page)
    await expect(page.locator(".offer span")).to_have_text(PAID)

    await page.context.clear_cookies(name="sessionid")

    await expect(page.locator(".offer span")).to_have_text(re.compile("^You are signed out"))
    await expect(page.get_by_role("button", name=re.compile("^Take"))).to_be_hidden()


@pytest.mark.usefixtures("person")
async def test_a_price_goes_when_the_server_says_nothing_more(page: Page) -> None:
    await started(page)
    await expect(page.locator(".offer span")).to_have_text(PAID)

    await page.route("**/entries/offer/", lambda route: None)  # never answered

    await expect(page.locator(".offer span")).to_have_text(re.compile("^The server does not answer"))
    await expect(page.get_by_role("button", name=re.compile("^Take"))).to_be_hidden()
