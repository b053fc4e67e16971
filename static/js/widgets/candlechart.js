// @ts-check
/** Candles with volume and a live bar, as far back as bars are stored, with a table of the same bars behind them. */
import { BarSeries } from "../core/barseries.js";
import { attribute, element, required, textOf, write } from "../core/dom.js";
import { zoneOf } from "../core/zone.js";
import { ChartCanvas } from "./chartcanvas.js";
import { NewestBars } from "./newestbars.js";
import { OlderBars } from "./olderbars.js";
import { Part } from "./part.js";
import { keepInterval, keptInterval } from "./chartinterval.js";

const DRAW_MS = 200;
const TABLE_ROWS = 60;
/** Bars left of the picture at which the page before them is fetched. */
const AHEAD = 150;
/** Without a live bar for so long, the stored ones are shown alone. */
const ALONE_MS = 700;

/** @typedef {import("../core/merge.js").Value} Value */

export class CandleChart extends Part {
  #canvas;
  #legend;
  #table;
  #body;
  #switch;
  #zone;
  /** False where its venue tells no volume of a bar. */
  #hasVolume;
  /** @type {ChartCanvas | null} */
  #chart = null;
  #series = new BarSeries(1);
  #older;
  #newest;
  /** @type {Value[] | undefined} the live bars that were joined last */
  #live;
  #placed = false;
  /** @type {number | null} seconds */
  #pointed = null;
  /** @type {unknown} */
  #alone = null;
  #leave = () => {};

