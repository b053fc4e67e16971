// @ts-check
/** Decimal text as people read it. Works on the digits; a float never comes near a shown number. */
import { isNumber } from "./decimal.js";

export const ABSENT = "–";
const MINUS = "−";
const SMALL = ["", " K", " M", " B", " T", " Q"];
const SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉";

/**
 * How numbers are written. The server decides it and writes the first paint with it; see marketdash/numerals.py.
 * @typedef {{point: string, group: string, second: number, least: number}} Style
 */

/** @type {Style} `second`: digits of every group but the last; `least`: digits from which on there are groups */
export const ENGLISH = { point: ".", group: ",", second: 3, least: 4 };

export class Format {
  #style;

  /** @param {Style} [style] */
  constructor(style = ENGLISH) {
    this.#style = style;
  }

  /**
   * All digits that say something, and zeros up to `decimals`: some venues write 1.50000000 for a tick of 0.01.
   * @param {unknown} text @param {number} [decimals]
   */
  number(text, decimals = 0) {
    if (!isNumber(text)) return ABSENT;
    const [whole, fraction] = split(text);
    return this.#joined(text, whole, padded(fraction, decimals));
  }

  /**
   * A price. Five or more zeros behind the point are counted: 0.0000071 is shown as 0.0₅71.
   * @param {unknown} text @param {number} decimals
   */
  price(text, decimals) {
    if (!isNumber(text)) return ABSENT;
    const [whole, fraction] = split(text);
    const digits = padded(fraction, decimals);
    const zeros = whole === "0" ? digits.search(/[1-9]/) : 0;
    return this.#joined(text, whole, zeros >= 5 ? `0${subscript(zeros)}${digits.slice(zeros)}` : digits);
  }

  /** With a sign always, zero apart. @param {unknown} text @param {number} decimals */
  signed(text, decimals) {
    if (!isNumber(text)) return ABSENT;
    const rounded = round(text, decimals);
    return `${sign(rounded) > 0 ? "+" : ""}${this.number(rounded, decimals)}`;
  }

  /** Percent points, signed. @param {unknown} text */
  percent(text) {
    const shown = this.signed(text, 2);
    return shown === ABSENT ? shown : `${shown}%`;
  }

  /** Rounded to `decimals`. @param {unknown} text @param {number} decimals */
  fixed(text, decimals) {
    return isNumber(text) ? this.number(round(text, decimals), decimals) : ABSENT;
  }

  /** Three digits and a letter: 1.24 B. What is small has three digits too, not zero. @param {unknown} text */
  compact(text) {
    if (!isNumber(text)) return ABSENT;
    const [whole, fraction] = split(text);
    const zeros = whole === "0" ? fraction.search(/[1-9]/) : 0;
    if (zeros >= 2) return this.price(round(text, zeros + 3), 0);
    const size = Math.min(Math.floor((whole.length - 1) / 3), SMALL.length - 1);
    const digits = whole.length - 3 * size;
    const scaled = `${whole.slice(0, digits)}.${whole.slice(digits)}${fraction}`.replace(/\.$/, "");
    const rounded = round(scaled, Math.max(0, 3 - digits));
    if (rounded === "1000" && size < SMALL.length - 1) return `${this.#joined(text, "1", "00")}${SMALL[size + 1]}`;
    const [shownWhole, shownFraction] = split(rounded);
    return `${this.#joined(text, shownWhole, shownFraction)}${SMALL[size]}`;
  }

  /** @param {string} text @param {string} whole @param {string} fraction */
  #joined(text, whole, fraction) {
    return `${sign(text) < 0 ? MINUS : ""}${grouped(whole, this.#style)}${fraction ? this.#style.point + fraction : ""}`;
  }
}

/** @param {string} whole @param {Style} style */
function grouped(whole, { group, second, least }) {
  if (whole.length < least || group === "") return whole;
  let shown = whole.slice(-3);
  for (let end = whole.length - 3; end > 0; end -= second) shown = whole.slice(Math.max(0, end - second), end) + group + shown;
  return shown;
}

/** @param {string} text @returns {[string, string]} digits before the point without leading zeros, and after */
function split(text) {
  const bare = text[0] === "-" ? text.slice(1) : text;
  const point = bare.indexOf(".");
  const whole = (point < 0 ? bare : bare.slice(0, point)).replace(/^0+(?=\d)/, "");
  return [whole, point < 0 ? "" : bare.slice(point + 1)];
}

/** @param {string} fraction @param {number} decimals at least so many digits, and no zeros after them */
function padded(fraction, decimals) {
  let end = fraction.length;
  while (end > decimals && fraction[end - 1] === "0") end -= 1;
  return fraction.slice(0, end).padEnd(decimals, "0");
}

/** -1, 0 or 1. @param {unknown} text */
export function sign(text) {
  if (!isNumber(text) || !/[1-9]/.test(text)) return 0;
  return text[0] === "-" ? -1 : 1;
}

/** Half away from zero. @param {string} text @param {number} decimals */
export function round(text, decimals) {
  const [whole, fraction] = split(text);
  const kept = BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, "0"));
  const up = fraction.length > decimals && fraction[decimals] >= "5" ? 1n : 0n;
  const digits = (kept + up).toString().padStart(decimals + 1, "0");
  const cut = digits.length - decimals;
  return `${text[0] === "-" ? "-" : ""}${digits.slice(0, cut)}${decimals ? `.${digits.slice(cut)}` : ""}`;
}

/** @param {number} number */
function subscript(number) {
  return [...String(number)].map((digit) => SUBSCRIPTS[Number(digit)]).join("");
}

/** < 1 s, 12 s, 3 min, 5 h, 2 d: what is live does not flicker through tenths. @param {number} seconds */
export function age(seconds) {
  if (!Number.isFinite(seconds)) return ABSENT;
  const past = Math.max(0, seconds);
  if (past < 1) return "< 1 s";
  if (past < 120) return `${Math.floor(past)} s`;
  if (past < 7_200) return `${Math.floor(past / 60)} min`;
  if (past < 172_800) return `${Math.floor(past / 3_600)} h`;
  return `${Math.floor(past / 86_400)} d`;
}
