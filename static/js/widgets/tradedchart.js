// @ts-check
/** Candles with one's own trades on them: arrows at their bars, in words beside, each found from its line in the table. */
import { textOf, write } from "../core/dom.js";
import { marked, placeOf } from "../core/trades.js";
import { CandleChart } from "./candlechart.js";

/** So many bars back the longest ones are quicker than loading page after page. */
const FAR = 2000;
const SAID = 4;

/** @typedef {import("../core/merge.js").Value} Value */

export class TradedChart extends CandleChart {
  #trades;
  #said;
  #key = "";
  /** @type {Map<number, string[]>} */
  #words = new Map();
  /** @type {number | null} microseconds */
  #sought = null;
  /** @type {(found: boolean) => void} */
  #answer = () => {};
  /** @type {number | null} start of the bar that was looked for last */
  #found = null;

  /**
   * @param {Element} root @param {import("../main.js").Page} page @param {import("../main.js").Listed} listed
   * @param {import("../core/trades.js").Trade[]} trades oldest first @param {Element} said what those of the bar that is pointed at did
   */
  constructor(root, page, listed, trades, said) {
    super(root, page, listed);
    this.#trades = trades;
    this.#said = textOf(said);
  }

  /** Has the bar of that time in the middle, fetched if need be. @param {number} us @param {(found: boolean) => void} answer */
  look(us, answer) {
    this.#sought = us;
    this.#answer = answer;
    const away = (Date.now() * 1000 - us) / 60e6 / (this.topic.interval ?? 1);
    const longest = [...this.root.querySelectorAll("[data-interval]")].at(-1);
    if (away > FAR && longest?.getAttribute("aria-pressed") !== "true") /** @type {HTMLElement} */ (longest).click();
    this.invalidate();
  }

  /** @override @param {Value[]} bars @param {import("./chartcanvas.js").ChartCanvas} canvas */
  drawn(bars, canvas) {
    const minutes = this.topic.interval ?? 1;
    const key = `${minutes} ${bars.length} ${bars[0].ts} ${bars[bars.length - 1].ts}`;
    if (key !== this.#key) {
      const { marks, words } = marked(this.#trades, bars, minutes);
      this.#words = words;
      canvas.mark(marks);
    }
    this.#key = key;
    this.#seek(bars, minutes, canvas);
  }

  /** @param {Value[]} bars @param {number} minutes @param {import("./chartcanvas.js").ChartCanvas} canvas */
  #seek(bars, minutes, canvas) {
    if (this.#sought === null) return;
    const place = placeOf(bars, this.#sought, minutes);
    const isOlder = this.#sought < bars[0].ts;
    if (place < 0 && isOlder && !this.older.ended) return this.older.want(bars[0]);
    this.#sought = null;
    this.#found = place < 0 ? null : bars[place].ts;
    if (place >= 0) canvas.look(place);
    this.#answer(place >= 0);
  }

  /** Of the bar that is pointed at, else of the one that was looked for. @override @param {Value} bar @param {boolean} pointed */
  told(bar, pointed) {
    const words = this.#words.get(pointed ? bar.ts : this.#found ?? bar.ts) ?? [];
    const further = words.length > SAID ? [`and ${words.length - SAID} more`] : [];
    write(this.#said, [...words.slice(0, SAID), ...further].join(" · "));
  }
}
