// @ts-check
/** Portfolios that a widget follows: drawn when one of them moved, when what is live changed, and as ages grow. */

import { outdate } from "../core/dom.js";

export class PortfolioTopics {
  #page;
  #ids;
  #drawing;
  /** @type {(() => void)[]} */
  #stops = [];

  /**
   * @param {import("../main.js").Page} page @param {Element} root what looks live where all is drawn @param {string[]} ids
   * @param {() => void} draw @param {number} everyMs at most so often
   */
  constructor(page, root, ids, draw, everyMs) {
    this.#page = page;
    this.#ids = ids;
    this.#drawing = page.scheduler.add(draw, everyMs, () => outdate(root));
  }

  /** @param {string} id */
  entry(id) {
    return this.#page.store.get({ channel: "portfolio", symbol: id });
  }

  /** Something besides them moved. */
  stir() {
    this.#drawing.invalidate();
  }

  connect() {
    const { socket, store, pulse } = this.#page;
    this.#stops.push(
      store.watch("portfolio", ({ symbol }) => this.#ids.includes(symbol) && this.#drawing.invalidate()),
      pulse.watch(({ changed, second }) => (changed || second) && this.#drawing.invalidate()),
      socket.want({ channel: "portfolio", symbol: this.#ids }),
    );
  }

  disconnect() {
    this.#drawing.remove();
    for (const stop of this.#stops.splice(0)) stop();
  }
}
