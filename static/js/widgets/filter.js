// @ts-check
/** Search, venue and kind: what the list is narrowed to, kept in the address so that it can be shared. */
import { required, textOf, write } from "../core/dom.js";
import { fields, rank, words } from "../core/search.js";

/** @typedef {import("../main.js").Listed} Listed */

export class Filter {
  #root;
  #search;
  #selects;
  #onchange;
  #count;
  /** @type {WeakMap<Listed, string[]>} */
  #searched = new WeakMap();

  /** @param {Element} root @param {import("../main.js").Page} page @param {() => void} onchange */
  constructor(root, { keys }, onchange) {
    this.#root = root;
    this.#search = keys.search;
    this.#onchange = onchange;
    this.#selects = /** @type {HTMLSelectElement[]} */ ([...root.querySelectorAll("[data-filter]")]);
    this.#count = textOf(required(root, "[data-count]"));
  }

  /** @returns {() => void} stop */
  connect() {
    const ending = new AbortController();
    const { signal } = ending;
    const query = new URLSearchParams(location.search);
    this.#read(query);
    if (this.#search?.value !== (query.get("q") ?? "")) this.#address(); // typed before anybody listened
    const changed = () => this.#changed();
    this.#search?.addEventListener("input", changed, { signal });
    for (const select of this.#selects) select.addEventListener("change", changed, { signal });
    this.#search?.form?.addEventListener("submit", (event) => this.#submitted(event), { signal });
    this.#search?.addEventListener("keydown", (event) => event.key === "ArrowDown" && this.#firstLink()?.focus(), { signal });
    this.#root.querySelector("[data-clear]")?.addEventListener("click", () => this.#clear(), { signal });
    return () => ending.abort();
  }

  /**
   * With something typed the best answers come first, in the order given among equals.
   * @template {{listed: Listed}} T @param {T[]} all @returns {T[]}
   */
  answers(all) {
    const [venue, kind] = ["venue", "kind"].map((name) => this.#selects.find((select) => select.name === name)?.value);
    const narrowed = all.filter(({ listed }) => (!venue || listed.venue === venue) && (!kind || listed.kind === kind));
    const typed = words(this.#search?.value ?? "");
    if (typed.length === 0) return narrowed;
    const ranked = narrowed.map((each) => ({ each, at: rank(this.#fieldsOf(each.listed), typed) }));
    return ranked.filter(({ at }) => at < Infinity).sort((a, b) => a.at - b.at).map(({ each }) => each);
  }

  /** Venues and kinds that came to the list can be chosen. @param {Listed[]} all */
  offer(all) {
    for (const select of this.#selects) {
      const offered = new Set([...select.options].map(({ value }) => value));
      for (const each of all) {
        const [value, words] = select.name === "venue" ? [each.venue, each.venueTitle] : [each.kind, each.kind[0].toUpperCase() + each.kind.slice(1)];
        if (!offered.has(value)) select.add(new Option(words, value));
        offered.add(value);
      }
    }
  }

  /** @param {Listed} listed */
  #fieldsOf(listed) {
    const found = this.#searched.get(listed) ?? fields(listed);
    this.#searched.set(listed, found);
    return found;
  }

  /** @param {number} shown @param {number} all */
  count(shown, all) {
    const noun = all === 1 ? "instrument" : "instruments";
    write(this.#count, shown === all ? `${all} ${noun}` : `${shown} of ${all} ${noun}`);
    this.#root.querySelector("[data-nothing]")?.toggleAttribute("hidden", shown > 0 || all === 0);
    this.#root.querySelector("[data-none]")?.toggleAttribute("hidden", all > 0);
    this.#root.querySelector("table")?.toggleAttribute("hidden", shown === 0);
  }

  /** @param {URLSearchParams} query */
  #read(query) {
    if (this.#search) this.#search.value = query.get("q") ?? this.#search.value;
    for (const select of this.#selects) {
      const wanted = query.get(select.name) ?? "";
      if ([...select.options].some(({ value }) => value === wanted)) select.value = wanted;
    }
  }

  #changed() {
    this.#address();
    this.#onchange();
  }

  #address() {
    const query = new URLSearchParams();
    const list = new URLSearchParams(location.search).get("list");
    if (list) query.set("list", list);
    if (this.#search?.value) query.set("q", this.#search.value);
    for (const { name, value } of this.#selects) if (value) query.set(name, value);
    history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
  }

  #clear() {
    if (this.#search) this.#search.value = "";
    for (const select of this.#selects) select.value = "";
    this.#changed();
  }

  /** @returns {HTMLElement | null} */
  #firstLink() {
    return this.#root.querySelector("tbody tr:not([hidden]) a");
  }

  /** Enter opens the best answer. @param {Event} event */
  #submitted(event) {
    event.preventDefault();
    if (this.#search?.value) this.#firstLink()?.click();
  }
}
