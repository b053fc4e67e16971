// @ts-check
/** Arranging the panels: a way in, a way out, and nothing moves outside of it. Everything that changed is kept, and can be undone. */
import { attribute, embedded, required } from "../core/dom.js";
import { PAGE, roomFor, screenOf, textOf as textOfScreen } from "../core/screen.js";
import { ArrangeBar } from "./arrangebar.js";
import { arrangeByKeys } from "./arrangekeys.js";
import { FollowDialog } from "./followdialog.js";
import { GridDesk, styled } from "./griddesk.js";
import { Keeper } from "./keeper.js";
import { ScreenMenu } from "./screenmenu.js";
import { addStrips, removeStrips } from "./strips.js";

const MOST_UNDONE = 50;

/** @typedef {import("../core/screen.js").Screen} Screen */

export class Arrange {
  #root;
  #page;
  #panels;
  #state = embedded("screen");
  #symbol;
  #toolbar;
  #bar;
  #desk;
  #keeper;
  #menu;
  #follow;
  /** @type {Screen[]} */
  #before = [];
  #ending = new AbortController();
  #leaving = new AbortController();
  #ready;

  /** @param {Element} root @param {import("../main.js").Page} page @param {import("./panels.js").Panels} panels */
  constructor(root, page, panels) {
    this.#root = root;
    this.#page = page;
    this.#panels = panels;
    this.#symbol = root.getAttribute("data-symbol") ?? "";
    this.#toolbar = required(root, "[data-toolbar]");
    this.#bar = new ArrangeBar(this.#toolbar);
    this.#ready = styled(this.#toolbar.getAttribute("data-css") ?? "");
    this.#desk = new GridDesk(panels.grid, this.#state, () => this.#moved());
    const form = /** @type {HTMLFormElement | null} */ (document.getElementById("screens"));
    this.#keeper = new Keeper(form, page.clock, this.#state, (...told) => this.#bar.stands(...told));
    const drop = /** @type {HTMLElement} */ (required(root, '[data-drop="screens"]'));
    this.#menu = new ScreenMenu(drop, this.#keeper, this.#state.presets, () => textOfScreen(this.#panels.screen), (text) => void this.#change(screenOf(text)));
    this.#follow = new FollowDialog(page.clock, (screen) => this.#change(screen));
    const { signal } = this.#leaving;
    this.#toolbar.addEventListener("click", (event) => this.#pressed(event), { signal });
    addEventListener("pagehide", () => this.#keeper.flush(), { signal });
  }

  disconnect() {
    this.end();
    this.#leaving.abort();
  }

  get #on() {
    return this.#root.classList.contains("arranging");
  }

