"""Arranging the instrument page in a real browser: by mouse and by keys, for an account and for a visitor."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.e2e.arranging import BOXES, PLACES, arranging, chosen, done, drag, kept, opened
from tests.e2e.look import held

pytestmark = [pytest.mark.e2e, pytest.mark.acceptance]
WIDE = """() => {
  const chart = document.querySelector('[data-part=chart]');
  const [room, canvas] = ['.canvas', 'canvas'].map((each) => chart.querySelector(each));
  return canvas && canvas.clientWidth > room.clientWidth - 120;
}"""
"""A chart fills its panel: it is drawn some frames after the page's widgets are there."""


async def test_what_is_dragged_and_sized_stands_there_again_on_another_page(arranger: BrowserContext) -> None:
    page = await arranging(await arranger.new_page())
    before = await page.evaluate(PLACES)
    await drag(page, "depth", 300, 60)  # past its neighbour
    await expect(page.locator(".place[data-kind=depth]")).not_to_have_attribute("gs-x", "0")
    await kept(page)
    corner = await page.locator(".place[data-kind=chart] .ui-resizable-s").bounding_box()
    assert corner is not None
    await page.mouse.move(corner["x"] + 40, corner["y"] + 5)
    await page.mouse.down()
    await page.mouse.move(corner["x"] + 40, corner["y"] - 120, steps=8)
    await page.mouse.up()
    await expect(page.locator(".place[data-kind=chart]")).not_to_have_attribute("gs-h", "17")
    await done(page)
    after = await page.evaluate(PLACES)
    assert sorted(after) != sorted(before)

    await opened(page, "/instruments/kraken-eth-usd/")

    assert [each[0] for each in await page.evaluate(PLACES)] == [each[0] for each in after]
    assert [each[2:] for each in await page.evaluate(PLACES)] == [each[2:] for each in after]
    assert {each[1] for each in await page.evaluate(PLACES)} == {"KRAKEN:ETH/USD"}
    await page.wait_for_function(WIDE)


async def test_panels_are_arranged_by_keys_alone(page: Page) -> None:
    await opened(page)
    await page.keyboard.press("e")
    depth = page.locator(".place[data-kind=depth]")
    await expect(depth.locator(".hold")).to_be_visible()
    await depth.locator(".hold").focus()

    await page.keyboard.press("ArrowRight")
    await expect(depth).to_have_attribute("gs-x", "1")
    await page.keyboard.press("Shift+ArrowRight")
    await expect(depth).to_have_attribute("gs-w", "6")
    await page.keyboard.press("Shift+ArrowUp")
    await expect(depth).to_have_attribute("gs-h", "6")
    await page.keyboard.press("ArrowDown")
    await expect(depth).not_to_have_attribute("gs-y", "17")
    await expect(page.locator(".toolbar [data-said]")).to_have_text(re.compile("Depth: column 2|Kept"))
    await page.keyboard.press("u")
    await expect(depth).to_have_attribute("gs-y", "17")
    await depth.locator(".hold").focus()
    await page.keyboard.press("Delete")
    await expect(depth).to_have_count(0)
    await page.keyboard.press("a")
    await expect(page.locator("[data-add=chart]")).to_be_focused()
    await page.locator("[data-add=depth]").press("Enter")
    await expect(depth.locator(".hold")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator(".strip")).to_have_count(0)
    left = await page.evaluate(PLACES)

    await opened(page)

    assert await page.evaluate(PLACES) == left  # a visitor's browser keeps it


async def test_an_interval_that_is_chosen_while_arranging_belongs_to_the_screen(page: Page) -> None:
    await arranging(page)
    pressed = page.locator("[data-interval][aria-pressed=true]")
    await expect(pressed).to_have_text("1 m")
    await page.keyboard.press("2")
    await expect(pressed).to_have_text("5 m")
    await page.get_by_role("button", name="Undo").click()
    await expect(pressed).to_have_text("1 m")
    await kept(page)
    await page.reload()
    await expect(pressed).to_have_text("1 m")

    await arranging(page)
    await page.keyboard.press("2")
    await kept(page)
    await opened(await page.context.new_page())

    await expect(page.context.pages[-1].locator("[data-interval][aria-pressed=true]")).to_have_text("5 m")


