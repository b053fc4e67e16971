// @ts-check
/** Puts one page together: one clock, one connection, one store, one frame; then the widgets that it holds. */
import { Liveness } from "./core/age.js";
import { clock, madeAt } from "./core/clock.js";
import { embedded } from "./core/dom.js";
import { Doubt } from "./core/doubt.js";
import { Format } from "./core/format.js";
import { Latency } from "./core/latency.js";
import { Listing } from "./core/listing.js";
import { Scheduler } from "./core/scheduler.js";
import { Socket } from "./core/socket.js";
import { Store } from "./core/store.js";
import { Finder } from "./widgets/finder.js";
import { Keys } from "./widgets/keys.js";
import { mount } from "./widgets/mounting.js";
import { Pill } from "./widgets/pill.js";
import { Preferences } from "./widgets/preferences.js";
import { Pulse } from "./widgets/pulse.js";
import { Tints } from "./widgets/tints.js";

/**
 * What every widget is given.
 * @typedef {object} Page
 * @property {import("./core/clock.js").Clock} clock
 * @property {Format} format
 * @property {Scheduler} scheduler
 * @property {Store} store
 * @property {Liveness} liveness
 * @property {string} url of the WebSocket
 * @property {Socket} socket
 * @property {{arrival: Latency, roundtrip: Latency}} latency
 * @property {Pulse} pulse
 * @property {Tints} tints
 * @property {Keys} keys
 * @property {Listed[]} listed
 * @property {Listing} listing
 * @property {(listed: Listed[]) => void} learn of instruments that came later, with their values
 *
 * @typedef {object} Listed
 * @property {string} symbol
 * @property {string} slug
 * @property {string} venue
 * @property {string} venueTitle
 * @property {string} kind
 * @property {string} base
 * @property {string} quote
 * @property {string} asset its code on every venue
 * @property {string} quoteAsset
 * @property {string[]} names
 * @property {number} priceDecimals
 * @property {number} qtyDecimals
 * @property {number} bookDepth
 * @property {Record<string, string>} without why nothing of a channel is shown, of those that it has not
 * @property {string[]} untold of the price and the figures of a day those that its venue never tells; `bar_volume` where its bars have none
 * @property {string} zone
 * @property {boolean} followed false: no feed brings values for it
 * @property {number} place as the page came
 * @property {number | null} ageUs
 * @property {Record<string, any> | null} value
 * @property {import("./core/age.js").Phase} [phase] the part of its day in which its market is
 * @property {import("./core/contract.js").Contract} [contract] of perpetuals and futures
 * @property {Record<string, {value: Record<string, any>, ageUs: number | null}>} [beside] what the page came with of its other channels
 *
 * @typedef {{connect: () => void, disconnect: () => void}} Widget
 */

/** Of a minute: a line that became slow says so. */
const PINGS = 12;

