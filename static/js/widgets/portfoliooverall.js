// @ts-check
/** The one total over portfolios in several currencies: moves with what they are worth and with the rates between their currencies. */
import { attribute, embedded, required, textOf, write } from "../core/dom.js";
import { age } from "../core/format.js";
import { needed, overall } from "../core/overall.js";
import { turned } from "../core/rates.js";
import { lacking } from "./portfoliolacks.js";
import { RowSums } from "./portfoliorow.js";
import { RatePaths } from "./ratepaths.js";

/**
 * @typedef {import("../core/overall.js").Sums} Sums
 * @typedef {import("./portfoliorow.js").Money} Money
 */

export class OverallTotal {
  #base;
  #sums;
  #about;
  #lacks;
  #paths;
  /** @type {Map<string, Text>} */
  #words;

  /** @param {Element} root the table's foot @param {import("../main.js").Page} page @param {number} everyMs @param {() => void} stir something moved */
  constructor(root, page, everyMs, stir) {
    const row = required(root, "[data-overall]");
    this.#base = row.getAttribute("data-overall") ?? "";
    this.#sums = new RowSums(row);
    this.#about = required(root, "[data-overall-rates]");
    this.#lacks = required(root, "[data-lacks]");
    this.#words = new Map([...root.querySelectorAll("[data-rate]")].map((each) => [each.getAttribute("data-rate") ?? "", textOf(each)]));
    this.#paths = new RatePaths(page, this.#base, embedded("overall-rates") ?? {}, everyMs, stir);
  }

  connect() {
    this.#paths.connect();
  }

  disconnect() {
    this.#paths.disconnect();
  }

  /** Whether a rate moves it, though nothing in it has a price. @param {Map<string, Sums>} sums of each currency */
  moves(sums) {
    return needed(sums, this.#base).length > 0;
  }

  /** @param {Map<string, Sums>} sums of each currency @param {Money} money @returns {boolean} whether no rate of it is old */
  draw(sums, money) {
    const found = this.#paths.found();
    if (!found) this.#paths.look(false);
    if (!found) return false;
    const asked = needed(sums, this.#base);
    const isLive = asked.every((code) => found.get(code)?.live);
    this.#say(asked, found, money);
    const { whole, sums: lacked } = overall(sums, this.#base, found);
    const parts = [...lacked.keys()].sort().flatMap((code) => lacking(/** @type {any} */ (lacked.get(code))));
    this.#sums.draw(whole, money, parts.join("; "));
    write(textOf(this.#lacks), parts.length > 0 ? `Not the whole: ${parts.join("; ")}.` : "");
    this.#lacks.toggleAttribute("hidden", parts.length === 0);
    this.#about.toggleAttribute("hidden", asked.length + parts.length === 0);
    this.#paths.look(isLive);
    return asked.every((code) => found.get(code)?.live !== false);
  }

  /** Of rates that nothing needs nothing is said. @param {string[]} asked @param {Map<string, import("./ratepaths.js").Found>} found @param {Money} money */
  #say(asked, found, money) {
    for (const [code, words] of this.#words) {
      const each = found.get(code);
      words.parentElement?.toggleAttribute("hidden", !asked.includes(code));
      if (asked.includes(code)) write(words, each ? this.#phrase(code, each, money) : `${code}: no market leads to ${this.#base}`);
    }
  }

  /** @param {string} code @param {import("./ratepaths.js").Found} found @param {Money} money */
  #phrase(code, { rate, why, ageS, closed, path }, money) {
    if (closed) return path.said;
    return `1 ${code} = ${money.unit(turned("1", rate)).text} ${this.#base}, ${path.path}, ${why && `${why}, `}${age(ageS)}`;
  }
}
