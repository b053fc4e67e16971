// @ts-check
/** The page of one instrument: its parts share one subscription to each channel. */
import { required } from "../core/dom.js";
import { CandleChart } from "./candlechart.js";
import { DepthChart } from "./depthchart.js";
import { Ladder } from "./ladder.js";
import { Quotes } from "./quotes.js";
import { Summary } from "./summary.js";
import { Tape } from "./tape.js";

const DEPTHS = [100, 25, 10];
const TICKER_MS = 100;
const BOOK_MS = 100;
const TAPE_MS = 200;

export default class Instrument {
  #page;
  #wants;
  /** @type {import("../main.js").Widget[]} */
  #parts = [];
  /** @type {(() => void)[]} */
  #stops = [];

  /** @param {Element} root @param {import("../main.js").Page} page */
  constructor(root, page) {
    this.#page = page;
    const [listed, ...others] = page.listed;
    const { symbol, bookDepth } = listed;
    const part = (/** @type {string} */ name) => required(root, `[data-part="${name}"]`);
    // The deepest that the feed follows; a book is never shown deeper than it is known.
    const depth = DEPTHS.find((offered) => offered <= bookDepth);
    const book = depth ? { channel: "book", symbol, depth } : null;
    this.#wants = [
      { channel: "ticker", symbol: [symbol], interval_ms: TICKER_MS },
      { channel: "trade", symbol: [symbol], interval_ms: TAPE_MS },
      ...(book ? [{ channel: "book", symbol: [symbol], depth, interval_ms: BOOK_MS }] : []),
    ];
    this.#parts = [
      new Summary(part("summary"), page, listed, book),
      new CandleChart(part("chart"), page, listed),
      new Tape(part("tape"), page, listed),
      new Quotes(part("quotes"), page, listed, others),
      ...(book ? [new Ladder(part("book"), page, listed, book), new DepthChart(part("depth"), page, listed, book)] : []),
    ];
  }

  connect() {
    for (const part of this.#parts) part.connect();
    for (const params of this.#wants) this.#stops.push(this.#page.socket.want(params));
  }

  disconnect() {
    for (const part of this.#parts) part.disconnect();
    for (const stop of this.#stops.splice(0)) stop();
  }
}
