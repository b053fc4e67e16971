// @ts-check
/** Fills the moving columns of the administrator's list, each second while somebody looks at it. */
(() => {
  "use strict";
  const EVERY_MS = 1_000;
  const AFTER_FAILURE_MS = 5_000;
  const WORDS = { off: "Off", live: "Live", syncing: "Syncing", stale: "Stale", halted: "Halted", closed: "Closed", delisted: "Delisted", down: "Down", refused: "Refused" };
  /** @type {Map<string, Record<string, HTMLElement>>} */
  const rows = new Map();
  let timer = 0;

  /** @param {number | null | undefined} us */
  function age(us) {
    if (us === null || us === undefined) return "–";
    const s = us / 1e6;
    return s < 1 ? "< 1 s" : s < 120 ? `${Math.floor(s)} s` : s < 7200 ? `${Math.floor(s / 60)} min` : `${Math.floor(s / 3600)} h`;
  }

  /** @param {HTMLElement | undefined} cell @param {string} text @param {string} [title] */
  function write(cell, text, title = "") {
    if (!cell) return;
    if (cell.textContent !== text) cell.textContent = text;
    if (cell.title !== title) cell.title = title;
  }

  /** @param {Record<string, HTMLElement>} cells @param {any} row */
  function draw(cells, row) {
    const reason = row.reason ?? "";
    const state = /(^|: )refused: /.test(reason) ? "refused" : row.state;
    cells.state?.setAttribute("data-state", state);
    write(cells.state, WORDS[/** @type {keyof WORDS} */ (state)] ?? state, reason);
    write(cells.age, age(row.age_us));
    write(cells.rate, row.messages_per_s === undefined ? "–" : row.messages_per_s.toFixed(1));
    write(cells.gaps, row.gaps === undefined ? "–" : String(row.gaps));
    const said = row.state === "live" || row.state === "off" ? row.last_error : reason || row.last_error;
    write(cells.last_error, said || "–", said ?? "");
  }

  /** Nothing looks live that is not. @param {string} words */
  function lost(words) {
    for (const cells of rows.values()) {
      if (cells.state?.getAttribute("data-state") === "off") continue;
      cells.state?.setAttribute("data-state", "stale");
      write(cells.state, "Unknown", words);
    }
  }

  async function ask() {
    const query = new URLSearchParams([...rows.keys()].map((symbol) => ["symbol", symbol]));
    let wait = EVERY_MS;
    try {
      const response = await fetch(`/admin/instruments/instrument/live/?${query}`, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(2_000) });
      if (!response.ok) throw new Error(response.status === 403 ? "signed out" : `the server answered with status ${response.status}`);
      const found = (await response.json()).rows;
      for (const [symbol, cells] of rows) if (found[symbol]) draw(cells, found[symbol]);
    } catch (problem) {
      lost(problem instanceof Error ? problem.message : "the server does not answer");
      wait = AFTER_FAILURE_MS;
    }
    timer = document.visibilityState === "visible" ? window.setTimeout(ask, wait) : 0;
  }

  function look() {
    if (document.visibilityState === "visible" && timer === 0 && rows.size > 0) {
      timer = -1;
      void ask();
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const cell of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-live]"))) {
      const symbol = cell.dataset.symbol ?? "";
      rows.set(symbol, { ...rows.get(symbol), [cell.dataset.live ?? ""]: cell });
    }
    document.addEventListener("visibilitychange", look);
    look();
  });
})();
