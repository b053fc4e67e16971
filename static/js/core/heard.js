// @ts-check
import { Transit } from "./transit.js";

/**
 * When the server was heard, and what that is worth. After a silence that was ours (a machine that slept, a page
 * that was frozen) or the network's, what arrives first may have waited on the way for as long: until an answer to
 * a question that was asked afterwards, it is dated back to when the link was last known to be prompt. Pure.
 */

/** The server sends a heartbeat each second; a dead link does not always close. */
export const SILENT_MS = 10_000;
const DOUBT_MS = 3_000;
/** Whoever comes back to the page asks, and waits so long for any word. */
const AWAKE_MS = 1_500;
const PING_MS = 5_000;
const FAR_MS = 300;

export class Heard {
  #at = 0;
  #beganAt = 0;
  #lookedAt = 0;
  /** @type {number | null} the moment to which what arrives is dated back */
  #since = null;
  /** For so long nobody was here to take in what arrives now: that it is late says nothing of the link. */
  #awayMs = 0;
  #roundTripMs = 0;
  #asked = 0;
  /** @type {Map<number, number>} when each ping was sent that is not answered yet: on a far line they are several */
  #asks = new Map();
  #askedAt = 0;
  #answers = 0;
  #wordBy = Infinity;
  #transit = new Transit();

  /** A new connection. @param {number} now */
  begin(now) {
    this.#beganAt = this.#at = this.#lookedAt = this.#askedAt = now;
    this.#since = null;
    this.#awayMs = this.#roundTripMs = 0;
    this.#wordBy = Infinity;
    this.#asks.clear();
    this.#transit.forget();
  }

  /**
   * Whether each frame is to be acknowledged at once. On a far or slow line what is said may be lost; that is seen by what is said
   * next, and without it after a second.
   */
  get isHasty() {
    return this.#awayMs > 0 || this.#roundTripMs > FAR_MS;
  }

  /** What is said with an acknowledgement. @param {number} frame @returns {{frame: number, away_ms?: number}} */
  taken(frame) {
    return this.#awayMs > 0 ? { frame, away_ms: Math.round(this.#awayMs) } : { frame };
  }

  /**
   * Often, and before anything of now is made use of. `doubtful`: to be asked. `lost`: to be opened anew; at once if
   * `slept`, because nobody was there to look, or somebody waits.
   * @param {number} now @returns {"prompt" | "doubtful" | "lost" | "slept"}
   */
  look(now) {
    const away = now - this.#lookedAt;
    this.#lookedAt = now;
    if (now > this.#wordBy) return "slept";
    if (now - this.#at > SILENT_MS) return away > DOUBT_MS ? "slept" : "lost";
    if (now - this.#at <= DOUBT_MS || this.#since !== null) return "prompt";
    this.#since = this.#at;
    this.#answers = this.#asked + 1;
    this.#awayMs = away > DOUBT_MS ? away : 0;
    return "doubtful";
  }

  /** A message is here. @param {number} now @param {number} [clockUs] what the server's clock said as it was sent @returns {number} the moment that it is of, at the latest */
  arrived(now, clockUs) {
    this.#at = now;
    if (this.#since !== null) return this.#since;
    this.#wordBy = Infinity;
    if (clockUs === undefined) return now;
    return this.#transit.isKnown ? now - this.#transit.took(clockUs / 1000, now) : this.#beganAt;
  }

  /** @param {number} id of a ping that is sent now @param {number} now */
  asks(id, now) {
    this.#asked = id;
    this.#askedAt = now;
    this.#asks.set(id, now);
  }

  /** @param {number} now */
  isPingDue(now) {
    return now - this.#askedAt >= PING_MS;
  }

  /** Somebody looks at the page again. @param {number} now */
  expect(now) {
    this.#wordBy = Math.min(this.#wordBy, now + AWAKE_MS);
  }

  /** @param {number} id of the ping that a pong answers @param {number} now @param {number} [clockUs] @returns {number} how long that took; NaN for one that was not asked, or is answered already */
  answered(id, now, clockUs) {
    if (this.#since !== null && id >= this.#answers) {
      this.#since = null;
      this.#awayMs = 0;
      this.#wordBy = Infinity;
    }
    const askedAt = this.#asks.get(id);
    if (askedAt === undefined) return NaN;
    for (const before of this.#asks.keys()) if (before <= id) this.#asks.delete(before);
    if (clockUs !== undefined) this.#transit.answered(askedAt, clockUs / 1000, now);
    this.#roundTripMs = now - askedAt;
    return this.#roundTripMs;
  }
}
