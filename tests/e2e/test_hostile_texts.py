"""What a person, an administrator or an exchange writes is text on every page, and turns nothing around."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, BrowserContext, Dialog, Page, WebSocketRoute, expect

from tests import socket_site
from tests.e2e.conftest import DESK
from tests.e2e.hostile_texts import PLACES, PLANT, WRITE, frames, heartbeat, texts
from tests.scoreboard import Score
from tests.socket_site import SocketSite

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

PAGES = (
    "/",
    "/?list={list}",
    "/?q={search}",
    "/instruments/kraken-c0-usd/",
    "/watchlists/",
    "/watchlists/{list}/",
    "/status/",
    "/portfolios/",
    "/portfolios/{portfolio}/",
    "/portfolios/{portfolio}/entries/{entry}/",
    "/portfolios/{portfolio}/fills/",
    "/portfolios/{portfolio}/imports/",
    "/portfolios/{portfolio}/imports/{import}/",
    "/portfolios/{portfolio}/unknown/",
    "/portfolios/{portfolio}/accounts/{account}/",
    "/portfolios/{portfolio}/entries/new/",
    "/portfolios/{theirs}/",
    "/shared/{secret}/",
    "/accounts/",
    "/accounts/tokens/",
    "/admin/auth/user/",
    "/admin/auth/user/{user}/change/",
    "/admin/instruments/instrument/",
    "/admin/instruments/instrument/{instrument}/change/",
    "/admin/instruments/instrument/{instrument}/history/",
    "/admin/instruments/asset/",
    "/admin/instruments/asset/{asset}/change/",
    "/admin/admin/logentry/",
)
WATCH = """
window.fire = () => report('executed at ' + location.pathname);
addEventListener('securitypolicyviolation',
  (event) => report(`${location.pathname} ${event.violatedDirective}`));
"""
SEEN = r"""() => {
  const kept = [document.title];
  for (const each of document.querySelectorAll('body *:not(script, style, template)')) {
    if (each.closest('script, style, template')) continue;
    for (const node of each.childNodes) if (node.nodeType === Node.TEXT_NODE) kept.push(node.data);
    const named = ['title', 'value', 'aria-label', 'data-words'].map((name) => each.getAttribute(name) ?? '');
    kept.push(...named);
    if (each.value) kept.push(String(each.value));
  }
  const places = kept.flatMap((text) => [...text.matchAll(/~([0-9]+)~/g)].map(([, place]) => Number(place)));
  return [...new Set(places)];
}"""
TURNED = r"""() => {
  const turned = [], range = document.createRange();
  const controls = /[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069]/;
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const place = (node, at) => {
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    return range.getBoundingClientRect();
  };
  while (texts.nextNode()) {
    const node = texts.currentNode, word = node.data.match(/[A-Za-z]{2,}/);
    if (!word || controls.test(node.data) || !node.parentElement.checkVisibility()) continue;
    const [first, last] = [place(node, word.index), place(node, word.index + word[0].length - 1)];
    if (!first.width || last.top !== first.top || last.left >= first.left) continue;
    turned.push(node.data.trim().slice(0, 40));
  }
  return turned;
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SocketSite]:
    """One of its own: what is written here stands on every page."""
    with socket_site.running(tmp_path_factory.mktemp("hostile"), "uvicorn") as running:
        yield running


@pytest.fixture
async def visitor(chromium: Browser, site: SocketSite) -> BrowserContext:
    url = f"http://127.0.0.1:{site.port}"
    context = await chromium.new_context(base_url=url, viewport=DESK, reduced_motion="reduce")
    await context.add_cookies([{"name": "sessionid", "value": site.sessions["kim"], "url": url}])
    return context


@pytest.fixture
async def reports(visitor: BrowserContext) -> AsyncIterator[list[str]]:
    found: list[str] = []
    await visitor.expose_function("report", lambda report: found.append(report))
    await visitor.add_init_script(WATCH)
    yield found


def told(site: SocketSite, code: str, word: str) -> dict[str, Any]:
    return json.loads(site.run(f"import json\n{code}").split(f"{word} ")[1].splitlines()[0])


