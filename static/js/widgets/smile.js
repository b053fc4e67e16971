// @ts-check
/** The volatilities of one expiry as a picture, a few times a second at most, with a table of the same numbers. */
import { attribute, colour, element, outdate, required, textOf, write } from "../core/dom.js";
import { boundsOf, pointOf, ticks } from "../core/smile.js";
import { standingOf } from "./chainrow.js";

const DRAW_MS = 250;
const AXIS = 18;
const LEFT = 44;
const RIGHT = 32;
const INSET = 8;

/** @typedef {import("../core/smile.js").Point} Point @typedef {{x: (strike: number) => number, y: (iv: number) => number, width: number, height: number}} Frame */

export class Smile {
  #root;
  #page;
  #section;
  #look;
  #canvas;
  #legend;
  #drawing;
  /** @type {Record<string, string>} */
  #colours = {};
  /** @type {number | null} pixels from the left */
  #pointer = null;
  #size = { width: 0, height: 0 };
  #ending = new AbortController();
  #resized = new ResizeObserver(([{ contentRect }]) => this.#resize(contentRect));

  /** @param {Element} root @param {import("../main.js").Page} page @param {import("./strikes.js").Section} section @param {import("./chainrow.js").Look} look */
  constructor(root, page, section, look) {
    this.#root = root;
    this.#page = page;
    this.#section = section;
    this.#look = look;
    this.#canvas = /** @type {HTMLCanvasElement} */ (required(root, "canvas"));
    this.#legend = textOf(required(root, "[data-legend]"));
    this.#drawing = page.scheduler.add(() => this.#draw(), DRAW_MS, () => outdate(root));
  }

  connect() {
    const { signal } = this.#ending;
    for (const type of /** @type {const} */ (["pointermove", "pointerdown", "pointerleave"])) {
      this.#canvas.addEventListener(type, (event) => this.#point(type === "pointerleave" ? null : event.offsetX), { signal });
    }
    required(this.#root, "[data-table-switch]").addEventListener("click", () => this.#toggle(), { signal });
    addEventListener("displaychange", () => this.#recolour(), { signal });
    matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => this.#recolour(), { signal });
    this.#resized.observe(this.#canvas);
    this.#recolour();
  }

  disconnect() {
    this.#ending.abort();
    this.#resized.disconnect();
    this.#drawing.remove();
  }

  invalidate() {
    this.#drawing.invalidate();
  }

  #recolour() {
    for (const name of ["accent", "line", "line-2", "text", "text-2", "text-3", "warn"]) this.#colours[name] = colour(`--${name}`);
    this.invalidate();
  }

  /** @param {{width: number, height: number}} size */
  #resize({ width, height }) {
    this.#size = { width, height };
    this.invalidate();
  }

