"""Pictures for the docs of what a fault looks like, taken by the tests that cause it.

With ``SCREENSHOTS=docs/screenshots`` those that the docs show are taken anew; any other folder gets all there
are, to be looked at: each in the dark and in the light, on a desk and on a phone.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path

from playwright.async_api import Page

from tests.e2e.conftest import DESK, PHONE
from tests.e2e.look import SCHEMES

DOCS = Path(__file__).parents[2] / "docs" / "screenshots"
KEPT = frozenset(
    (
        "reconnecting-markets-dark",
        "reconnecting-markets-light-phone",
        "syncing-watchlist-dark",
        "stale-instrument-dark",
        "stale-watchlist-light",
        "halted-instrument-light",
        "delisted-instrument-dark-phone",
        "limited-instrument-light-phone",
        "limited-log-dark",
    )
)
EDGE = 16
SHORT = 260
"""Pixels of a page that has no more to show."""

QUALITY = 82
DRAWN = """(part) => new Promise((done) => {
  if (document.activeElement?.matches('[data-pill]')) document.activeElement.blur();
  document.querySelector(part)?.scrollIntoView();
  let left = 30;
  const next = () => left-- ? requestAnimationFrame(next) : done();
  next();
})"""
"""Charts and rows follow a new size or theme some frames later."""


async def pictured(page: Page, state: str, height: int | None = None, part: str = "") -> None:
    """Of the page as it is, or of a ``part`` of it. Only on demand: tests see the same page either way."""
    folder = _folder()
    if folder is None:
        return
    for size in (DESK, PHONE):
        for scheme in SCHEMES:
            name = f"{state}-{scheme}{'-phone' if size is PHONE else ''}"
            if name in KEPT or folder != DOCS:
                await page.set_viewport_size(size)  # type: ignore[arg-type]
                await page.emulate_media(color_scheme=scheme)
                cut = {"x": 0, "y": 0, "width": size["width"], "height": height or size["height"]}
                _write(folder / f"{name}.webp", await _picture(page, part, cut))
    await page.set_viewport_size(DESK)  # type: ignore[arg-type]


def _folder() -> Path | None:
    named = os.environ.get("SCREENSHOTS")
    return Path(named).resolve() if named else None


async def _picture(page: Page, part: str, cut: dict[str, int]) -> bytes:
    await page.evaluate(DRAWN, part or "main > *")
    box = await page.locator(part).bounding_box() if part else None
    around = {"x": box["x"] - EDGE, "y": box["y"], "width": box["width"] + 2 * EDGE} if box else {}
    clip = {**cut, **around, "height": box["height"] if box else cut["height"], "scale": 1}
    session = await page.context.new_cdp_session(page)
    taken = await session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY, "clip": clip})
    await session.detach()
    return base64.b64decode(taken["data"])


def _write(path: Path, picture: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture)
