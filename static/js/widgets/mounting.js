// @ts-check
/** Widgets come for what the page holds. Until then, and where one does not come, what the server painted is kept by nobody. */
import { outdate } from "../core/dom.js";
import { WIDGETS } from "./registry.js";

/** @param {import("../main.js").Page} page */
export function mount(page) {
  document.documentElement.setAttribute("data-kept", ""); // the scripts are here: see base.css
  for (const root of document.querySelectorAll("[data-widget]")) {
    const load = WIDGETS[root.getAttribute("data-widget") ?? ""];
    load?.().then(({ default: Kind }) => {
      new Kind(root, page).connect();
      root.setAttribute("data-mounted", ""); // from here on a press is heard
    }).catch((error) => leave(root, page, error));
  }
}

/** It looks live no more, and the banner says to load the page again. @param {Element} root @param {import("../main.js").Page} page @param {unknown} error */
function leave(root, { scheduler }, error) {
  outdate(root);
  scheduler.add(() => { throw error; }).invalidate();
}