/** @returns {Page} */
function assembled() {
  const scheduler = new Scheduler(clock, (run) => requestAnimationFrame(run));
  const liveness = new Liveness(clock.now, madeAt());
  const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/v1/`;
  return {
    clock,
    format: new Format(JSON.parse(document.documentElement.dataset.numerals || "null") ?? undefined),
    scheduler,
    store: new Store(),
    liveness,
    url,
    socket: new Socket({ url, open: (address) => new WebSocket(address, linkSecret() ? ["link", linkSecret()] : []), clock }),
    latency: { arrival: new Latency(), roundtrip: new Latency(PINGS) },
    pulse: new Pulse(clock, liveness),
    tints: new Tints(scheduler, clock),
    keys: new Keys(clock),
    listed: (embedded("first-paint") ?? []).map((/** @type {object} */ each, /** @type {number} */ place) => ({ ...each, place })),
    learn: () => {},
    listing: new Listing({ version: document.querySelector("[data-listing]")?.getAttribute("data-listing") ?? "", load: listingSince, clock }),
  };
}

/** Of a share link, whose page's address it is; it goes into no other one. Nothing on all other pages. */
const linkSecret = () => (document.body.dataset.page === "shared" ? location.pathname.split("/").at(-2) ?? "" : "");

/** @param {string} version @returns {Promise<import("./core/listing.js").Changes>} */
async function listingSince(version) {
  const response = await fetch(`/listing/?since=${encodeURIComponent(version)}`, { headers: { Accept: "application/json" } });
  if (!response.ok || response.redirected) throw new Error(`expected the list of instruments, found status ${response.status}`);
  return response.json();
}

/** @param {Page} page */
function wire(page) {
  const { store, socket, liveness, latency, listed, listing } = page;
  store.onhole = (topic) => socket.again(topic);
  let halfway = 0;
  socket.onroundtrip = (ms) => {
    latency.roundtrip.add(ms);
    halfway = (latency.roundtrip.percentile(0.5) ?? 0) / 2;
  };
  const doubt = new Doubt(store, clock);
  socket.onleft = (topic) => store.forget(topic); // nothing tells it any more
  socket.onopened = () => {
    doubt.begin(liveness.heardAt);
    latency.roundtrip.clear();
  };
  socket.onrefused = (topic, error, at) => store.refuse(topic, error.replace(/^\w+: /, ""), at); // also what was shown before
  socket.onframe = (frame, at) => {
    if (frame.type === "heartbeat") return heartbeat(frame, at);
    store.apply(frame, at);
    if (frame.channel === "ticker" && frame.type === "update") {
      for (const row of frame.data) {
        if (row.ts_received) latency.arrival.add(row.age_us / 1000 + halfway);
      }
    }
  };
  store.watch("status", ({ symbol }, { value }) => {
    liveness.venue(symbol, value.state, value.reason, { name: value.phase ?? "", words: value.phase_words ?? "" });
  });
  seed(listed, madeAt());
  page.learn = (later) => {
    const fresh = later.filter(({ symbol }) => !listed.some((each) => each.symbol === symbol));
    listed.push(...fresh);
    seed(fresh, clock.now());
  };

  /** @param {Listed[]} these @param {number} at */
  function seed(these, at) {
    for (const { symbol, venue, value, ageUs, phase, beside = {} } of these) {
      if (phase) liveness.seedPhase(venue, phase);
      const told = Object.entries(value ? { ticker: { value, ageUs }, ...beside } : beside);
      for (const [channel, its] of told) store.seed({ channel, symbol }, { epoch: "", seq: 0, value: its.value, at, age_us: its.ageUs ?? NaN });
    }
  }

  /** @param {any} frame @param {number} at */
  function heartbeat(frame, at) {
    liveness.heartbeat(frame, at);
    listing.heard(frame.listing);
    const badge = document.querySelector("[data-simulated]");
    if (frame.mode && badge) badge.toggleAttribute("hidden", frame.mode !== "demo");
  }
}

/** Where a page has no list that the search narrows, it leads to an instrument. @param {Page} page */
function lead({ keys }) {
  const answers = document.getElementById("answers");
  if (!keys.search || !answers || document.querySelector("[data-widget=markets]")) return;
  new Finder(keys.search, answers, clock, ({ slug }) => location.assign(`/instruments/${slug}/`)).connect(new AbortController().signal);
}

/** @param {Page} page */
function follow({ socket, scheduler, pulse }) {
  const shown = () => {
    const visible = document.visibilityState === "visible";
    socket.setVisible(visible);
    if (!visible) return scheduler.pause();
    pulse.look(); // so that the first frame says what is old
    scheduler.resume();
  };
  document.addEventListener("visibilitychange", shown);
  document.addEventListener("resume", shown);
  addEventListener("pageshow", ({ persisted }) => persisted && shown());
  pulse.watch(() => void socket.look());
  addEventListener("online", () => socket.setOnline(true));
  addEventListener("offline", () => socket.setOnline(false));
  shown();
}

/** Exported for whoever mounts a widget by hand. */
export const page = assembled();
wire(page);
follow(page);
page.keys.connect();
lead(page);
new Preferences(page.keys).connect();
const pill = document.querySelector("[data-pill]");
if (pill) new Pill(pill, page).connect();
if (pill || linkSecret()) {
  page.socket.want({ channel: "status", links: document.querySelector("[data-links]") !== null });
  page.socket.start();
  page.pulse.start();
}
mount(page);