async def believing(page: Page, written: dict[str, str], portfolio: int) -> None:
    """In place of the server's socket: one that sends on whatever an exchange calls itself and says."""
    numbers, said, beating = itertools.count(1), frames(written, portfolio), list[asyncio.Future[None]]()

    async def beat(socket: WebSocketRoute) -> None:
        while True:
            socket.send(heartbeat(written))
            await asyncio.sleep(1)

    def server(socket: WebSocketRoute) -> None:
        for before in beating:
            before.cancel()  # of the page that was left
        beating[:] = [asyncio.ensure_future(beat(socket))]

        def hear(message: str | bytes) -> None:
            asked = json.loads(message)
            channel = asked.get("params", {}).get("channel")
            if asked["method"] == "ping":
                socket.send(json.dumps({"method": "pong", "ts": 1, "req_id": asked["req_id"]}))
            if asked["method"] == "subscribe" and channel in said:
                socket.send(json.dumps({**said[channel], "frame": next(numbers)}))
            elif asked["method"] == "subscribe":
                refusal = {"success": False, "symbol": "KRAKEN:C0/USD", "error": written["reason of a topic"]}
                socket.send(json.dumps({"method": "subscribe", **refusal}))

        socket.on_message(hear)

    await page.route_web_socket("**/ws/v1/", server)


def mark(place: str) -> str:
    """What the text of a place ends with."""
    return f"~{list(PLACES).index(place)}~"


async def shown(page: Page, path: str) -> set[int]:
    """The places whose texts are on it, once all is drawn that was sent."""
    answer = await page.goto(path)
    assert answer is not None and answer.status == 200, f"{path}: {answer and answer.status}"
    for widget in await page.locator("[data-widget]").all():
        await expect(widget).to_have_attribute("data-mounted", "")
    if await page.locator("[data-banner]").count() and await page.locator("[data-pill]").count():
        await expect(page.locator("[data-pill]")).to_have_attribute("data-state", "trouble")
        await expect(page.locator("body")).to_contain_text(mark("saving"))  # a beat came
    if path.startswith("/status/"):
        await expect(page.locator("[data-topics]")).to_contain_text(mark("reason of a topic"))
        await expect(page.locator("main")).to_contain_text(mark("link of a venue"))
    if path.startswith("/instruments/"):
        await page.get_by_role("button", name="Arrange").click()
        await page.locator("[data-drop=screens] summary").click()
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    if not path.startswith("/admin/"):
        assert await page.evaluate(TURNED) == [], path
    return set(await page.evaluate(SEEN))


@pytest.mark.faults
@pytest.mark.fault(
    "F47",
    "Scripts, markup, templates, homoglyphs and marks that turn text around in every place where a person, an"
    " administrator or an exchange writes one; all pages are opened",
    goal="0 executions, 0 reports of the content policy, each is seen as text",
)
async def test_every_text_is_text(
    visitor: BrowserContext, reports: list[str], site: SocketSite, score: Score
) -> None:
    at, page = told(site, PLANT, "PLANTED"), await visitor.new_page()
    dialogs: list[str] = []

    async def answer(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        await dialog.accept()

    page.on("dialog", answer)
    seen: set[int] = set()
    for turn in range(score.times(full=37, few=1)):
        written = texts(turn + score.seed)
        known = f"t, at, turn = {written!r}, {at!r}, {turn}\n"
        ids = {**at, **told(site, known + WRITE, "WRITTEN"), "search": quote(written["search"])}
        await page.unroute_all()
        await believing(page, written, at["portfolio"])
        for path in PAGES:
            seen |= await shown(page, path.format(**ids))
            score.runs += 1
        assert reports == [] and dialogs == []
    unseen = [place for number, place in enumerate(PLACES) if number not in seen]
    assert unseen == ["price"]  # which is no number
    await page.evaluate("fire()")
    assert len(reports) == 1  # so the silence before was no deafness
    score.note("places where a text is kept or sent", len(PLACES), "")