  async toggle() {
    await this.#ready;
    if (this.#on) this.end();
    else if (matchMedia("(min-width: 1001px)").matches) this.#start();
  }

  #start() {
    const { signal } = (this.#ending = new AbortController());
    this.#root.classList.add("arranging");
    this.#dress();
    this.#panels.grid.addEventListener("click", (event) => this.#clicked(event), { signal });
    matchMedia("(min-width: 1001px)").addEventListener("change", () => this.end(), { signal });
    this.#menu.connect(signal);
    this.#follow.connect(signal);
    const acts = { nudge: this.#nudged, ask: this.#asked, hide: this.#hide, open: this.#bar.open, undo: this.#undo, end: this.end };
    for (const stop of arrangeByKeys(this.#page.keys, acts)) signal.addEventListener("abort", stop);
    if (!this.#bar.theirs) this.#bar.say(this.#state.problem ? `What was kept cannot be read: ${this.#state.problem}` : "Drag a panel by its name, or size it by its edges");
    this.#desk.start();
  }

  end = () => {
    if (!this.#on) return;
    this.#ending.abort();
    this.#keeper.flush();
    this.#desk.stop();
    removeStrips(this.#panels.places);
    this.#root.classList.remove("arranging");
    this.#panels.show(this.#panels.screen);
    this.#dress();
  };

  #dress() {
    const on = this.#on;
    this.#bar.dress(on, this.#before.length > 0);
    for (const button of this.#root.querySelectorAll(".summary [data-arrange]")) attribute(button, "aria-pressed", String(on));
    if (on) addStrips(this.#panels.places, this.#panels.screen, this.#symbol);
  }

  /** Another arrangement altogether. @param {Screen} next @param {boolean} [undoing] @returns {Promise<string>} what went wrong */
  async #change(next, undoing = false) {
    try {
      await this.#panels.learn(next);
    } catch (problem) {
      this.#bar.say(/** @type {Error} */ (problem).message, "failed");
      return /** @type {Error} */ (problem).message;
    }
    if (!undoing) this.#remember();
    const focused = /** @type {HTMLElement | null} */ (document.activeElement);
    this.#desk.stop();
    this.#panels.show(next);
    this.#dress();
    if (this.#on) this.#desk.start();
    if (focused?.isConnected) focused.focus();
    this.#menu.draw();
    this.#keeper.keep(textOfScreen(next));
    return "";
  }

  #remember() {
    this.#before.push(this.#panels.screen);
    this.#before.splice(0, this.#before.length - MOST_UNDONE);
  }

  /** The desk moved something. */
  #moved() {
    this.#remember();
    this.#panels.stand(this.#desk.places);
    this.#dress();
    this.#keeper.keep(textOfScreen(this.#panels.screen));
  }

  #undo = () => {
    const before = this.#before.pop();
    if (before) void this.#change(before, true);
  };

  /** @param {HTMLElement} place @param {Partial<import("../core/screen.js").Place>} by */
  #nudged = (place, by) => {
    const changed = this.#desk.nudge(place, by);
    const { x, y, w, h } = /** @type {import("../core/screen.js").Place} */ (this.#desk.places.get(place));
    if (changed) this.#bar.say(`${place.dataset.title}: column ${x + 1}, row ${y + 1}, ${w} wide, ${h} high`);
  };

  /** @param {HTMLElement} place */
  #hide = (place) => {
    const at = this.#panels.places.indexOf(place);
    const { panels, ...rest } = this.#panels.screen;
    const hidden = { ...rest, panels: panels.filter((_, each) => each !== at) };
    void this.#change(hidden).then(() => /** @type {HTMLElement | null} */ (this.#root.querySelector(".hold"))?.focus());
  };

  /** @param {HTMLElement} place */
  #asked = (place) => this.#follow.open(this.#panels.screen, this.#panels.places.indexOf(place));

  /** @param {string} kind */
  async #add(kind) {
    const screen = this.#panels.screen;
    const place = roomFor(screen.panels, this.#state.kinds[kind], this.#state);
    if (!place || screen.panels.length >= this.#state.most) return this.#bar.say(`There is room for ${this.#state.most} panels; take one away first`, "failed");
    await this.#change({ ...screen, panels: [...screen.panels, { kind, ...place, follows: PAGE }] });
    const added = this.#root.querySelector(`.place[data-kind="${kind}"][gs-x="${place.x}"][gs-y="${place.y}"] .hold`);
    if (added instanceof HTMLElement) added.focus(); // which brings it into view
  }

  /** @param {Event} event in the toolbar */
  #pressed({ target }) {
    const button = target instanceof Element ? target.closest("button") : null;
    const kind = button?.dataset.add;
    if (kind) button.closest("details")?.removeAttribute("open");
    if (kind) void this.#add(kind);
    else if (button?.matches("[data-undo]")) this.#undo();
    else if (button?.matches("[data-reset]")) void this.#change(screenOf(this.#state.presets[0].screen));
    else if (button?.matches("[data-mine]")) this.#keeper.insist();
    else if (button?.matches("[data-theirs]")) void this.#change(screenOf(this.#bar.theirs)).then((problem) => problem || this.#keeper.yield());
  }

  /** @param {Event} event in a place */
  #clicked({ target }) {
    const place = /** @type {HTMLElement | null} */ (target instanceof Element ? target.closest(".place") : null);
    const button = target instanceof Element ? target.closest("button") : null;
    if (!place || !button) return;
    if (button.matches("[data-follow]")) this.#asked(place);
    else if (button.matches("[data-hide]")) this.#hide(place);
    else if (button.dataset.interval) {
      this.#remember();
      this.#panels.setInterval(place, Number(button.dataset.interval));
      this.#dress();
      this.#keeper.keep(textOfScreen(this.#panels.screen));
    }
  }
}
