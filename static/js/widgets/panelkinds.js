// @ts-check
/** What can stand in a place of the instrument page, and what a new panel is made from. */
import { attribute, required, textOf, write } from "../core/dom.js";
import { behind, unitOf } from "../core/contract.js";
import { elsewhere } from "../core/kin.js";
import { CandleChart } from "./candlechart.js";
import { Contract } from "./contract.js";
import { DepthChart } from "./depthchart.js";
import { Ladder } from "./ladder.js";
import { Liquidations } from "./liquidations.js";
import { STATE_WORDS } from "./marketrow.js";
import { Option } from "./option.js";
import { Oracle } from "./oracle.js";
import { Quotes } from "./quotes.js";
import { Summary } from "./summary.js";
import { Tape } from "./tape.js";

const DEPTHS = [100, 25, 10];

/**
 * @typedef {import("../main.js").Listed} Listed
 * @typedef {import("../main.js").Page} Page
 * @typedef {import("../main.js").Widget} Widget
 */

/** The deepest that the feed follows; a book is never shown deeper than it is known. @param {Listed} listed */
export function bookOf({ symbol, bookDepth }) {
  const depth = DEPTHS.find((offered) => offered <= bookDepth);
  return depth ? { channel: "book", symbol, depth } : null;
}

/** @type {Record<string, (root: Element, page: Page, listed: Listed) => Widget | null>} null: the server's words say why there is nothing */
const KINDS = {
  chart: (root, page, listed) => new CandleChart(root, page, listed),
  tape: (root, page, listed) => new Tape(root, page, listed),
  quotes: (root, page, listed) => new Quotes(root, page, listed, elsewhere(listed, page.listed)),
  figures: (root, page, listed) => new Summary(root, page, listed, bookOf(listed)),
  book: (root, page, listed) => withBook(Ladder, root, page, listed),
  depth: (root, page, listed) => withBook(DepthChart, root, page, listed),
  contract: (root, page, listed) => withContract(Contract, root, page, listed),
  liquidations: (root, page, listed) => withContract(Liquidations, root, page, listed),
  option: (root, page, listed) => (listed.contract?.strike ? withContract(Option, root, page, listed) : null),
  oracle: (root, page, listed) => new Oracle(root, page, listed, page.listed),
};

/** @param {typeof Contract | typeof Liquidations | typeof Option} Kind @param {Element} root @param {Page} page @param {Listed} listed */
function withContract(Kind, root, page, listed) {
  return listed.contract ? new Kind(root, page, /** @type {any} */ (listed)) : null;
}

/** @param {typeof Ladder | typeof DepthChart} Kind @param {Element} root @param {Page} page @param {Listed} listed */
function withBook(Kind, root, page, listed) {
  const book = bookOf(listed);
  return book && new Kind(root, page, listed, book);
}

/** The channel that each kind is of, those of which there may be none; a chart shows stored bars all the same. @type {Record<string, string>} */
const CHANNELS = { tape: "trade", book: "book", depth: "book", contract: "mark", liquidations: "liquidation", option: "option" };

/** Why there is nothing of it to show, which is no fault; else nothing. @param {string} kind @param {Listed} listed */
function withoutOf(kind, { without }) {
  return without[CHANNELS[kind]] ?? "";
}

/** @param {Element} place @param {Page} page @param {Listed | undefined} listed @returns {Widget | null} */
export function widgetOf(place, page, listed) {
  const kind = place.getAttribute("data-kind") ?? "";
  const make = listed && withoutOf(kind, listed) ? null : KINDS[kind];
  const widget = listed?.followed && make ? make(required(place, "[data-part]"), page, listed) : null;
  const stands = place.querySelector("[data-standing]");
  if (!widget && stands && listed?.followed) write(textOf(stands), ""); // nobody would say when it is live no longer
  return widget;
}

/** A place with a panel that has not been shown yet, in the words of its instrument. @param {string} kind @param {Listed} listed @returns {HTMLElement} */
export function blank(kind, listed) {
  const place = document.createElement("div");
  place.className = "place";
  place.setAttribute("data-kind", kind);
  place.setAttribute("data-symbol", listed.symbol);
  const model = /** @type {HTMLTemplateElement} */ (required(document, `template[data-blank="${kind}"]`));
  place.setAttribute("data-title", model.dataset.title ?? "");
  place.append(model.content.cloneNode(true));
  dress(place, listed);
  return place;
}

/** @param {Element} place @param {Listed} listed */
function dress(place, listed) {
  /** @type {Record<string, string>} */
  const words = { base: listed.base, quote: listed.quote, pair: listed.quote ? listed.base + behind(listed) : listed.symbol, venue: listed.quote ? listed.venueTitle : "", unit: unitOf(listed) };
  for (const each of place.querySelectorAll("[data-of]")) {
    const of = each.getAttribute("data-of") ?? "";
    if (of === "link" && listed.slug) each.setAttribute("href", `/instruments/${listed.slug}/`);
    else if (of !== "link") write(textOf(each), words[of]);
  }
  const state = STATE_WORDS[/** @type {keyof STATE_WORDS} */ (listed.followed ? "syncing" : listed.value?.state ?? "off")];
  for (const each of place.querySelectorAll('[data-standing], [data-cell="state"]')) write(textOf(each), state);
  const said = place.querySelector("[data-words], [data-none], [data-unlike]");
  const strange = place.getAttribute("data-kind") === "option" && !listed.contract?.strike;
  const kind = place.getAttribute("data-kind") ?? "";
  const without = withoutOf(kind, listed);
  attribute(place, "data-without", without ? "" : null);
  const plain = ["contract", "liquidations"].includes(kind) && !listed.contract;
  if (said && !listed.followed) write(textOf(said), `${listed.symbol} is ${listed.value?.reason ?? "not followed here"}.`);
  else if (said && kind === "chart" && listed.without.ohlc) write(textOf(said), listed.without.ohlc);
  else if (said && without) write(textOf(said), without);
  else if (said && strange) write(textOf(said), `${words.pair} is no option: only options have volatilities and greeks.`);
  else if (said && plain) write(textOf(said), `${words.pair} is no contract: only perpetuals and futures have this.`);
}