async def test_nothing_moves_where_nobody_arranges(page: Page) -> None:
    await opened(page)
    before = await page.evaluate(BOXES)
    header = await page.locator("[data-part=book] header").bounding_box()
    assert header is not None
    await page.mouse.move(header["x"] + 20, header["y"] + 10)
    await page.mouse.down()
    await page.mouse.move(header["x"] - 300, header["y"] + 200, steps=5)
    await page.mouse.up()
    await page.keyboard.press("ArrowLeft")

    assert await page.evaluate(BOXES) == before


async def test_presets_reset_undo_and_a_screen_with_a_name(arranger: BrowserContext) -> None:
    page = await arranging(await arranger.new_page())
    usual = await page.evaluate(PLACES)
    await chosen(page, "Four intervals")
    assert [each[0] for each in await page.evaluate(PLACES)] == ["chart"] * 4
    pressed = page.locator("[data-interval][aria-pressed=true]")
    await expect(pressed).to_have_text(["1 m", "15 m", "1 h", "1 d"])

    await page.locator("[data-drop=screens] summary").click()
    await page.get_by_label("Name of this screen").fill("Charts alone")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.locator("[data-saved]")).to_contain_text("Charts alone")
    await page.locator("[data-drop=screens] summary").click()
    await page.get_by_role("button", name="Reset").click()
    await expect(page.locator(".place")).to_have_count(5)
    assert await page.evaluate(PLACES) == usual
    await page.get_by_role("button", name="Undo").click()
    await expect(page.locator(".place")).to_have_count(4)
    await chosen(page, "Trading")
    await page.reload()
    await arranging(page)
    await chosen(page, "Charts alone")

    assert [each[0] for each in await page.evaluate(PLACES)] == ["chart"] * 4
    await page.locator("[data-drop=screens] summary").click()
    await page.get_by_role("button", name="Delete Charts alone").click()
    await expect(page.locator("[data-saved]")).to_contain_text("None yet")


async def test_a_page_that_did_not_see_a_change_asks_whose_is_meant(arranger: BrowserContext) -> None:
    one, other = await arranging(await arranger.new_page()), await arranging(await arranger.new_page())
    await chosen(one, "Chart")
    await other.bring_to_front()
    await other.get_by_role("button", name="Take Trades away").click()
    await expect(other.locator(".toolbar [data-said]")).to_contain_text("Another page")

    await other.get_by_role("button", name="Show that one").click()
    await expect(other.locator(".place")).to_have_count(3)
    assert await other.evaluate(PLACES) == await one.evaluate(PLACES)
    await one.bring_to_front()
    await chosen(one, "Trading")
    await other.bring_to_front()
    await other.get_by_role("button", name="Take Elsewhere away").click()
    await done(other)  # which decides nothing
    await expect(other.locator(".toolbar [data-said]")).to_contain_text("Another page")
    await expect(other.get_by_role("button", name="Undo")).to_be_hidden()
    await other.get_by_role("button", name="Keep this one").click()
    await kept(other)
    await opened(one)
    assert [each[0] for each in await one.evaluate(PLACES)] == ["chart", "book"]


async def test_a_server_that_does_not_answer_is_said_and_asked_again(arranger: BrowserContext) -> None:
    page = await arranging(await arranger.new_page())
    await page.route("**/screens/keep/", lambda route: route.abort())
    await page.get_by_role("button", name="Take Trades away").click()
    await expect(page.locator(".toolbar [data-said]")).to_contain_text(
        "Not saved: the server does not answer. Trying again."
    )

    await page.unroute("**/screens/keep/")

    await kept(page)
    await opened(page)
    await expect(page.locator(".place")).to_have_count(4)


async def test_panels_and_arranging_leave_nothing_behind(page: Page) -> None:
    """Arranged and shown anew many times: no more listeners and nodes than after a few."""
    await arranging(page)
    round_ = """async (times) => {
      const press = (selector) => document.querySelector(selector).click();
      const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      for (let at = 0; at < times; at++) {
        for (const place of ['Four intervals', 'Trading']) {
          document.querySelector('[data-drop=screens]').open = true;
          await frame();
          const presets = [...document.querySelectorAll('[data-presets] button')];
          presets.find((each) => each.textContent === place).click();
          await frame();
        }
        document.querySelector('[data-drop=screens]').open = false;
        press('.toolbar [data-arrange]');
        await frame();
        press('.summary [data-arrange]');
        await frame();
      }
    }"""
    session = await page.context.new_cdp_session(page)
    await page.evaluate(round_, 5)
    before = await held(session)
    await page.evaluate(round_, 20)
    after = await held(session)

    assert after["JSEventListeners"] - before["JSEventListeners"] < 40
    assert after["Nodes"] - before["Nodes"] < 1000
