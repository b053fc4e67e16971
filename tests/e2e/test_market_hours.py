"""A market that closes, in a real browser: in which part of its day it is, on its page and in the list."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.async_api import Page, WebSocketRoute, expect

from tests.e2e.arranging import arranging, chosen
from tests.e2e.conftest import PHONE
from tests.e2e.look import faint_texts

pytestmark = pytest.mark.e2e
MIDDLE = re.compile(r"[↑↓]?\d\.\d{6}$")
SHARE = "/instruments/alpaca-aapl/"
KINDS_OF = "places => places.map(each => each.dataset.kind)"
WORDS = {
    "pre": "before the opening, opens Mon 09:30 New York",
    "post": "after the close, opens Mon 09:30 New York",
}


def told(phase: str) -> Callable[[WebSocketRoute], None]:
    """The simulated market never closes: its venue's own words, with another phase in them."""

    def altered(message: str | bytes) -> str | bytes:
        frame = json.loads(message)
        if frame.get("channel") == "status" and "data" in frame:
            for row in frame["data"]:
                if row.get("symbol") == "ALPACA" and "phase" in row:
                    row |= {"phase": phase, "phase_words": WORDS[phase]}
        return json.dumps(frame)

    def between(page: WebSocketRoute) -> None:
        server = page.connect_to_server()
        server.on_message(lambda message: page.send(altered(message)))

    return between


CLOSED = "closed, opens Mon 09:30 New York"


def closed(page: WebSocketRoute) -> None:
    """As a feed tells it of a share whose market's hours are over."""
    halted = {"state": "halted", "reason": CLOSED, "phase": "closed"}

    def altered(message: str | bytes) -> str | bytes:
        frame = json.loads(message)
        rows = [row for row in frame.get("data", []) if str(row.get("symbol", "")).startswith("ALPACA")]
        for row in rows if frame.get("type") != "heartbeat" else []:
            row |= halted
            if frame["channel"] == "status":
                links = [{**link, **halted} for link in row.get("links", [])]
                row |= {"phase": "closed", "phase_words": CLOSED, "links": links}
            if frame["channel"] == "health":
                row["topics"] = [{**each, **halted} for each in row.get("topics", [])]
        return json.dumps(frame)

    server = page.connect_to_server()
    server.on_message(lambda message: page.send(altered(message)))


async def test_a_market_that_its_hours_closed_is_closed_everywhere_and_no_trouble(page: Page) -> None:
    await page.route_web_socket("**/ws/v1/", closed)
    await page.goto(SHARE)
    await expect(page.locator("[data-part=summary] [data-cell=state]")).to_have_text("Closed")
    await expect(page.locator("[data-why]")).to_have_text("Closed: opens Mon 09:30 New York.")
    await expect(page.locator("[data-pill]")).to_have_attribute("data-state", "connected")
    await expect(page.locator("[data-pill-tip]")).to_contain_text("Alpaca closed: opens Mon 09:30 New York.")
    await expect(page.locator("main")).not_to_contain_text("Halted")
    assert await faint_texts(page) == []

    await page.goto("/?q=aapl")
    cell = page.locator('tr[data-symbol="ALPACA:AAPL"] [data-cell=state]')
    await expect(cell).to_have_text("Closed")
    await expect(cell).to_have_attribute("title", "opens Mon 09:30 New York")
    await page.set_viewport_size(PHONE)
    below = page.locator('tr[data-symbol="ALPACA:AAPL"] [data-cell=substate]')
    await expect(below).to_contain_text("Closed")
    assert await below.evaluate(
        "each => getComputedStyle(each).color === getComputedStyle(each.parentElement).color"
    )

    await page.goto("/status/")
    counted = re.compile(r"topics are live, \d+ closed\.$")
    await expect(page.locator("[data-overall]")).to_contain_text(counted)
    await expect(page.locator(".overall")).to_have_attribute("data-state", "live")
    links = page.locator("[data-links] tbody tr").filter(has_text="Alpaca")
    await expect(links.first.locator(".state")).to_have_text("Closed")
    await page.locator("[data-state-filter]").select_option("closed")
    await expect(page.locator("[data-topics] tbody tr").first).to_contain_text("ALPACA:AAPL")


