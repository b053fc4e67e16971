// @ts-check
/** Cumulative depth of both sides as a picture. The ladder beside it is its table. */
import { unitOf } from "../core/contract.js";
import { half } from "../core/decimal.js";
import { colour, required, textOf, write } from "../core/dom.js";
import { Part } from "./part.js";

const DRAW_MS = 200;
const AXIS = 18;

/** @typedef {{price: number, text: string, total: number}} Step */

export class DepthChart extends Part {
  #canvas;
  #legend;
  /** @type {Record<string, string>} */
  #colours = {};
  /** @type {number | null} pixels from the left */
  #pointer = null;
  #size = { width: 0, height: 0 };

  /**
   * @param {Element} root @param {import("../main.js").Page} page @param {import("../main.js").Listed} listed
   * @param {import("../core/store.js").Topic} book
   */
  constructor(root, page, listed, book) {
    super(root, page, listed, book, DRAW_MS);
    this.#canvas = /** @type {HTMLCanvasElement} */ (required(root, "canvas"));
    this.#legend = textOf(required(root, "[data-legend]"));
  }

  connect() {
    const ending = new AbortController();
    const { signal } = ending;
    const moved = (/** @type {PointerEvent} */ event) => this.#point(event.type === "pointerleave" ? null : event.offsetX);
    this.#canvas.addEventListener("pointermove", moved, { signal });
    this.#canvas.addEventListener("pointerleave", moved, { signal });
    addEventListener("displaychange", () => this.#recolour(), { signal });
    matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => this.#recolour(), { signal });
    const resized = new ResizeObserver(([{ contentRect }]) => {
      this.#size = { width: contentRect.width, height: contentRect.height };
      this.invalidate();
    });
    resized.observe(this.#canvas);
    this.stops.push(() => ending.abort(), () => resized.disconnect(), this.wantBook());
    this.#recolour();
    super.connect();
  }

  #recolour() {
    for (const name of ["up", "up-tint", "down", "down-tint", "line", "text-2", "text-3"]) this.#colours[name] = colour(`--${name}`);
    this.invalidate();
  }

  /** @param {number | null} x */
  #point(x) {
    this.#pointer = x;
    this.invalidate();
  }

  draw() {
    const value = this.entry?.value;
    const [bids, asks] = [steps(value?.bids ?? []), steps(value?.asks ?? [])];
    this.say(bids.length > 0 && asks.length > 0);
    const context = this.#canvas.getContext("2d");
    if (!context) return;
    const { width, height } = this.#size;
    const ratio = devicePixelRatio || 1;
    if (this.#canvas.width !== Math.round(width * ratio)) this.#canvas.width = Math.round(width * ratio);
    if (this.#canvas.height !== Math.round(height * ratio)) this.#canvas.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    if (!bids.length || !asks.length || !width) return write(this.#legend, "");
    context.globalAlpha = this.standing.state === "live" ? 1 : 0.4;
    this.#paint(context, { bids, asks, width, height: height - AXIS });
  }

  /** @param {CanvasRenderingContext2D} context @param {{bids: Step[], asks: Step[], width: number, height: number}} picture */
  #paint(context, { bids, asks, width, height }) {
    const middle = (bids[0].price + asks[0].price) / 2;
    const reach = Math.max(middle - bids[bids.length - 1].price, asks[asks.length - 1].price - middle) || 1;
    const most = Math.max(bids[bids.length - 1].total, asks[asks.length - 1].total) || 1;
    const x = (/** @type {number} */ price) => ((price - middle + reach) / (2 * reach)) * width;
    const y = (/** @type {number} */ total) => height - (total / most) * (height - 8);
    this.#area(context, bids, x, y, height, "up", 0);
    this.#area(context, asks, x, y, height, "down", width);
    context.strokeStyle = this.#colours.line;
    line(context, 0, height + 0.5, width, height + 0.5);
    this.#labels(context, half(bids[0].text, asks[0].text), middle, reach, width, height);
    this.#crosshair(context, { bids, asks, middle, reach, width, height });
  }

  /**
   * @param {CanvasRenderingContext2D} context @param {Step[]} side @param {(price: number) => number} x
   * @param {(total: number) => number} y @param {number} floor @param {string} name @param {number} end
   */
  #area(context, side, x, y, floor, name, end) {
    context.beginPath();
    context.moveTo(x(side[0].price), floor);
    let before = floor;
    for (const { price, total } of side) {
      context.lineTo(x(price), before);
      context.lineTo(x(price), (before = y(total)));
    }
    context.lineTo(end, before);
    context.strokeStyle = this.#colours[name];
    context.stroke();
    context.lineTo(end, floor);
    context.fillStyle = this.#colours[`${name}-tint`];
    context.fill();
  }

  /** @param {CanvasRenderingContext2D} context @param {string} exact the middle @param {number} middle @param {number} reach @param {number} width @param {number} height */
  #labels(context, exact, middle, reach, width, height) {
    context.font = "11px Inter, sans-serif";
    context.fillStyle = this.#colours["text-3"];
    for (const [share, align] of /** @type {const} */ ([[0, "left"], [0.5, "center"], [1, "right"]])) {
      context.textAlign = align;
      const price = share === 0.5 ? exact : Math.max(0, middle + (share * 2 - 1) * reach).toFixed(this.listed.priceDecimals);
      context.fillText(this.page.format.price(price, this.listed.priceDecimals), share * width + (share === 0 ? 12 : share === 1 ? -12 : 0), height + 14);
    }
  }

  /** @param {CanvasRenderingContext2D} context @param {{bids: Step[], asks: Step[], middle: number, reach: number, width: number, height: number}} picture */
  #crosshair(context, { bids, asks, middle, reach, width, height }) {
    const price = this.#pointer === null ? null : middle + ((this.#pointer / width) * 2 - 1) * reach;
    const [side, name] = price !== null && price > middle ? [asks, "Asks"] : [bids, "Bids"];
    const reached = price === null ? null : side.filter((step) => (side === bids ? step.price >= price : step.price <= price)).at(-1);
    if (this.#pointer !== null) {
      context.strokeStyle = this.#colours["text-3"];
      line(context, this.#pointer + 0.5, 0, this.#pointer + 0.5, height);
    }
    const { format } = this.page;
    write(this.#legend, reached ? `${name} to ${format.price(reached.text, this.listed.priceDecimals)}: ${format.compact(reached.total.toFixed(8))} ${unitOf(this.listed)}` : "");
  }
}

/** @param {[string, string][]} levels @returns {Step[]} */
function steps(levels) {
  let total = 0;
  return levels.map(([price, size]) => ({ price: Number(price), text: price, total: (total += Number(size)) }));
}

/** @param {CanvasRenderingContext2D} context @param {number} fromX @param {number} fromY @param {number} toX @param {number} toY */
function line(context, fromX, fromY, toX, toY) {
  context.beginPath();
  context.moveTo(fromX, fromY);
  context.lineTo(toX, toY);
  context.stroke();
}
