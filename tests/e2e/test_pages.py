"""The pages in a real browser, on the whole stack: numbers move, keys work, the content policy holds."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page, WebSocketRoute, expect

from tests.live_site import ADMINISTRATOR, PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
BITCOIN = 'tr[data-symbol="KRAKEN:BTC/USD"]'
SOON_MS = 20_000


@pytest.fixture
async def context(chromium: Browser, live_site: str) -> AsyncIterator[BrowserContext]:
    context = await chromium.new_context(base_url=live_site, viewport=DESK)
    yield context
    await context.close()


@pytest.fixture
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """Fails its test on any complaint of the browser: errors, and reports of the content policy."""
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.add_init_script(
        "document.addEventListener('securitypolicyviolation',"
        " (event) => console.error('policy', event.violatedDirective))"
    )
    yield page
    assert complaints == []


async def markets(page: Page, query: str = "") -> Page:
    await page.goto(f"/{query}")
    await expect(page.locator("[data-pill-word]")).to_have_text("Connected", timeout=SOON_MS)
    await expect(page.locator(BITCOIN)).to_have_attribute("data-state", "live", timeout=SOON_MS)
    return page


async def symbols(page: Page) -> list[str]:
    return await page.locator("tbody tr").evaluate_all("rows => rows.map((row) => row.dataset.symbol)")


async def test_prices_move_without_a_reload(page: Page) -> None:
    await markets(page)
    last = page.locator(f"{BITCOIN} [data-cell=last]")
    before = await last.inner_text()

    await expect(last).not_to_have_text(before, timeout=SOON_MS)

    await expect(page.locator("[data-pill-latency]")).to_contain_text("ms", timeout=SOON_MS)
    await expect(page.get_by_text("SIMULATED")).to_be_visible()


async def test_the_first_paint_has_numbers_without_scripts(chromium: Browser, live_site: str) -> None:
    warm = await chromium.new_page(base_url=live_site)
    await markets(warm)
    context = await chromium.new_context(base_url=live_site, java_script_enabled=False)
    page = await context.new_page()

    await page.goto("/")

    assert any(digit.isdigit() for digit in await page.locator(f"{BITCOIN} .last").inner_text())
    assert "They move with JavaScript switched on." in await page.content()
    await expect(page.locator("[data-pill-word]")).to_have_text("Not connected")


async def test_search_ranks_and_is_kept_in_the_address(page: Page) -> None:
    await markets(page)
    await page.keyboard.press("/")
    await page.keyboard.type("xbt kraken")

    await expect(page.locator("[data-count]")).to_contain_text("1 of")
    assert await symbols(page) == ["KRAKEN:BTC/USD"]
    assert "q=xbt+kraken" in page.url
    await page.keyboard.press("Enter")

    await page.wait_for_url("**/instruments/kraken-btc-usd/")


async def test_a_search_without_an_answer_says_what_to_do(page: Page) -> None:
    await markets(page)
    await page.fill("#search", "nothing like it")
    await expect(page.get_by_text("Nothing answers that search")).to_be_visible()

    await page.get_by_role("button", name="Clear search and filters").click()

    await expect(page.locator(BITCOIN)).to_be_visible()
    assert "?" not in page.url


async def test_columns_sort_both_ways(page: Page) -> None:
    await markets(page)
    name = page.get_by_role("button", name="Instrument", exact=True)
    await name.click()
    ascending = await page.locator("tbody .name a").all_inner_texts()
    assert ascending == sorted(ascending)

    await name.click()

    bases = [text.split("/")[0] for text in await page.locator("tbody .name a").all_inner_texts()]
    assert bases == sorted(bases, reverse=True)
    await expect(page.locator("th.name[aria-sort]")).to_have_attribute("aria-sort", "descending")


async def test_filters_narrow_to_a_venue_and_a_kind(page: Page) -> None:
    await markets(page)
    await page.select_option("select[name=venue]", "KRAKEN")
    await page.select_option("select[name=kind]", "forex")

    assert sorted(await symbols(page)) == ["KRAKEN:EUR/USD", "KRAKEN:GBP/USD", "KRAKEN:USD/JPY"]


async def test_rows_keep_their_order_under_the_pointer(page: Page) -> None:
    await markets(page)
    await page.get_by_role("button", name="24 h", exact=True).click()
    await page.locator("tbody tr").nth(3).hover()
    before = await symbols(page)

    await expect(page.get_by_text("Order held")).to_be_visible(timeout=SOON_MS)

    assert await symbols(page) == before


async def test_keys_walk_the_list_and_explain_themselves(page: Page) -> None:
    await markets(page)
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    second = (await symbols(page))[1]
    focused = await page.evaluate("document.activeElement.closest('tr').dataset.symbol")
    assert focused == second

    await page.keyboard.press("Escape")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


async def test_the_theme_is_kept_from_the_first_paint(page: Page) -> None:
    await markets(page)
    await page.get_by_role("button", name="Display").first.click()
    await page.get_by_label("Light").check()
    light = await page.evaluate("getComputedStyle(document.body).backgroundColor")

    await page.reload(wait_until="commit")

    await expect(page.locator("html")).to_have_attribute("data-theme", "light")
    assert light == "rgb(255, 255, 255)"


async def test_reduced_motion_tints_nothing(chromium: Browser, live_site: str) -> None:
    context = await chromium.new_context(base_url=live_site, reduced_motion="reduce")
    page = await markets(await context.new_page())
    await page.evaluate(
        "window.tints = 0; new MutationObserver((all) => window.tints += all.length)"
        ".observe(document.body, {subtree: true, attributeFilter: ['data-tint']})"
    )
    last = page.locator(f"{BITCOIN} [data-cell=last]")
    await expect(last).not_to_have_text(await last.inner_text(), timeout=SOON_MS)

    assert await page.evaluate("window.tints") == 0


async def test_a_lost_connection_says_so_and_recovers(context: BrowserContext) -> None:
    page = await context.new_page()
    sockets: list[WebSocketRoute] = []
    away = False

    async def through(route: WebSocketRoute) -> None:
        sockets.append(route)
        if away:
            await route.close(code=1012, reason="restarting")
        else:
            route.connect_to_server()

    await page.route_web_socket("**/ws/v1/", through)
    await markets(page)

    away = True
    await sockets[0].close(code=1012, reason="restarting")

    await expect(page.locator("[data-banner]")).to_contain_text("out of date", timeout=SOON_MS)
    await expect(page.locator(BITCOIN)).to_have_attribute("data-state", "stale", timeout=SOON_MS)

    away = False
    await expect(page.locator(BITCOIN)).to_have_attribute("data-state", "live", timeout=40_000)
    await expect(page.locator("[data-banner]")).to_be_hidden()


async def test_book_tape_and_candles_agree(page: Page) -> None:
    await page.goto("/instruments/kraken-btc-usd/")
    await expect(page.locator("[data-part=book]")).to_have_attribute("data-known", "", timeout=SOON_MS)
    await expect(page.locator("[data-part=tape]")).to_have_attribute("data-known", "", timeout=SOON_MS)
    await expect(page.locator("[data-part=chart]")).to_have_attribute("data-known", "", timeout=SOON_MS)

    ladder = await page.evaluate(
        """() => {
          const cells = (side) => document.querySelectorAll(`[data-side=${side}] .level span:first-child`);
          const price = (cell) => Number(cell.textContent.replaceAll(',', ''));
          const prices = (side) => [...cells(side)].map(price).filter(Boolean);
          return {bids: prices('bids'), asks: prices('asks')};
        }"""
    )

    assert ladder["bids"] == sorted(ladder["bids"], reverse=True) and len(ladder["bids"]) > 5
    assert ladder["asks"] == sorted(ladder["asks"], reverse=True) and len(ladder["asks"]) > 5
    assert ladder["bids"][0] < ladder["asks"][-1]
    await expect(page.locator("[data-part=chart] canvas").first).to_be_visible()
    await expect(page.locator("[data-part=quotes] tbody tr")).to_have_count(2)


async def test_an_interval_is_chosen_by_button_and_key(page: Page) -> None:
    await page.goto("/instruments/kraken-btc-usd/")
    await page.get_by_role("button", name="15 m").click()
    await expect(page.get_by_role("button", name="15 m")).to_have_attribute("aria-pressed", "true")

    await page.keyboard.press("1")

    await expect(page.get_by_role("button", name="1 m", exact=True)).to_have_attribute("aria-pressed", "true")
    await page.get_by_role("button", name="Table").click()
    await expect(page.locator("[data-bars] tbody tr").first).to_be_visible(timeout=SOON_MS)


async def test_the_tape_waits_for_whoever_reads_it(page: Page) -> None:
    await page.goto("/instruments/kraken-btc-usd/")
    rows = page.locator("[data-part=tape] [data-rows]")
    await expect(rows.locator(".trade").nth(60)).to_be_attached(timeout=SOON_MS)

    await rows.evaluate("(box) => { box.scrollTop = 200; }")
    await expect(page.locator("[data-resume]")).to_contain_text("newer", timeout=SOON_MS)
    held = await rows.locator(".trade").first.inner_text()
    await expect(page.locator("[data-resume]")).to_contain_text("newer")
    assert await rows.locator(".trade").first.inner_text() == held

    await page.locator("[data-resume]").click()
    await expect(page.locator("[data-resume]")).to_be_hidden()


async def test_a_phone_has_nothing_to_scroll_sideways(chromium: Browser, live_site: str) -> None:
    context = await chromium.new_context(base_url=live_site, viewport=PHONE, has_touch=True, is_mobile=True)
    page = await markets(await context.new_page())
    for path in ("/", "/instruments/kraken-btc-usd/", "/accounts/login/"):
        await page.goto(path)
        assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        wide = await page.evaluate(
            "[...document.querySelectorAll('.bar > *, main, .rail > *')]"
            ".filter((e) => e.getClientRects().length)"
            ".filter((e) => e.getBoundingClientRect().right > innerWidth + 0.5).length"
        )
        assert wide == 0, path

    await page.goto("/instruments/kraken-btc-usd/")
    await page.get_by_text("Trades", exact=True).first.click()
    await expect(page.locator("[data-part=tape]")).to_be_visible()
    await expect(page.locator("[data-part=book]")).to_be_hidden()


async def test_what_is_not_there_is_said(context: BrowserContext) -> None:
    page = await context.new_page()
    answer = await page.goto("/instruments/nobody-has-this/")

    assert answer is not None and answer.status == 404
    await expect(page.get_by_role("heading", name="Not here")).to_be_visible()


async def test_signing_in_and_out(page: Page) -> None:
    await page.goto("/accounts/login/")
    await page.fill("input[name=username]", ADMINISTRATOR)
    await page.fill("input[name=password]", "wrong")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_contain_text("do not match")

    await page.fill("input[name=password]", PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/")
    await page.get_by_text(ADMINISTRATOR, exact=True).first.click()
    await page.get_by_role("button", name="Sign out").click()

    await expect(page.get_by_role("link", name="Sign in")).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/instruments/kraken-btc-usd/"])
async def test_widgets_leave_nothing_behind(context: BrowserContext, path: str) -> None:
    """Mounted and unmounted a hundred times: no more listeners and nodes than after ten times."""
    page = await context.new_page()
    await page.goto(path)
    await expect(page.locator("[data-pill-word]")).to_have_text("Connected", timeout=SOON_MS)
    mount = """async (times) => {
      const { page } = await import('/static/js/main.js');
      const root = document.querySelector('[data-widget]');
      const { default: Widget } = await import(`/static/js/widgets/${root.dataset.widget}.js`);
      for (let at = 0; at < times; at++) {
        const widget = new Widget(root, page);
        widget.connect();
        widget.disconnect();
      }
    }"""
    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable")

    async def counted() -> dict[str, float]:
        await session.send("HeapProfiler.collectGarbage")
        metrics = (await session.send("Performance.getMetrics"))["metrics"]
        return {each["name"]: each["value"] for each in metrics}

    await page.evaluate(mount, 10)
    before = await counted()
    await page.evaluate(mount, 100)
    after = await counted()

    assert after["JSEventListeners"] - before["JSEventListeners"] < 20
    assert after["Nodes"] - before["Nodes"] < 1000
