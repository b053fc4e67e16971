"""Scrolls a table, and looks at each frame on the way, as it is about to be painted."""

from __future__ import annotations

import json

from playwright.async_api import Page, WebSocketRoute

from tests.fakes.waiting import SOON_S, wait_until_answered

SEVEN = {"last": "7", "bid": "7", "ask": "7"}

# A message that is posted in a frame is heard after all that is drawn in it, and before the next one.
_WATCH = """([wrong, everywhere]) => {
  const is = new Function('row', `return ${wrong}`);
  const table = document.querySelector('table:has(tbody[data-rows], tbody tr[role=row])');
  const port = new MessageChannel();
  Object.assign(window, { found: [], seen: new Set() });
  port.port1.onmessage = () => {
    const { top, bottom } = table.getBoundingClientRect();
    for (const row of table.querySelectorAll('tbody tr')) {
      const its = row.getBoundingClientRect(), shown = its.bottom > top && its.top < bottom;
      if (shown) window.seen.add(row.dataset.symbol ?? row.dataset.strike);
      if ((shown || everywhere) && is(row)) window.found.push(row.innerText);
    }
  };
  const frame = () => { port.port2.postMessage(0); requestAnimationFrame(frame); };
  frame();
}"""


_IN_VIEW = """(wrong) => {
  const is = new Function('row', `return ${wrong}`);
  const { top, bottom } = document.querySelector('table:has(tbody tr)').getBoundingClientRect();
  const shown = ({ top: its, bottom: end }) => end > top && its < bottom;
  const rows = [...document.querySelectorAll('tbody tr')];
  return rows.every((row) => !shown(row.getBoundingClientRect()) || !is(row));
}"""


async def none_in_view(page: Page, wrong: str) -> None:
    """Waits until no row in view is ``wrong``: what is in view is drawn some times a second.

    It is asked again from here: what a page asks itself again may make no code of text, as its policy has it.
    """
    await wait_until_answered(
        lambda: page.evaluate(_IN_VIEW, wrong),
        every_s=0.05,
        within_s=SOON_S,
        what="no row in view that is wrong",
    )


async def scrolled(page: Page, wrong: str, *, everywhere: bool = False) -> tuple[list[str], int]:
    """Rows that were ``wrong`` (JavaScript, of ``row``) in some frame, and how many different ones were seen.

    ``everywhere``: also those around what is in view, which a browser may show before the page is asked.
    """
    await page.evaluate(_WATCH, [wrong, everywhere])
    box = await page.locator("table:has(tbody)").first.bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + 200, box["y"] + 60)
    for step in [*[70] * 20, *[400] * 10, *[-900] * 5]:
        await page.mouse.wheel(0, step)
        await page.evaluate("() => new Promise(requestAnimationFrame)")
    return await page.evaluate("() => [window.found, window.seen.size]")


class Line:
    """Between a page and the server: lets all through, alters it, or nothing any more."""

    def __init__(self, *, sevens: bool = False) -> None:
        self.cut, self._sevens = False, sevens
        self._asked: set[str] = set()
        self._told: set[str] = set()

    @property
    def has_told_all(self) -> bool:
        """Whether each ticker that the page asked for came: an answer to many may come in several frames."""
        return len(self._asked) > 0 and self._asked <= self._told

    def __call__(self, page: WebSocketRoute) -> None:
        server = page.connect_to_server()
        page.on_message(lambda message: server.send(self._noted(message)))
        server.on_message(lambda message: self.cut or page.send(self._altered(message)))

    def _noted(self, message: str | bytes) -> str | bytes:
        request = json.loads(message)
        if request["method"] == "subscribe" and request["params"]["channel"] == "ticker":
            self._asked.update(request["params"]["symbol"])
        return message

    def _altered(self, message: str | bytes) -> str | bytes:
        frame = json.loads(message)
        if not self._sevens or frame.get("channel") != "ticker":
            return message
        for row in frame.get("data", []):
            self._told.add(row["symbol"])
            row.update(SEVEN)
        return json.dumps(frame)
