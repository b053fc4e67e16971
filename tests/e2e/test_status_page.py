"""The status page in a real browser, while the feed process is killed and comes back."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, WebSocketRoute, expect

from marketdash.instruments.starter import STARTERS
from tests.e2e.conftest import mounted
from tests.fakes.waiting import wait_until, wait_until_answered
from tests.live_site import Site

pytestmark = pytest.mark.e2e
BACK_MS = 60_000
LASTED = re.compile(r"\d (s|min|h)")
ANSWERS = "() => fetch('/healthz').then((answer) => answer.ok, () => false)"


@pytest.fixture
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """What the browser writes while a feed is away is no complaint; an error of a script is."""
    opened = await context.new_page()
    complaints: list[str] = []
    yield opened
    assert complaints == []


@pytest.mark.acceptance
async def test_a_killed_worker_is_seen_said_and_remembered(page: Page, whole_site: Site) -> None:
    await page.goto("/")
    await expect(page.locator("[data-pill-word]")).to_have_text("Connected", timeout=BACK_MS)
    await page.locator("[data-pill]").click()
    await page.wait_for_url("**/status/")
    overall = page.locator("[data-overall]")
    await expect(overall).to_have_text(re.compile(r"^All \d+ topics are live\.$"), timeout=BACK_MS)
    await expect(page.locator("[data-latency] tbody tr").nth(len(STARTERS) - 1)).to_be_visible()

    worker = whole_site.process_of("ingest")
    worker.suspend()  # another one may be there sooner than anybody would miss one that was killed

    await expect(page.locator("[data-pill-word]")).to_have_text(re.compile("stale|down"))
    await expect(overall).to_contain_text("no word from the feed")
    await expect(page.locator("[data-topics] tbody tr").first).to_have_attribute("data-state", "stale")
    worker.kill()

    await expect(overall).to_have_text(re.compile(r"^All \d+ topics are live\.$"), timeout=BACK_MS)
    await expect(page.locator("[data-pill-word]")).to_have_text("Connected")
    lives = page.locator("[data-events] tbody tr", has_text="Feed process")
    await expect(lives.filter(has_text="since")).to_have_count(1)
    await expect(lives.nth(1)).not_to_contain_text("since")

    before = whole_site.process_of("serve")
    before.send_signal(signal.SIGKILL)
    await whole_site.started_again(before, "serve")
    began = await lives.locator("td:first-child").all_inner_texts()
    await page.wait_for_function(ANSWERS, polling=200, timeout=BACK_MS)
    await page.reload()
    await expect(lives.locator("td:first-child")).to_have_text(began)  # when it happened, and how long
    await expect(lives.nth(1)).to_contain_text(LASTED)
    # Its successor enters it after it answers; what another test counts has to stand there by then.
    died = page.locator("[data-events] tbody tr", has_text="Process died").filter(has_text="web")
    await expect(died.first).to_be_visible(timeout=BACK_MS)


@pytest.mark.acceptance
@pytest.mark.parametrize(("word", "name"), [("manage.py serve", "web"), ("manage.py engines", "engines")])
async def test_that_a_process_died_stands_in_the_log(
    page: Page, whole_site: Site, word: str, name: str
) -> None:
    await page.goto("/status/")
    columns = page.locator("[data-events] th")
    before_x = await columns.evaluate_all("all => all.map((each) => each.offsetLeft)")
    await mounted(page, "status")
    async with page.expect_response("**/status/events?kind=died") as answer:
        await page.get_by_label("Kind").select_option("Process died")
    before = sum(name in each["subject"] for each in (await (await answer.value).json())["events"])
    died = page.locator("[data-events] tbody tr", has_text="Process died").filter(has_text=name)
    await expect(died).to_have_count(before)

    killed = whole_site.process_of(word)
    killed.kill()
    await whole_site.started_again(killed, word)

    await expect(died).to_have_count(before + 1, timeout=BACK_MS)
    await expect(died.first).to_contain_text(LASTED)  # for how long there was none
    await page.get_by_label("Kind").select_option("Web process" if name == "web" else "Engines")
    await expect(page.locator("[data-events] tbody tr", has_text="since").first).to_contain_text(name)
    await expect(page.locator("[data-events] .going")).to_have_count(0)
    assert await columns.evaluate_all("all => all.map((each) => each.offsetLeft)") == before_x


async def test_a_dead_feed_stands_by_its_title_and_for_how_long_it_is_silent(page: Page) -> None:
    """As a page sees it that is opened long after, when the server knows nothing else of it."""
    row = {"epoch": "9f2c", "prev": 0, "seq": 1, "age_us": 0}
    row |= {"state": "down", "reason": "no word from the feed"}
    rows = [{"symbol": "COINBASE", **row}, {"symbol": "KRAKEN", **row}]
    said = {"ts": 0, "mode": "demo", "listing": "", "saving": ""}
    beat = {**said, "data": [{"symbol": "COINBASE", "age_us": 245_000_000}]}
    links: list[WebSocketRoute] = []
    await page.route_web_socket("**/ws/v1/", lambda link: links.append(link))
    await page.goto("/status/")
    await wait_until(lambda: links, what="a socket of the page")
    told = json.dumps({"channel": "status", "type": "snapshot", "frame": 1, "data": rows})
    links[0].send(told)

    async def shown() -> list[list[str]]:
        links[0].send(json.dumps({"channel": "status", "type": "heartbeat", **beat}))
        return [row.split("\t") for row in await page.locator("[data-links] tbody tr").all_inner_texts()]

    async def silent() -> bool:
        return [(row[0], row[2], row[3], row[-1]) for row in await shown() if len(row) > 3] == [
            ("Coinbase", "Stale", "4 min", "no word from the feed"),
            ("Kraken", "Stale", "", "no word from the feed"),
        ]

    await wait_until_answered(silent, every_s=0.2, within_s=20, what="two feeds that are silent")


@pytest.mark.parametrize(("path", "links"), [("/", False), ("/status/", True)])
async def test_links_are_told_where_they_are_shown_alone(page: Page, path: str, links: bool) -> None:
    """They change each second: a slow line would carry little else."""
    asked: list[dict[str, Any]] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda text: asked.append(json.loads(text))))

    def wanted() -> list[dict[str, Any]]:
        return [each["params"] for each in asked if each.get("params", {}).get("channel") == "status"]

    await page.goto(path)
    await wait_until(wanted, what="the page asks how the venues are")

    assert wanted() == [{"channel": "status", "links": links}]


async def test_topics_are_filtered(page: Page) -> None:
    await page.goto("/status/")
    count = page.locator("[data-topics] [data-count]")
    await page.fill("[data-find]", "kraken btc/usd book")

    await expect(count).to_contain_text("1 of")
    await expect(page.locator("[data-topics] tbody tr")).to_have_count(1)
    await page.fill("[data-find]", "nothing like it")
    await expect(page.get_by_text("No topic answers that filter.")).to_be_visible()
