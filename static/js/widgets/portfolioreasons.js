// @ts-check
/** Why a line of a portfolio is not live: what is between its prices and this page says so, or its venue, or the market itself. */

const WATCH_MS = 1_000;

export class Reasons {
  #page;
  /** @type {Map<string, () => void>} markets that are followed for their word → stop */
  #followed = new Map();
  /** @type {Set<string>} asked about since {@link begin} */
  #asked = new Set();
  /** Whoever has a link to a portfolio may not read markets by it. */
  #mayAsk = document.body.dataset.page !== "shared";

  /** @param {import("../main.js").Page} page */
  constructor(page) {
    this.#page = page;
  }

  /** Before the lines of one drawing. */
  begin() {
    this.#asked.clear();
  }

  /** @param {any} item @returns {string} "" while it is live */
  of(item) {
    const markets = /** @type {string[]} */ ("name" in item ? [item.name] : item.by);
    const worst = markets.map((name) => this.#standing(name)).find(({ state }) => state !== "live");
    if (item.live && !worst) return "";
    for (const name of this.#mayAsk ? markets : []) this.#follow(name);
    return worst ? phrase(worst) : "stale";
  }

  /** After them: nobody asks about the others any more. */
  settle() {
    for (const name of this.#followed.keys()) if (!this.#asked.has(name)) this.#leave(name);
  }

  stop() {
    for (const name of this.#followed.keys()) this.#leave(name);
  }

  /** @param {string} name */
  #standing(name) {
    const entry = this.#followed.has(name) ? this.#page.store.get({ channel: "ticker", symbol: name }) : undefined;
    return this.#page.liveness.standing(name.slice(0, name.indexOf(":")), entry?.value ?? { state: "live" });
  }

  /** @param {string} name */
  #follow(name) {
    this.#asked.add(name);
    if (!this.#followed.has(name)) this.#followed.set(name, this.#page.socket.want({ channel: "ticker", symbol: [name], interval_ms: WATCH_MS }));
  }

  /** @param {string} name */
  #leave(name) {
    this.#followed.get(name)?.();
    this.#followed.delete(name);
  }
}

/** @param {{state?: string, reason?: string}} standing */
export function phrase({ state, reason }) {
  return reason ? `${state}: ${reason}` : String(state);
}
