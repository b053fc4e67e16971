// @ts-check
/** Notices that go by themselves: words at the edge of the page, read out once. A pointer on one keeps it. */
import { element } from "../core/dom.js";

const SHOWN_MS = 10_000;
const MOST = 4;

/**
 * @param {import("../core/clock.js").Clock} clock
 * @param {(Node | string)[]} words the oldest goes for the one that is too many
 */
export function toast(clock, words) {
  const place = document.querySelector("[data-toasts]");
  if (!place) return;
  const close = element("button", { type: "button", "aria-label": "Close this notice" }, "✕");
  const shown = element("div", { class: "toast" }, element("p", {}, ...words), close);
  let timer = clock.later(() => shown.remove(), SHOWN_MS);
  const stay = () => clock.cancel(timer);
  const leave = () => (timer = clock.later(() => shown.remove(), SHOWN_MS));
  close.addEventListener("click", () => (stay(), shown.remove()));
  shown.addEventListener("pointerenter", stay);
  shown.addEventListener("pointerleave", leave);
  shown.addEventListener("focusin", stay);
  shown.addEventListener("focusout", leave);
  while (place.childElementCount >= MOST) place.firstElementChild?.remove();
  place.append(shown);
}
