// @ts-check
/** What is true of a chain as a whole: its underlying, how long there is, how many are live and why the others are not. */
import { decimalsOf, leftIn, summed } from "../core/chain.js";
import { remaining } from "../core/contract.js";
import { attribute, required, textOf, write } from "../core/dom.js";
import { standingOf } from "./chainrow.js";
import { drawHead } from "./strikes.js";

export class ChainWords {
  #root;
  #page;
  #look;
  #strikes;
  #following;

  /**
   * @param {Element} root @param {import("../main.js").Page} page @param {import("./chainrow.js").Look} look
   * @param {import("./strikes.js").Strikes} strikes @param {import("./following.js").Following} following
   */
  constructor(root, page, look, strikes, following) {
    this.#root = root;
    this.#page = page;
    this.#look = look;
    this.#strikes = strikes;
    this.#following = following;
  }

  draw() {
    const now = this.#now();
    for (const section of this.#strikes.sections) {
      const left = leftIn(section.expiry.atUs - now);
      const forward = this.#page.format.fixed(section.forward, decimalsOf("vega", this.#look.magnitude, "venue"));
      drawHead(section, left, forward);
      if (!section.head) this.#write({ forward, ...(left ? { left } : {}) });
    }
    for (const tab of this.#root.querySelectorAll("[data-left]")) {
      const left = leftIn(Number(tab.getAttribute("data-left")) - now);
      if (left) write(textOf(tab), left);
    }
    this.#drawStandings(now);
  }

  /** @param {number} now */
  #drawStandings(now) {
    const standings = this.#strikes.options(this.#following.held).map((option) => standingOf(this.#page, this.#look, option));
    const live = standings.filter(({ state }) => state === "live").length;
    this.#write({ summary: summed(standings.map(({ state }) => state)) });
    attribute(required(this.#root, '[data-cell="summary"]'), "data-state", live === standings.length ? "all" : live ? "some" : "none");
    const reasons = new Set(standings.map(({ state, reason }) => (state === "live" || state === "syncing" ? "" : reason)));
    const [{ head, expiry }] = this.#strikes.sections;
    if (!head && expiry.atUs <= now) this.#say(`The options of ${expiry.day} have expired.`);
    else if (live === 0 && reasons.size === 1 && !reasons.has("")) this.#say(`Nothing here is live: ${[...reasons][0]}.`);
    else if (live > 0) this.#say("");
  }

  /** @param {string} words */
  #say(words) {
    const said = required(this.#root, "[data-said]");
    write(textOf(said), words);
    said.toggleAttribute("hidden", words === "");
  }

  /** @param {Record<string, string>} texts */
  #write(texts) {
    for (const [name, text] of Object.entries(texts)) {
      const cell = this.#root.querySelector(`.about [data-cell="${name}"]`);
      if (cell) write(textOf(cell), text);
    }
  }

  /** The venue's time in microseconds, by its last word and what has passed since; NaN: not known. */
  #now() {
    const { store, liveness } = this.#page;
    const entry = this.#following.held.map((symbol) => store.get({ channel: "option", symbol })).find((each) => each?.value.ts_received);
    return entry ? 1 - remaining(1, entry.value, liveness.ageS(entry)) : NaN;
  }
}
