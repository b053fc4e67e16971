// @ts-check
/** Times in a time zone. How far it is from UTC is asked once for each quarter of an hour, not for each row. */

const QUARTER_US = 900_000_000;
const KEPT = 500;

export class Zone {
  name;
  #formatter;
  /** @type {Map<number, number>} quarter of an hour → microseconds from UTC */
  #offsets = new Map();

  /** @param {string} name an IANA name; one that this browser does not know is shown as UTC */
  constructor(name) {
    [this.name, this.#formatter] = formatter(name);
  }

  /** For the head of a column. */
  get word() {
    return this.name.slice(this.name.lastIndexOf("/") + 1).replaceAll("_", " ");
  }

  /** @param {number} us microseconds since 1970 */
  timeOfDay(us) {
    return this.#shifted(us).slice(11, 19);
  }

  /** To the minute. @param {number} us */
  dateAndTime(us) {
    return this.#shifted(us).slice(0, 16).replace("T", " ");
  }

  /** @param {number} us */
  #shifted(us) {
    return new Date((us + this.#offset(us)) / 1000).toISOString();
  }

  /** @param {number} us */
  #offset(us) {
    if (this.name === "UTC") return 0;
    const quarter = Math.floor(us / QUARTER_US);
    let offset = this.#offsets.get(quarter);
    if (offset === undefined) {
      if (this.#offsets.size >= KEPT) this.#offsets.clear();
      offset = this.#asked((quarter * QUARTER_US) / 1000) * 1000;
      this.#offsets.set(quarter, offset);
    }
    return offset;
  }

  /** @param {number} ms @returns {number} */
  #asked(ms) {
    const parts = Object.fromEntries(this.#formatter.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second) - ms;
  }
}

/** @param {string} name @returns {[string, Intl.DateTimeFormat]} */
function formatter(name) {
  /** @type {Intl.DateTimeFormatOptions} */
  const options = { hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" };
  try {
    return [name, new Intl.DateTimeFormat("en-US", { ...options, timeZone: name })];
  } catch {
    return ["UTC", new Intl.DateTimeFormat("en-US", { ...options, timeZone: "UTC" })];
  }
}

export function deviceZone() {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

/** @param {string | undefined} chosen utc, local, exchange or an IANA name @param {string} exchange its own zone */
export function zoneOf(chosen, exchange) {
  const known = /** @type {Record<string, string>} */ ({ utc: "UTC", local: deviceZone(), exchange });
  return new Zone(known[chosen ?? "utc"] ?? chosen);
}
