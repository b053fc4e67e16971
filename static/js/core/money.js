// @ts-check
/** Sums of money, prices of one, weights and per cents, as the server writes them on the first paint. Pure. */
import { isNumber, plain, ratio } from "./decimal.js";
import { ABSENT, sign } from "./format.js";

/**
 * `exact`: all digits, where `text` has fewer; `way`: up, down or nothing.
 * @typedef {{text: string, exact: string, way: string}} Cell
 */

const PLACES = 24;
const DIGITS = 7;
/** @type {Cell} */
export const NOTHING = { text: ABSENT, exact: "", way: "" };

/** @param {unknown} value @returns {Cell["way"]} */
function way(value) {
  return ["down", "", "up"][sign(value) + 1];
}

/** All its digits, where it has more than so many. @param {string} value @param {number} places */
function whole(value, places) {
  const digits = plain(value);
  return (digits.split(".")[1] ?? "").length > places ? digits : "";
}

/** The power of ten of its first digit. @param {string} value */
function adjusted(value) {
  const [before, after = ""] = value.replace("-", "").split(".");
  const digits = before.replace(/^0+/, "");
  return digits ? digits.length - 1 : -1 - after.search(/[1-9]/);
}

/** @param {import("./format.js").Format} format */
export function moneyIn(format) {
  return {
    /**
     * To so many places. What is smaller than the last of them is said to be so, never 0.
     * @param {unknown} value @param {number} places @param {boolean} [signed] @returns {Cell}
     */
    money(value, places, signed = false) {
      if (!isNumber(value)) return NOTHING;
      let text = format.fixed(value, places);
      if (sign(value) !== 0 && !/[1-9]/.test(text)) {
        const least = format.fixed(`0.${"0".repeat(places - 1)}1`, places);
        text = sign(value) > 0 ? `< ${least}` : `> −${least}`;
      } else if (signed && sign(value) > 0) text = `+${text}`;
      return { text, exact: whole(value, places), way: signed ? way(value) : "" };
    },

    /** Of one: to seven digits and at least two places. @param {unknown} value @returns {Cell} */
    unit(value) {
      if (!isNumber(value)) return NOTHING;
      const places = sign(value) === 0 ? 2 : Math.min(PLACES, Math.max(2, DIGITS - 1 - adjusted(value)));
      return { text: format.price(rounded(value, places), 2), exact: whole(value, places), way: "" };
    },

    /** @param {string | null} value @returns {Cell} */
    percent(value) {
      if (!isNumber(value)) return NOTHING;
      return { text: `${sign(value) > 0 ? "+" : ""}${format.fixed(value, 2)}%`, exact: "", way: way(value) };
    },

    /** @param {string | null} percent @returns {string} */
    weight(percent) {
      return isNumber(percent) ? `${format.fixed(percent, 1)}%` : ABSENT;
    },
  };
}

/** @param {string} value @param {number} places */
function rounded(value, places) {
  return /** @type {string} */ (ratio(value, "1", places));
}

/** 100 × one ÷ other; null where there is no other. @param {unknown} one @param {unknown} other @returns {string | null} */
export function percentOf(one, other) {
  return isNumber(one) && isNumber(other) ? ratio(one, other, PLACES, 100n) : null;
}

/** At most six, then how many more. @param {string[]} names @param {number} [most] */
export function named(names, most = 6) {
  return names.slice(0, most).join(", ") + (names.length > most ? ` and ${names.length - most} more` : "");
}
