// @ts-check
/** Portfolios that a widget follows, and markets besides: drawn when one of them moved, when what is live changed, and as ages grow. */

export class PortfolioTopics {
  #page;
  #ids;
  #markets;
  #everyMs;
  #drawing;
  /** @type {(() => void)[]} */
  #stops = [];

  /** @param {import("../main.js").Page} page @param {string[]} ids @param {() => void} draw @param {number} everyMs at most so often @param {string[]} [markets] */
  constructor(page, ids, draw, everyMs, markets = []) {
    this.#page = page;
    this.#ids = ids;
    this.#markets = markets;
    this.#everyMs = everyMs;
    this.#drawing = page.scheduler.add(draw, everyMs);
  }

  /** @param {string} id */
  entry(id) {
    return this.#page.store.get({ channel: "portfolio", symbol: id });
  }

  connect() {
    const { socket, store, pulse } = this.#page;
    this.#stops.push(
      store.watch("portfolio", ({ symbol }) => this.#ids.includes(symbol) && this.#drawing.invalidate()),
      pulse.watch(({ changed, second }) => (changed || second) && this.#drawing.invalidate()),
      socket.want({ channel: "portfolio", symbol: this.#ids }),
    );
    if (this.#markets.length === 0) return;
    this.#stops.push(
      store.watch("ticker", ({ symbol }) => this.#markets.includes(symbol) && this.#drawing.invalidate()),
      socket.want({ channel: "ticker", symbol: this.#markets, interval_ms: this.#everyMs }),
    );
  }

  disconnect() {
    this.#drawing.remove();
    for (const stop of this.#stops.splice(0)) stop();
  }
}
