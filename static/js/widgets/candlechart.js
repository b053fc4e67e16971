// @ts-check
/** Candles with volume and a live bar, in the page's own colours, with a table of the same bars behind them. */
import { CandlestickSeries, createChart, CrosshairMode, HistogramSeries } from "lightweight-charts";

import { attribute, colour, element, required, textOf, write } from "../core/dom.js";
import { zoneOf } from "../core/zone.js";
import { Part } from "./part.js";

const DRAW_MS = 200;
const INTERVALS = [1, 5, 15, 60, 240, 1440];
const TABLE_ROWS = 60;
const KEPT_INTERVAL = "chart-interval";

/** @typedef {import("../core/merge.js").Value} Value */

export class CandleChart extends Part {
  #canvas;
  #legend;
  #table;
  #body;
  #switch;
  #zone;
  /** @type {any} */
  #chart = null;
  /** @type {any} */
  #candles = null;
  /** @type {any} */
  #volume = null;
  /** @type {Value[]} as drawn */
  #drawn = [];
  /** @type {number | null} seconds */
  #pointed = null;
  #tints = { up: "", down: "", missed: "" };
  #leave = () => {};

  /** @param {Element} root @param {import("../main.js").Page} page @param {import("../main.js").Listed} listed */
  constructor(root, page, listed) {
    super(root, page, listed, { channel: "ohlc", symbol: listed.symbol, interval: keptInterval() }, DRAW_MS);
    this.#canvas = /** @type {HTMLElement} */ (required(root, "[data-chart]"));
    this.#legend = textOf(required(root, "[data-legend]"));
    this.#table = required(root, "[data-bars]");
    this.#body = required(this.#table, "tbody");
    this.#switch = required(root, "[data-table-switch]");
    this.#zone = zoneOf(document.documentElement.dataset.zone, listed.zone);
    write(textOf(required(root, "[data-zone]")), `Start, ${this.#zone.word}`);
  }

