"""While an entry is typed, the form says what a market says for the field that is empty."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.async_api import BrowserContext, Page, Request, Route, expect

from tests.e2e.holding import amounts_turned, made, saved

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
    line = page.locator(".offer [data-words]")
    await expect(line).to_have_text(PAID)
    first = await line.inner_text()
    await expect(line).not_to_have_text(first)  # of another moment, and of this market's next price
    await expect(line).to_have_text(PAID)

    await page.get_by_role("button", name=re.compile(r"^Take [\d,]+(\.\d+)?$")).click()
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
    await expect(page.locator(".offer [data-words]")).to_have_text(PAID)

    await page.fill("#f-amount2", "7")
    await expect(page.locator(".offer")).to_be_hidden()
    assert await page.input_value("#f-amount2") == "7"

    await page.fill("#f-amount2", "")
    await page.fill("#f-asset", "NOSUCH")
    words = "No market here says a price of NOSUCH in USD of that time: type the amount."
    await expect(page.locator(".offer [data-words]")).to_have_text(words)
    await expect(page.get_by_role("button", name=re.compile("^Take"))).to_be_hidden()


@pytest.mark.usefixtures("person")
async def test_an_answer_to_older_fields_is_not_shown(page: Page) -> None:
    await started(page)
    await expect(page.locator(".offer [data-words]")).to_have_text(PAID)

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
    await expect(page.locator(".offer [data-words]")).to_have_text(re.compile("^No market here"))


@pytest.mark.usefixtures("person")
async def test_the_price_of_a_contract_is_offered_too(page: Page) -> None:
    address = await made(page)
    await page.goto(f"{address}entries/new/?kind=fill")
    await page.fill("#f-instrument", "DERIBIT:BTC-PERPETUAL")

    price = re.compile(
        r"^Price [\d,.]+, by the market's price of that time: DERIBIT:BTC-PERPETUAL, market at"
    )
    await expect(page.locator(".offer [data-words]")).to_have_text(price)
    await page.get_by_role("button", name=re.compile(r"^Take [\d,]+(\.\d+)?$")).click()
    assert re.fullmatch(r"\d+(\.\d+)?", await page.input_value("#f-price"))


@pytest.mark.usefixtures("person")
async def test_whose_session_is_over_is_told_so(page: Page) -> None:
    await started(page)
    await expect(page.locator(".offer [data-words]")).to_have_text(PAID)

    await page.context.clear_cookies(name="sessionid")

    await expect(page.locator(".offer [data-words]")).to_have_text(re.compile("^You are signed out"))
    link = page.get_by_role("link", name="Sign in").and_(page.locator(".offer a"))
    await expect(link).to_have_attribute("href", "/accounts/login/")
    await expect(link).to_have_attribute("target", "_blank")  # what is typed stays
    await expect(page.get_by_role("button", name=re.compile("^Take"))).to_be_hidden()


@pytest.mark.usefixtures("person")
async def test_a_price_goes_when_the_server_says_nothing_more(page: Page) -> None:
    await started(page)
    await expect(page.locator(".offer [data-words]")).to_have_text(PAID)

    await page.route("**/entries/offer/", lambda route: None)  # never answered

    await expect(page.locator(".offer [data-words]")).to_have_text(re.compile("^The server does not answer"))
    await expect(page.get_by_role("button", name=re.compile("^Take"))).to_be_hidden()


async def test_what_the_review_refused_is_said_once_and_goes_when_a_price_comes(
    person: BrowserContext,
) -> None:
    page = await person.new_page()  # a browser complains of each form that is refused
    await started(page)
    await page.fill("#f-asset", "NOSUCH")
    async with page.expect_response("**/entries/offer/"):
        await page.get_by_role("button", name="Review").click()

    words = "No market here says a price of NOSUCH in USD of that time: type the amount."
    await expect(page.locator("#e-amount2")).to_have_text(words)
    async with page.expect_response("**/entries/offer/"):
        pass  # one more answer came, and says the same
    await expect(page.get_by_text(words)).to_have_count(1)

    await page.fill("#f-asset", "BTC")
    await expect(page.locator(".offer [data-words]")).to_have_text(PAID)
    await expect(page.locator("#e-amount2")).to_have_count(0)
    await expect(page.locator("#f-amount2")).not_to_have_attribute("aria-invalid", "true")


@pytest.mark.usefixtures("person")
async def test_an_offer_is_read_aloud_once_not_with_each_price(page: Page) -> None:
    await started(page)
    said = page.locator(".entry-form [role=status]")
    await expect(said).to_have_text("A market's price is offered at Paid.")
    await said.evaluate(
        "(said) => new MutationObserver(() => said.id = 'again').observe(said, {childList: true})"
    )
    line = page.locator(".offer [data-words]")
    await expect(line).not_to_have_text(await line.inner_text())
    await expect(line).not_to_have_text(await line.inner_text())
    await expect(said).not_to_have_id("again")


@pytest.mark.usefixtures("person")
async def test_an_amount_that_is_offered_is_for_nobody_elses_eyes(page: Page) -> None:
    await started(page)
    amounts = page.locator(".offer .amount")
    await expect(amounts).to_have_count(2)  # in the words, and on the button
    await page.locator("#f-amount").blur()

    await amounts_turned(page)
    for each in (amounts.first, amounts.last):
        await expect(each).to_have_css("visibility", "hidden")
    await amounts_turned(page)
    await expect(amounts.first).to_have_css("visibility", "visible")


@pytest.mark.usefixtures("person")
async def test_what_failed_is_asked_again_for_a_time_that_is_typed_too(page: Page) -> None:
    await started(page)
    await expect(page.locator(".offer [data-words]")).to_have_text(PAID)
    await page.route("**/entries/offer/", lambda route: None)  # never answered
    await page.fill("#f-time", f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}")
    await expect(page.locator(".offer [data-words]")).to_have_text(re.compile("^The server does not answer"))

    await page.unroute("**/entries/offer/")

    await expect(page.locator(".offer [data-words]")).to_have_text(PAID)
