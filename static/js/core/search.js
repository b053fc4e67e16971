// @ts-check
/** How well an instrument answers what was typed: exact, then prefix, suffix, substring. Pure. */

/** @typedef {{symbol: string, base: string, quote: string, venue: string, venueTitle: string, kind: string, names?: string[]}} Named */

/** @param {string} text */
function plain(text) {
  return text.toUpperCase().replace(/[\s/\-_.:]/g, "");
}

/** What people write between the digits of a number; a plain space parts words. */
const GROUPS = /(?<=[0-9])[,'\u2019\u202f\u00a0](?=[0-9])/g;

/** @param {string} typed @returns {string[]} words without what stands between the parts of a name */
export function words(typed) {
  return typed.replace(GROUPS, "").split(/[\s]+/).map(plain).filter(Boolean);
}

/** What can be searched of an instrument, prepared once: `names` are what else its asset is called. @param {Named} instrument */
export function fields({ symbol, base, quote, venue, venueTitle, kind, names = [] }) {
  const native = symbol.slice(symbol.indexOf(":") + 1);
  const aliases = names.flatMap((name) => [name, name + quote]);
  return [base, base + quote, native, symbol, quote, venue, venueTitle, kind, ...aliases].map(plain);
}

/** @param {string} field @param {string} word */
function rankOf(field, word) {
  if (field === word) return 0;
  if (field.startsWith(word)) return 1;
  if (field.endsWith(word)) return 2;
  return field.includes(word) ? 3 : Infinity;
}

/**
 * 0 is best; Infinity: it does not answer. The earlier field wins among equals: base, pair, symbol, venue.
 * @param {string[]} searched from {@link fields} @param {string[]} typed from {@link words}
 */
export function rank(searched, typed) {
  let total = 0;
  for (const word of typed) {
    total += Math.min(...searched.map((field, place) => rankOf(field, word) + place / 100));
  }
  return total;
}
