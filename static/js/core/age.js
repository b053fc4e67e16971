// @ts-check
/** What may be called live, and how old a value is. Decays by itself: silence needs no message. */

/** Drawn within the 3 s that are promised: a heartbeat a second, and half a second to draw. */
export const LIVE_FOR_MS = 2_500;
const NOTICED_MS = 500; // on the way, which always takes something
const SLOW = "your connection is slow";

/**
 * @typedef {{state: string, reason: string}} Standing
 * @typedef {{words: string, reason: string, why: string}} Trouble `why`: of the worst venue that says it, where `reason` is not about all
 * @typedef {{name: string, words: string}} Phase pre, open, post or closed; empty where a market never closes, and while nobody knows
 */

const STANDS = ["state", "reason", "phase"];
const NO_PHASE = { name: "", words: "" };
const WORST_FIRST = ["down", "stale", "halted", "delisted", "syncing"];
/** No trouble: a market that is closed by its calendar is as it should be. */
const CALM = ["live", "closed"];

/** KRAKEN → Kraken. @param {string} name */
function capital(name) {
  return name[0] + name.slice(1).toLowerCase().replaceAll("_", " ");
}

/** @param {Standing} standing @param {string | undefined} phase @returns {Standing} */
function closed(standing, phase) {
  if (standing.state !== "halted" || phase !== "closed") return standing;
  return { state: "closed", reason: standing.reason.replace(/^closed(, )?/, "") };
}

/** Coinbase down, 17 stale. @param {(Standing & {name: string})[]} troubled the worst first */
function counted(troubled) {
  const states = [...new Set(troubled.map(({ state }) => state))];
  const its = (/** @type {string} */ state) => troubled.filter((each) => each.state === state);
  return states.map((state) => `${its(state).length === 1 ? capital(its(state)[0].name) : its(state).length} ${state}`).join(", ");
}

/** @param {Record<string, any>} value of a row that holds nothing */
function isBare(value) {
  for (const name in value) if (!STANDS.includes(name)) return false;
  return true;
}

export class Liveness {
  #now;
  #started;
  #heard;
  /** Whether the server told this page yet which feeds are there: until then nobody knows. */
  #spoken = false;
  /** For so long what the server knows waited for this page's link or was under way, when it last spoke. */
  #lateMs = 0;
  /** @type {Map<string, number>} the moment at which each venue's feed was last known to be there */
  #feeds = new Map();
  /** @type {Map<string, Standing>} */
  #venues = new Map();
  /** @type {Map<string, Phase>} */
  #phases = new Map();
  /** Why nothing that is entered is kept just now; "" while all is. */
  saving = "";

  /** @param {() => number} now monotonic milliseconds @param {number} [made] when the server made the page */
  constructor(now, made = now()) {
    this.#now = now;
    this.#started = this.#heard = made;
  }

  /** @param {any} frame a status heartbeat @param {number} at */
  heartbeat(frame, at) {
    this.#heard = at;
    this.#spoken = true;
    this.saving = frame.saving ?? "";
    const took = this.#now() - at;
    this.#lateMs = (frame.late_us ?? 0) / 1000 + (took > NOTICED_MS ? took : 0);
    for (const { symbol, age_us } of frame.data) this.#feeds.set(symbol, at - age_us / 1000);
  }

  /** What the server says of a venue. @param {string} name @param {string} state @param {string} reason @param {Phase} [phase] */
  venue(name, state, reason, phase = NO_PHASE) {
    this.#venues.set(name, { state, reason });
    this.#phases.set(name, phase);
  }

