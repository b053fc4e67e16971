// @ts-check
/** The picture of candles and volume, in the page's own colours. It keeps where the reader looks. */
import { CandlestickSeries, createChart, createSeriesMarkers, CrosshairMode, HistogramSeries } from "lightweight-charts";

import { differsFrom } from "../core/barseries.js";
import { colour } from "../core/dom.js";

/** So many bars may change at the end until drawing all anew is cheaper. */
const FEW = 5;
const BAR_PX = 8;

/**
 * @typedef {import("../core/merge.js").Value} Bar
 * @typedef {{ts: number, up: boolean}} Mark of the bar that starts then: an arrow up below it, or down above it
 */

export class ChartCanvas {
  #element;
  #chart;
  #candles;
  #volume;
  /** @type {Bar[]} */
  #drawn = [];
  /** @type {any} */
  #marks = null;
  #removed = false;
  /** @type {Mark[]} */
  #marked = [];
  #tints = { up: "", down: "", missed: "", faint: "" };

  /**
   * @param {HTMLElement} element
   * @param {{decimals: number, hasVolume: boolean, price: (value: number) => string, dateAndTime: (us: number) => string}} words
   * @param {(ts: number | null) => void} onpoint seconds @param {() => void} onmove the visible part is another
   */
  constructor(element, { decimals, hasVolume, price, dateAndTime }, onpoint, onmove) {
    this.#element = element;
    this.#chart = createChart(element, {
      autoSize: true,
      layout: { attributionLogo: false, fontFamily: "Inter, sans-serif", fontSize: 11 },
      crosshair: { mode: CrosshairMode.Normal },
      timeScale: { timeVisible: true, rightOffset: 4, borderVisible: false, tickMarkFormatter: (/** @type {any} */ at, /** @type {number} */ kind) => tick(dateAndTime(at * 1e6), kind) },
      rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.1, bottom: hasVolume ? 0.24 : 0.1 } },
      localization: { priceFormatter: price, timeFormatter: (/** @type {any} */ at) => dateAndTime(at * 1e6) },
    });
    const priceFormat = { type: "price", precision: decimals, minMove: 10 ** -decimals };
    this.#candles = this.#chart.addSeries(CandlestickSeries, { priceFormat });
    this.#volume = this.#chart.addSeries(HistogramSeries, { visible: hasVolume, priceScaleId: "volume", priceFormat: { type: "volume" }, lastValueVisible: false, priceLineVisible: false });
    this.#chart.priceScale("volume").applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
    this.#chart.subscribeCrosshairMove((/** @type {any} */ { time }) => onpoint(typeof time === "number" ? time : null));
    this.#chart.timeScale().subscribeVisibleLogicalRangeChange(onmove);
    this.recolour();
  }

  remove() {
    this.#removed = true;
    this.#chart.remove();
  }

  recolour() {
    const [up, down, text, line, accent] = ["--up", "--down", "--text-3", "--line", "--line-2"].map(colour);
    const label = { color: accent, labelBackgroundColor: colour("--raised-2") };
    this.#chart.applyOptions({
      layout: { background: { color: "transparent" }, textColor: text },
      grid: { vertLines: { color: "transparent" }, horzLines: { color: line } },
      crosshair: { vertLine: label, horzLine: label },
    });
    this.#candles.applyOptions({ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down, borderVisible: false });
    this.#tints = { up: colour("--up-fill"), down: colour("--down-fill"), missed: line, faint: text };
    const drawn = this.#drawn;
    this.#drawn = [];
    if (drawn.length > 0) this.draw(drawn);
    if (this.#marked.length > 0) this.mark(this.#marked);
  }

  /** Another instrument or interval: nothing of what was drawn is meant any more. */
  clear() {
    this.#drawn = [];
    this.#candles.setData([]);
    this.#volume.setData([]);
  }

  /** The newest bars, as wide as they read well. @param {number} count */
  showNewest(count) {
    const fits = Math.max(40, Math.floor(this.#element.clientWidth / BAR_PX));
    this.#chart.timeScale().setVisibleLogicalRange({ from: count - fits, to: count + 4 });
  }

  /** How many bars are left of the picture; below zero: so much of it is empty. */
  get left() {
    return this.#chart.timeScale().getVisibleLogicalRange()?.from ?? 0;
  }

  /** The bar at that place in the middle, and pointed at. @param {number} index */
  look(index) {
    const half = Math.max(20, Math.floor(this.#element.clientWidth / BAR_PX / 2));
    this.#chart.timeScale().setVisibleLogicalRange({ from: index - half, to: index + half });
    const { ts, close } = this.#drawn[index];
    // The range is taken with the next frame; where the bar is then is not known before.
    requestAnimationFrame(() => this.#removed || this.#chart.setCrosshairPosition(Number(close), /** @type {any} */ (ts / 1e6), this.#candles));
  }

  /** In the order of their bars. @param {Mark[]} marks */
  mark(marks) {
    this.#marks ??= createSeriesMarkers(this.#candles, []);
    this.#marked = marks;
    const [up, down] = ["--up", "--down"].map(colour);
    this.#marks.setMarkers(marks.map((each) => ({ time: each.ts / 1e6, position: each.up ? "belowBar" : "aboveBar", shape: each.up ? "arrowUp" : "arrowDown", color: each.up ? up : down, size: 1.4 })));
  }

  /** Bars before the first keep the picture where it is: its place counts from the newest. @param {Bar[]} bars */
  draw(bars) {
    const from = differsFrom(this.#drawn, bars);
    if (from > 0 && bars.length - from <= FEW) {
      for (let at = from; at < bars.length; at++) {
        // Said to be of before, a new one throws; and so does one of before that is not said to be.
        const before = at < this.#drawn.length - 1;
        this.#candles.update(this.#candle(bars[at]), before);
        this.#volume.update(this.#bulk(bars[at]), before);
      }
    } else {
      this.#candles.setData(bars.map((bar) => this.#candle(bar)));
      this.#volume.setData(bars.map((bar) => this.#bulk(bar)));
    }
    this.#drawn = bars;
  }

  /** A bar that misses trades is grey: its ends may be wrong. @param {Bar} bar */
  #candle({ ts, open, high, low, close, incomplete, closed }) {
    const grey = incomplete && closed ? { color: this.#tints.faint, wickColor: this.#tints.faint } : {};
    return { time: ts / 1e6, open: Number(open), high: Number(high), low: Number(low), close: Number(close), ...grey };
  }

  /** @param {Bar} bar */
  #bulk({ ts, open, close, volume, incomplete }) {
    const { up, down, missed } = this.#tints;
    return { time: ts / 1e6, value: Number(volume), color: incomplete ? missed : Number(close) < Number(open) ? down : up };
  }
}

/** Days where a day begins, else the time. @param {string} text @param {number} kind of the library's marks: 3 and 4 are times */
function tick(text, kind) {
  return kind >= 3 ? text.slice(11) : kind === 0 ? text.slice(0, 4) : text.slice(5, 10);
}
