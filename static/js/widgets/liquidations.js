// @ts-check
/** Positions that the venue closed, as far as it tells: a tape beside the trades'. */
import { required, textOf, write } from "../core/dom.js";
import { sign } from "../core/format.js";
import { Tape } from "./tape.js";

/** @type {import("./tape.js").Reel} */
const LIQUIDATIONS = {
  channel: "liquidation",
  field: "liquidations",
  cells: 4,
  same: (one, other) => one === other, // they have no number; the store keeps each as it came
  texts: ({ side, price, average, qty, ts_exchange }, { page: { format }, listed, zone }) => [
    side === "sell" ? "↓ Long" : "↑ Short",
    format.price(sign(average) > 0 ? average : price, listed.priceDecimals),
    format.number(qty, listed.qtyDecimals),
    ts_exchange ? zone.timeOfDay(ts_exchange) : "–",
  ],
};

export class Liquidations extends Tape {
  /** @param {Element} root @param {import("../main.js").Page} page @param {import("../main.js").Listed} listed */
  constructor(root, page, listed) {
    super(root, page, listed, LIQUIDATIONS);
    const legend = required(root, "[data-legend]");
    if (!listed.contract?.sampled) return;
    write(textOf(legend), "A sample");
    legend.setAttribute("title", `${listed.venueTitle} tells only some of its liquidations: what is missing here may have happened`);
  }

  /** None is news too, with since when. @returns {string} */
  get nothing() {
    const since = this.entry?.value.since;
    return since ? `No liquidation since ${this.zone.dateAndTime(since)} ${this.zone.word}` : "No liquidation yet";
  }
}
