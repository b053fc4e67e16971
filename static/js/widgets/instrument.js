// @ts-check
/** The page of one instrument: its head, and the panels below it as their person arranged them. */
import { required } from "../core/dom.js";
import { bookOf } from "./panelkinds.js";
import { Panels } from "./panels.js";
import { Summary } from "./summary.js";

export default class Instrument {
  #root;
  #page;
  #head;
  #panels;
  #ending = new AbortController();
  /** @type {Promise<import("./arrange.js").Arrange> | null} made when somebody arranges */
  #arrange = null;

  /** @param {Element} root @param {import("../main.js").Page} page */
  constructor(root, page) {
    this.#root = root;
    this.#page = page;
    const symbol = root.getAttribute("data-symbol") ?? "";
    const listed = page.listed.find((each) => each.symbol === symbol);
    if (!listed) throw new Error(`expected ${symbol} among what the page lists, found it missing`);
    this.#head = new Summary(required(root, '[data-part="summary"]'), page, listed, bookOf(listed), true);
    this.#panels = new Panels(root, page, symbol);
  }

  connect() {
    const { signal } = this.#ending;
    this.#head.connect();
    this.#panels.connect();
    for (const button of this.#root.querySelectorAll("[data-arrange]")) {
      button.removeAttribute("hidden");
      button.addEventListener("click", () => void this.#toggle(), { signal });
    }
    // No room to arrange, no key for it: the list of keys shows what there is.
    if (matchMedia("(min-width: 1001px)").matches) signal.addEventListener("abort", this.#page.keys.on("arrange", () => void this.#toggle()));
  }

  disconnect() {
    this.#ending.abort();
    this.#head.disconnect();
    this.#panels.disconnect();
    void this.#arrange?.then((arrange) => arrange.disconnect());
  }

  async #toggle() {
    this.#arrange ??= import("./arrange.js").then(({ Arrange }) => new Arrange(this.#root, this.#page, this.#panels));
    await (await this.#arrange).toggle();
  }
}