  connect() {
    const ending = new AbortController();
    const { signal } = ending;
    this.#make();
    for (const button of this.root.querySelectorAll("[data-interval]")) {
      button.addEventListener("click", () => this.#choose(Number(button.getAttribute("data-interval"))), { signal });
    }
    this.#switch.addEventListener("click", () => this.#toggle(), { signal });
    addEventListener("displaychange", () => this.#recolour(), { signal });
    matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => this.#recolour(), { signal });
    INTERVALS.forEach((interval, at) => this.stops.push(this.page.keys.add(String(at + 1), () => this.#choose(interval))));
    this.stops.push(() => ending.abort(), () => this.#leave(), () => this.#chart.remove());
    super.connect();
    this.#choose(this.topic.interval ?? 1);
  }

  #make() {
    const { priceDecimals } = this.listed;
    const price = (/** @type {number} */ value) => this.page.format.price(value.toFixed(priceDecimals), priceDecimals);
    this.#chart = createChart(this.#canvas, {
      autoSize: true,
      layout: { attributionLogo: false, fontFamily: "Inter, sans-serif", fontSize: 11 },
      crosshair: { mode: CrosshairMode.Normal },
      timeScale: { timeVisible: true, rightOffset: 4, borderVisible: false, tickMarkFormatter: (/** @type {any} */ at, /** @type {number} */ kind) => this.#tick(at, kind) },
      rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.1, bottom: 0.24 } },
      localization: { priceFormatter: price, timeFormatter: (/** @type {any} */ at) => this.#zone.dateAndTime(at * 1e6) },
    });
    const priceFormat = { type: "price", precision: priceDecimals, minMove: 10 ** -priceDecimals };
    this.#candles = this.#chart.addSeries(CandlestickSeries, { priceFormat });
    this.#volume = this.#chart.addSeries(HistogramSeries, { priceScaleId: "volume", priceFormat: { type: "volume" }, lastValueVisible: false, priceLineVisible: false });
    this.#chart.priceScale("volume").applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
    this.#chart.subscribeCrosshairMove((/** @type {any} */ { time }) => {
      this.#pointed = typeof time === "number" ? time : null;
      this.#drawLegend();
    });
    this.#recolour();
  }

  #recolour() {
    const [up, down, text, line, accent] = ["--up", "--down", "--text-3", "--line", "--line-2"].map(colour);
    this.#chart.applyOptions({
      layout: { background: { color: "transparent" }, textColor: text },
      grid: { vertLines: { color: "transparent" }, horzLines: { color: line } },
      crosshair: { vertLine: { color: accent, labelBackgroundColor: colour("--raised-2") }, horzLine: { color: accent, labelBackgroundColor: colour("--raised-2") } },
    });
    this.#candles.applyOptions({ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down, borderVisible: false });
    this.#tints = { up: colour("--up-fill"), down: colour("--down-fill"), missed: line };
    this.#drawn = [];
    this.invalidate();
  }

  /** Days where a day begins, else the time. @param {number} at seconds @param {number} kind of the library's marks: 3 and 4 are times */
  #tick(at, kind) {
    const text = this.#zone.dateAndTime(at * 1e6);
    return kind >= 3 ? text.slice(11) : kind === 0 ? text.slice(0, 4) : text.slice(5, 10);
  }

  /** @param {number} interval minutes */
  #choose(interval) {
    this.#leave();
    this.topic = { ...this.topic, interval };
    this.#drawn = [];
    const { symbol } = this.listed;
    this.#leave = this.page.socket.want({ channel: "ohlc", symbol: [symbol], interval, interval_ms: DRAW_MS });
    for (const button of this.root.querySelectorAll("[data-interval]")) {
      attribute(button, "aria-pressed", String(Number(button.getAttribute("data-interval")) === interval));
    }
    sessionStorage.setItem(KEPT_INTERVAL, String(interval));
    this.invalidate();
  }

  draw() {
    const bars = /** @type {Value[]} */ (this.entry?.value.bars ?? []);
    this.say(bars.length > 0);
    if (bars.length === 0) return;
    if (continues(this.#drawn, bars)) this.#update(bars);
    else this.#whole(bars);
    this.#drawn = bars;
    this.#drawLegend();
    if (!this.#table.hasAttribute("hidden")) this.#drawTable();
  }

  /** @param {Value[]} bars */
  #whole(bars) {
    this.#candles.setData(bars.map(candle));
    this.#volume.setData(bars.map((bar) => volume(bar, this.#tints)));
    const fits = Math.max(40, Math.floor(this.#canvas.clientWidth / 8));
    this.#chart.timeScale().setVisibleLogicalRange({ from: bars.length - fits, to: bars.length + 4 });
  }

  /** The running bar, and the one that it follows. @param {Value[]} bars */
  #update(bars) {
    const from = Math.max(0, bars.length - 1 - Math.max(0, bars.length - this.#drawn.length));
    for (const bar of bars.slice(from)) {
      this.#candles.update(candle(bar));
      this.#volume.update(volume(bar, this.#tints));
    }
  }

  #drawLegend() {
    const bar = this.#drawn.find(({ ts }) => ts / 1e6 === this.#pointed) ?? this.#drawn.at(-1);
    if (!bar) return;
    const price = (/** @type {string} */ text) => this.page.format.price(text, this.listed.priceDecimals);
    const notes = [bar.closed ? "" : " · running", bar.incomplete ? " · some trades missed" : ""].join("");
    // What a narrow page cuts off is at the end: never whether the bar is whole.
    write(this.#legend, `${this.#zone.dateAndTime(bar.ts)} ${this.#zone.word}${notes}  O ${price(bar.open)}  H ${price(bar.high)}  L ${price(bar.low)}  C ${price(bar.close)}  V ${this.page.format.compact(bar.volume)}`);
  }

  #toggle() {
    const table = this.#table.toggleAttribute("hidden") === false;
    this.#canvas.toggleAttribute("hidden", table);
    attribute(this.#switch, "aria-pressed", String(table));
    if (table) this.#drawTable();
  }

  #drawTable() {
    const { format } = this.page;
    const price = (/** @type {string} */ text) => format.price(text, this.listed.priceDecimals);
    const rows = this.#drawn.slice(-TABLE_ROWS).reverse().map((bar) => {
      const texts = [this.#zone.dateAndTime(bar.ts), price(bar.open), price(bar.high), price(bar.low), price(bar.close), format.compact(bar.volume)];
      return element("tr", bar.incomplete ? { "data-incomplete": "" } : {}, ...texts.map((text) => element("td", {}, text)));
    });
    this.#body.replaceChildren(...rows);
  }
}

function keptInterval() {
  const kept = Number(sessionStorage.getItem(KEPT_INTERVAL));
  return INTERVALS.includes(kept) ? kept : 1;
}

/** Whether only the end of the list is new. @param {Value[]} drawn @param {Value[]} bars */
function continues(drawn, bars) {
  const last = drawn.at(-1);
  if (!last || bars.length < drawn.length || bars.length > drawn.length + 2) return false;
  return drawn[0].ts === bars[0].ts && bars[drawn.length - 1].ts === last.ts;
}

/** @param {Value} bar */
function candle({ ts, open, high, low, close }) {
  return { time: ts / 1e6, open: Number(open), high: Number(high), low: Number(low), close: Number(close) };
}

/** @param {Value} bar @param {{up: string, down: string, missed: string}} tints */
function volume(bar, tints) {
  const color = bar.incomplete ? tints.missed : Number(bar.close) < Number(bar.open) ? tints.down : tints.up;
  return { time: bar.ts / 1e6, value: Number(bar.volume), color };
}