  /** What the page came with, until the feed speaks itself. @param {string} venue @param {Phase} phase */
  seedPhase(venue, phase) {
    if (!this.#phases.has(venue)) this.#phases.set(venue, phase);
  }

  /** In which part of its day a market is, by the last word of its feed. @param {string} venue @returns {Phase} */
  phase(venue) {
    return this.connected && this.feedAlive(venue) ? this.#phases.get(venue) ?? NO_PHASE : NO_PHASE;
  }

  get spoken() { return this.#spoken; }

  /** When the server last said which feeds are there, or made the page. */
  get heardAt() { return this.#heard; }

  /** Whether the server is still talking to this page. */
  get connected() {
    return this.#now() - this.#heard <= LIVE_FOR_MS;
  }

  /**
   * The state to show for a value: what its row says, and never live when something between it and
   * this page is silent. Nothing is on its way then either. Seen from the page outwards, so that the nearest cause is named.
   * What its hours halt is closed: the first paint says the same (`publish.py`).
   * @param {string} venue @param {{state?: string, reason?: string, phase?: string} | undefined} value @returns {Standing}
   */
  standing(venue, value) {
    const own = value?.state ?? "syncing";
    if (own !== "live" && own !== "syncing") return closed({ state: own, reason: value?.reason ?? "" }, value?.phase);
    const silent = own === "live" || (value && !isBare(value)) ? "stale" : "down"; // nothing there is no older than it was
    if (!this.connected) return { state: silent, reason: this.silence };
    if (!this.feedAlive(venue)) return { state: silent, reason: this.heardBehind(venue) ? SLOW : "no word from the feed" };
    const its = this.#venues.get(venue);
    if (!its && this.#spoken && own === "live") return { state: "syncing", reason: "waiting for word of the venue" };
    const calm = !its || its.state === "live" || (own === "syncing" && value);
    if (!calm) return closed(its, this.#phases.get(venue)?.name);
    return { state: own, reason: value?.reason || (value ? "" : "waiting for data") };
  }

  /** Whether the server last said that this page's line is late. */
  get isLate() { return this.#lateMs > 0; }

  /** Why nothing is heard, while nothing is. */
  get silence() {
    return this.isLate ? SLOW : "no word from the server";
  }

  /** Whether it is this page's line alone that is late: the server did hear of it. @param {string} venue */
  heardBehind(venue) {
    return this.#lateMs > 0 && this.#now() - (this.#feeds.get(venue) ?? -Infinity) - this.#lateMs <= LIVE_FOR_MS;
  }

  /** The names of those that the server spoke of. */
  venues() {
    return [...this.#venues.keys()];
  }

  /**
   * Venues in trouble, in words: all are counted, whatever is wrong with each. null: all are live, or closed.
   * @returns {Trouble | null}
   */
  worst() {
    const rank = (/** @type {Standing} */ { state }) => WORST_FIRST.indexOf(state);
    const troubled = this.#standings().filter(({ state }) => !CALM.includes(state)).sort((a, b) => rank(a) - rank(b));
    if (troubled.length === 0) return null;
    const [first] = troubled;
    const [states, reasons] = [new Set(troubled.map(({ state }) => state)), new Set(troubled.map(({ reason }) => reason))];
    const told = troubled.find(({ reason }) => reason);
    const why = told ? `${capital(told.name)} ${told.state}: ${told.reason}` : "";
    if (troubled.length === 1) return { words: `${capital(first.name)} ${first.state}`, reason: first.reason, why: "" };
    if (states.size > 1) return { words: `${troubled.length} venues not live`, reason: counted(troubled), why };
    const same = reasons.size === 1;
    return { words: `${troubled.length} venues ${first.state}`, reason: same ? first.reason : "", why: same ? "" : why };
  }

  /**
   * Whether the server reaches no venue at all: then it is its own connection that is the matter. Trying once more changes nothing.
   * @param {boolean} before what it was
   */
  unreached(before) {
    const states = this.#standings().map(({ state }) => state);
    const none = states.length > 0 && states.every((state) => state === "down" || state === "syncing");
    return none && (before || states.includes("down"));
  }

  /** Venues whose hours are over, in words. @returns {string[]} */
  closed() {
    return this.#standings().filter(({ state }) => state === "closed").map(({ name, reason }) => `${capital(name)} closed${reason && `: ${reason}`}.`);
  }

  #standings() {
    return this.venues().map((name) => ({ name, ...this.standing(name, { state: "live" }) }));
  }

  /** @param {string} venue */
  feedAlive(venue) {
    return this.#now() - (this.#feeds.get(venue) ?? this.#started) <= LIVE_FOR_MS;
  }

  /** Seconds for which a feed is known to be silent; NaN where none is, or the server never heard of it. @param {string} venue */
  silentS(venue) {
    return this.feedAlive(venue) ? NaN : (this.#now() - (this.#feeds.get(venue) ?? NaN)) / 1000;
  }

  /** Changes whenever a value may have gone stale or live. */
  get signature() {
    const silent = [...this.#feeds.keys()].filter((venue) => !this.feedAlive(venue));
    const words = [...this.#venues].map(([name, { state }]) => name + state + this.#phases.get(name)?.name);
    return [this.connected, this.#spoken, this.saving, this.#now() - this.#started > LIVE_FOR_MS, ...silent, ...words].join();
  }

  /** Seconds; NaN where nobody said, and where a row is a state alone: what is not there has no age. @param {{at: number, age_us: number, value?: Record<string, any>}} entry */
  ageS({ at, age_us, value }) {
    if (value && isBare(value)) return NaN;
    return (this.#now() - at) / 1000 + age_us / 1e6;
  }
}
