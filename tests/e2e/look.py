"""What a person with poor eyes or a thick thumb would trip over, measured in the page."""

from __future__ import annotations

from typing import Literal

from playwright.async_api import CDPSession, Locator, Page

# Paints each colour on one pixel, because a computed colour may be in any notation.
_FAINT = """() => {
  const pixel = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = (colour) => {
    pixel.clearRect(0, 0, 1, 1); pixel.fillStyle = colour; pixel.fillRect(0, 0, 1, 1);
    return [...pixel.getImageData(0, 0, 1, 1).data].map((part, at) => at < 3 ? part : part / 255);
  };
  const over = (top, under) => under.map((part, at) => part * (1 - top[3]) + top[at] * top[3]);
  const light = (rgb) => {
    const [r, g, b] = rgb.map((part) => part / 255)
      .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      // A level of the book is filled by a gradient of one colour.
      const fill = style.backgroundImage.match(/(?:rgba?|color)\\([^)]*\\)/);
      if (fill) layers.push(rgba(fill[0]));
      layers.push(rgba(style.backgroundColor));
      if (layers.at(-1)[3] === 1) break;
    }
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const opacity = (element) => {
    let all = 1;
    for (let at = element; at; at = at.parentElement) all *= getComputedStyle(at).opacity;
    return all;
  };
  const faint = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || element.closest('script, noscript, option')) continue;
    if (!element.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
    const under = behind(element);
    const own = rgba(getComputedStyle(element).color);
    const text = over([...own.slice(0, 3), own[3] * opacity(element)], under);
    const [a, b] = [text, under].map(light).sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) faint.push(`${texts.currentNode.data.trim().slice(0, 20)} ${ratio.toFixed(2)}`);
  }
  return faint;
}"""
_SMALL = """() => {
  const small = [];
  for (const element of document.querySelectorAll('a, button, select, summary, input, [tabindex="0"]')) {
    if (!element.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
    if (element.closest('.credit, [data-rows][tabindex], .skip')) continue;  // inside a sentence, not pressed
    // A label or a whole row, form or cell may take the press for what stands in it.
    const pressed = element.closest('label, tr[data-symbol], .others tr, form.search') ?? element;
    const {width, height} = pressed.getBoundingClientRect();
    if (width < 43.5 || height < 43.5) small.push(`${element.outerHTML.slice(0, 60)} ${width}×${height}`);
  }
  return small;
}"""


SCHEMES: tuple[Literal["dark", "light"], ...] = ("dark", "light")


async def faint_texts(page: Page) -> list[str]:
    """Texts in view with a contrast below 4.5 : 1 to what is behind them, in the dark and in the light."""
    found = []
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}: {each}" for each in await page.evaluate(_FAINT)]
    return found


async def small_targets(page: Page) -> list[str]:
    """What a thumb should press and is less than 44 pixels high or wide."""
    return await page.evaluate(_SMALL)


async def held(session: CDPSession) -> dict[str, float]:
    """What the page's engine holds once its garbage is collected: listeners and nodes among others."""
    await session.send("Performance.enable")
    await session.send("HeapProfiler.collectGarbage")
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    return {each["name"]: each["value"] for each in metrics}


async def tabbed(page: Page, wanted: Locator) -> None:
    """To it, by nothing but the Tab key."""
    await page.locator(".skip").focus()
    for _ in range(80):
        await page.keyboard.press("Tab")
        if await wanted.evaluate("(each) => each === document.activeElement"):
            return
    raise AssertionError(f"expected Tab to reach {wanted}")