@pytest.mark.parametrize(
    ("phase", "said", "word"),
    [
        ("pre", "before the opening, opens Mon 09:30 New York", "Pre"),
        ("post", "after the close, opens Mon 09:30 New York", "Post"),
    ],
)
async def test_a_share_says_in_which_part_of_its_day_it_trades(
    page: Page, phase: str, said: str, word: str
) -> None:
    await page.route_web_socket("**/ws/v1/", told(phase))
    await page.goto(SHARE)
    head = page.locator("[data-part=summary]")
    await expect(head).to_have_attribute("data-state", "live")
    await expect(head.locator(".title")).to_contain_text(f"Alpaca · Equity · {said}")
    assert await faint_texts(page) == []

    await page.goto("/?q=aapl")
    row = page.locator('tr[data-symbol="ALPACA:AAPL"]')
    await expect(row).to_have_attribute("data-state", "live")
    await expect(row.locator("[data-cell=state]")).to_have_text(word)
    await expect(row.locator("[data-cell=state]")).to_have_attribute("title", WORDS[phase])


async def test_what_a_dealer_does_not_tell_is_said_and_is_no_fault(page: Page) -> None:
    await page.goto("/instruments/oanda-eur-usd/")
    await expect(page.locator("[data-part=summary]")).to_have_attribute("data-state", "live")
    assert await page.locator(".place").evaluate_all(KINDS_OF) == ["chart", "quotes"]
    await arranging(page, "/instruments/oanda-eur-usd/")
    await chosen(page, "Trading")
    tape, chart = page.locator("[data-part=tape]"), page.locator("[data-part=chart]")

    await expect(tape.locator("[data-words]")).to_have_text("OANDA tells no trades.")
    await expect(tape).not_to_have_attribute("data-state", re.compile(".*"))
    await expect(chart.locator("[data-words]")).not_to_contain_text("Down")
    await expect(page.locator("[data-part=summary] [data-cell=high]")).to_be_hidden()
    await expect(page.locator("[data-part=summary] [data-cell=bid]")).to_be_visible()

    await expect(page.locator("[data-part=summary] [data-mid]")).to_be_visible()
    await expect(page.locator("[data-part=summary] [data-cell=last]")).to_have_text(MIDDLE)
    await expect(page).to_have_title(re.compile(r"^mid \d\.\d{6} EUR/USD · OANDA$"))
    await page.goto("/?q=eur")
    row = page.locator('tr[data-symbol="OANDA:EUR_USD"]')
    await expect(row.locator("[data-cell=last]")).to_have_text(re.compile(f"mid{MIDDLE.pattern}"))
    await expect(page.locator('tr[data-symbol="KRAKEN:EUR/USD"] .mid')).to_have_count(0)


async def test_a_dealers_bars_have_no_volume_and_show_none(page: Page) -> None:
    prices = {"open": "1.15", "high": "1.16", "low": "1.14", "close": "1.155", "volume": "0", "trades": 0}
    bar = {"ts": 1_795_000_020_000_000, **prices, "closed": True, "incomplete": False}
    answer = {"bars": [bar], "before": bar["ts"], "more": False, "coming": False}
    await page.route("**/bars/?*", lambda route: route.fulfill(json=answer))
    for slug, columns in (("oanda-eur-usd", 5), ("kraken-eur-usd", 6)):
        await page.goto(f"/instruments/{slug}/")
        chart = page.locator("[data-part=chart]")
        # Nothing of a dealer's looks like a bar that runs.
        legend = re.compile(r" · ended, none runs .* C \d\.\d+$" if columns == 5 else r" V [\d.]+( [KM])?$")
        await expect(chart.locator("[data-legend]")).to_have_text(legend)
        await chart.locator("[data-table-switch]").click()
        await expect(chart.locator("th:visible")).to_have_count(columns)
        await expect(chart.locator("tbody tr").first.locator("td")).to_have_count(columns)


async def test_an_open_market_says_so_and_one_that_never_closes_says_nothing(page: Page) -> None:
    await page.set_viewport_size(PHONE)
    await page.goto(SHARE)
    await expect(page.locator("[data-part=summary] .title")).to_contain_text("Alpaca · Equity · open")
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    await page.goto("/instruments/kraken-btc-usd/")
    await expect(page.locator("[data-part=summary]")).to_have_attribute("data-state", "live")
    await expect(page.locator("[data-part=summary] [data-cell=phase]")).to_be_empty()