  /** @param {number | null} x */
  #point(x) {
    this.#pointer = x;
    this.invalidate();
  }

  #toggle() {
    const table = required(this.#root, "[data-bars]").toggleAttribute("hidden") === false;
    required(this.#root, "[data-canvas]").toggleAttribute("hidden", table);
    attribute(required(this.#root, "[data-table-switch]"), "aria-pressed", String(table));
    this.invalidate();
  }

  /** @returns {Point[]} */
  #points() {
    const read = (/** @type {import("./chainrow.js").Option} */ option) => ({
      value: this.#page.store.get({ channel: "option", symbol: option.symbol })?.value,
      live: standingOf(this.#page, this.#look, option).state === "live",
    });
    return this.#section.lines.flatMap((line) => pointOf(line, this.#section.forward, read) ?? []);
  }

  #draw() {
    const points = this.#points();
    const bounds = boundsOf(points);
    attribute(this.#root, "data-known", bounds ? "" : null);
    if (!required(this.#root, "[data-bars]").hasAttribute("hidden")) return this.#drawTable(points);
    const context = this.#canvas.getContext("2d");
    const { width, height } = this.#size;
    if (!context || !width) return;
    const ratio = devicePixelRatio || 1;
    if (this.#canvas.width !== Math.round(width * ratio)) this.#canvas.width = Math.round(width * ratio);
    if (this.#canvas.height !== Math.round(height * ratio)) this.#canvas.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    if (!bounds) return write(this.#legend, "");
    const [first, last] = [points[0].strike, points[points.length - 1].strike];
    const frame = {
      x: (/** @type {number} */ strike) => LEFT + INSET + ((strike - first) / (last - first || 1)) * (width - LEFT - RIGHT - INSET),
      y: (/** @type {number} */ iv) => 6 + ((bounds.high - iv) / (bounds.high - bounds.low)) * (height - AXIS - 6),
      width,
      height: height - AXIS,
    };
    this.#axes(context, frame, bounds, { low: first, high: last });
    context.globalAlpha = points.every(({ live }) => live) ? 1 : 0.4;
    this.#curves(context, frame, points);
    context.globalAlpha = 1;
    this.#crosshair(context, frame, points);
  }

  /** @param {CanvasRenderingContext2D} context @param {Frame} frame @param {import("../core/smile.js").Bounds} ivs @param {import("../core/smile.js").Bounds} strikes */
  #axes(context, { x, y, width, height }, ivs, strikes) {
    const { format } = this.#page;
    context.font = "11px Inter, sans-serif";
    context.strokeStyle = this.#colours.line;
    context.fillStyle = this.#colours["text-3"];
    context.textAlign = "right";
    for (const iv of ticks(ivs, height / 40)) {
      line(context, LEFT, Math.round(y(iv)) + 0.5, width, Math.round(y(iv)) + 0.5);
      context.fillText(`${format.number(String(iv))}%`, LEFT - 6, y(iv) + 4);
    }
    context.textAlign = "center";
    for (const strike of ticks(strikes, width / 110)) context.fillText(format.number(String(strike)), x(strike), height + 14);
    const forward = Number(this.#section.forward);
    if (!(forward >= strikes.low && forward <= strikes.high)) return;
    context.strokeStyle = this.#colours["text-3"];
    context.setLineDash([3, 3]);
    line(context, x(forward), 0, x(forward), height);
    context.setLineDash([]);
  }

  /** Ours are dots, so that colour alone tells nothing. @param {CanvasRenderingContext2D} context @param {Frame} frame @param {Point[]} points */
  #curves(context, { x, y, width, height }, points) {
    context.save();
    context.beginPath();
    context.rect(LEFT, 0, width - LEFT, height);
    context.clip();
    context.strokeStyle = this.#colours["line-2"];
    context.lineWidth = 5;
    for (const { strike, bid, ask } of points) if (bid !== null && ask !== null) line(context, x(strike), y(bid), x(strike), y(ask));
    context.lineWidth = 1.5;
    context.strokeStyle = this.#colours.accent;
    context.beginPath();
    for (const { strike, mark } of points) if (mark !== null) context.lineTo(x(strike), y(mark));
    context.stroke();
    context.lineWidth = 1;
    context.fillStyle = this.#colours.text;
    for (const { strike, ours } of points) {
      if (ours === null) continue;
      context.beginPath();
      context.arc(x(strike), y(ours), 1.75, 0, 2 * Math.PI);
      context.fill();
    }
    context.restore();
  }

  /** @param {CanvasRenderingContext2D} context @param {Frame} frame @param {Point[]} points */
  #crosshair(context, { x, height }, points) {
    const pointer = this.#pointer;
    if (pointer === null) return write(this.#legend, "Line: of the mark    Bars: from bid to ask    Dots: ours    Dashes: the underlying");
    const nearest = points.reduce((best, each) => (Math.abs(x(each.strike) - pointer) < Math.abs(x(best.strike) - pointer) ? each : best));
    context.strokeStyle = this.#colours["text-3"];
    line(context, x(nearest.strike), 0, x(nearest.strike), height);
    write(this.#legend, this.#cells(nearest).map((text, at) => `${["", "", "bid ", "ask ", "mark ", "ours "][at]}${text}`).join("   "));
  }

  /** @param {Point} point @returns {string[]} */
  #cells({ price, right, bid, ask, mark, ours }) {
    const { format } = this.#page;
    return [format.number(price), right === "call" ? "Call" : "Put", ...[bid, ask, mark, ours].map((iv) => format.fixed(iv?.toFixed(2), 2))];
  }

  /** @param {Point[]} points */
  #drawTable(points) {
    const rows = points.map((point) => element("tr", {}, ...this.#cells(point).map((text, at) => (at ? element("td", {}, text) : element("th", { scope: "row" }, text)))));
    required(this.#root, "tbody").replaceChildren(...rows);
  }
}

/** @param {CanvasRenderingContext2D} context @param {number} fromX @param {number} fromY @param {number} toX @param {number} toY */
function line(context, fromX, fromY, toX, toY) {
  context.beginPath();
  context.moveTo(fromX, fromY);
  context.lineTo(toX, toY);
  context.stroke();
}