  /** @param {Element} root @param {import("../main.js").Page} page @param {import("../main.js").Listed} listed */
  constructor(root, page, listed) {
    super(root, page, listed, { channel: "ohlc", symbol: listed.symbol, interval: keptInterval(root) }, DRAW_MS);
    this.#canvas = /** @type {HTMLElement} */ (required(root, "[data-chart]"));
    this.#legend = textOf(required(root, "[data-legend]"));
    this.#table = required(root, "[data-bars]");
    this.#body = required(this.#table, "tbody");
    this.#switch = required(root, "[data-table-switch]");
    this.#hasVolume = !listed.untold.includes("bar_volume");
    required(root, "[data-volume]").toggleAttribute("hidden", !this.#hasVolume);
    this.#zone = zoneOf(document.documentElement.dataset.zone, listed.zone);
    write(textOf(required(root, "[data-zone]")), `Start, ${this.#zone.word}`);
    const moment = (/** @type {number} */ us) => `${this.#zone.dateAndTime(us)} ${this.#zone.word}`;
    this.#older = new OlderBars(required(root, "[data-older]"), page.clock, listed.slug, moment, (bars) => this.#paged(bars));
    this.#newest = listed.without.ohlc ? new NewestBars(page.clock, listed.slug, (bars) => this.#joined(bars)) : null;
  }

  connect() {
    const ending = new AbortController();
    const { signal } = ending;
    const { priceDecimals } = this.listed;
    const price = (/** @type {number} */ value) => this.page.format.price(value.toFixed(priceDecimals), priceDecimals);
    const pointed = (/** @type {number | null} */ ts) => { this.#pointed = ts; this.#drawLegend(); };
    const chart = new ChartCanvas(this.#canvas, { decimals: priceDecimals, price, hasVolume: this.#hasVolume, dateAndTime: (us) => this.#zone.dateAndTime(us) }, pointed, () => this.#lookBack());
    this.#chart = chart;
    for (const button of this.root.querySelectorAll("[data-interval]")) {
      button.addEventListener("click", () => this.#choose(Number(button.getAttribute("data-interval"))), { signal });
    }
    this.#switch.addEventListener("click", () => this.#toggle(), { signal });
    addEventListener("displaychange", () => chart.recolour(), { signal });
    matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => chart.recolour(), { signal });
    this.stops.push(this.page.keys.on("interval", (key) => (this.#meant ? this.#chooseNth(Number(key)) : false)));
    this.stops.push(() => ending.abort(), () => this.#leave(), () => this.#older.stop(), () => this.#newest?.stop(), () => chart.remove());
    super.connect();
    this.#choose(this.topic.interval ?? 1);
  }

  /** Keys are for the chart that is pointed at or has the focus, or else for the first. */
  get #meant() {
    const charts = [...document.querySelectorAll('[data-part="chart"]')];
    return (charts.find((chart) => chart.matches(":focus-within")) ?? charts.find((chart) => chart.matches(":hover")) ?? charts[0]) === this.root;
  }

  /** As by its button, so that whoever listens to that hears it. @param {number} nth from one on, of those that the server offers */
  #chooseNth(nth) {
    const button = /** @type {HTMLElement | undefined} */ ([...this.root.querySelectorAll("[data-interval]")][nth - 1]);
    return button ? button.click() : false;
  }

  /** @param {number} interval minutes */
  #choose(interval) {
    const { clock, socket } = this.page;
    this.#leave();
    this.topic = { ...this.topic, interval };
    this.#series = new BarSeries(interval);
    this.#live = undefined;
    this.#placed = false;
    this.#chart?.clear();
    this.#older.start(interval);
    this.#newest?.start(interval);
    const unwant = socket.want({ channel: "ohlc", symbol: [this.listed.symbol], interval, interval_ms: DRAW_MS });
    this.#alone = clock.later(() => this.#placed || this.#older.want(undefined), ALONE_MS);
    this.#leave = () => { unwant(); clock.cancel(this.#alone); };
    for (const button of this.root.querySelectorAll("[data-interval]")) {
      attribute(button, "aria-pressed", String(Number(button.getAttribute("data-interval")) === interval));
    }
    if (!this.root.closest(".arranging")) keepInterval(this.root, interval); // there the screen remembers
    this.invalidate();
  }

  draw() {
    const live = /** @type {Value[]} */ (this.entry?.value.bars ?? []);
    if (live !== this.#live && live.length > 0) {
      this.#join(live);
      this.#live = live;
    }
    const { bars } = this.#series;
    this.say(bars.length > 0);
    this.#lookBack();
    if (bars.length === 0) return;
    this.#chart?.draw(bars);
    if (!this.#placed) this.#chart?.showNewest(bars.length);
    this.#placed = true;
    this.drawn(bars, /** @type {ChartCanvas} */ (this.#chart));
    this.#drawLegend();
    if (!this.#table.hasAttribute("hidden")) this.#drawTable();
  }

  /** @param {Value[]} newest oldest first */
  #join(newest) {
    const oldest = this.#series.bars[0];
    this.#series.join(newest);
    if (oldest && this.#series.bars[0].ts > oldest.ts) this.#older.reset();
  }

  /** Where none are live. @param {Value[]} stored oldest first */
  #joined(stored) {
    this.#join(stored);
    this.invalidate();
  }

  /** For who draws more on it. @param {Value[]} bars @param {ChartCanvas} canvas */
  drawn(bars, canvas) {}

  /** The legend speaks of this bar. @param {Value} bar @param {boolean} pointed at; else it is the newest */
  told(bar, pointed) {}

  get older() {
    return this.#older;
  }

  /** A page of older bars came, or none will, or it is time to ask again. @param {Value[]} bars */
  #paged(bars) {
    this.#series.prepend(bars);
    if (this.#series.bars.length === 0) this.#older.want(undefined); // no edge that one could scroll to
    this.invalidate();
  }

  /** Fetch the page before the picture's edge while the reader is on the way there. */
  #lookBack() {
    const first = this.#series.bars[0];
    const left = this.#placed ? this.#chart?.left ?? 0 : Infinity;
    if (first && left < AHEAD) this.#older.want(first);
    this.#older.show(first, left <= 0, left < 0);
  }

  #drawLegend() {
    const { bars } = this.#series;
    const bar = bars.find(({ ts }) => ts / 1e6 === this.#pointed) ?? bars.at(-1);
    if (!bar) return;
    this.told(bar, this.#pointed !== null);
    const price = (/** @type {string} */ text) => this.page.format.price(text, this.listed.priceDecimals);
    const ended = this.#newest && bar === bars.at(-1) ? " · ended, none runs" : "";
    const notes = [bar.closed ? ended : this.standing.state === "live" ? " · running" : " · not ended", bar.incomplete ? " · some trades missed" : ""].join("");
    const volume = this.#hasVolume ? `  V ${this.page.format.compact(bar.volume)}` : "";
    // What a narrow page cuts off is at the end: never whether the bar is whole.
    write(this.#legend, `${this.#zone.dateAndTime(bar.ts)} ${this.#zone.word}${notes}  O ${price(bar.open)}  H ${price(bar.high)}  L ${price(bar.low)}  C ${price(bar.close)}${volume}`);
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
    const rows = this.#series.bars.slice(-TABLE_ROWS).reverse().map((bar) => {
      const texts = [this.#zone.dateAndTime(bar.ts), price(bar.open), price(bar.high), price(bar.low), price(bar.close), ...(this.#hasVolume ? [format.compact(bar.volume)] : [])];
      return element("tr", bar.incomplete ? { "data-incomplete": "" } : {}, ...texts.map((text) => element("td", {}, text)));
    });
    this.#body.replaceChildren(...rows);
  }
}
