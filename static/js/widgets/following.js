// @ts-check
/** Which options are followed: all of a few hundred, of thousands those near what is in view. */

const UPDATE_MS = 250;
/** The server takes 1,000 topics a socket; this many cost a page nothing. */
export const MOST = 500;

export class Following {
  #page;
  /** @type {Set<string>} */
  #held = new Set();

  /** @param {import("../main.js").Page} page */
  constructor(page) {
    this.#page = page;
  }

  get held() {
    return [...this.#held];
  }

  /** These, and as long as there is room for them those that were; what is left behind is forgotten, so that it never looks live. @param {string[]} symbols */
  follow(symbols) {
    const fresh = symbols.filter((symbol) => !this.#held.has(symbol));
    if (fresh.length === 0) return;
    if (this.#held.size + fresh.length > MOST) {
      const wanted = new Set(symbols);
      this.#leave(this.held.filter((symbol) => !wanted.has(symbol)));
    }
    for (const symbol of fresh) this.#held.add(symbol);
    this.#page.socket.want({ channel: "option", symbol: fresh, interval_ms: UPDATE_MS });
  }

  stop() {
    this.#leave(this.held);
  }

  /** @param {string[]} symbol */
  #leave(symbol) {
    if (symbol.length === 0) return;
    for (const each of symbol) this.#held.delete(each);
    this.#page.socket.drop({ channel: "option", symbol, interval_ms: UPDATE_MS });
  }
}
