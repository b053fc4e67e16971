// @ts-check
/** How well an instrument answers what was typed: exact, then prefix, suffix, substring. Pure. */

const ALIASES = new Map([
  ["XBT", "BTC"],
  ["XDG", "DOGE"],
  ["BITCOIN", "BTC"],
  ["ETHER", "ETH"],
  ["ETHEREUM", "ETH"],
]);

/** @typedef {{symbol: string, base: string, quote: string, venue: string, venueTitle: string, kind: string}} Named */

/** @param {string} text */
function plain(text) {
  return text.toUpperCase().replace(/[\s/\-_.:]/g, "");
}

/** @param {string} typed @returns {string[]} words, each with well-known codes in their usual form */
export function words(typed) {
  const found = typed.split(/[\s]+/).map(plain).filter(Boolean);
  return found.map((word) => {
    for (const [other, usual] of ALIASES) if (word.startsWith(other)) return usual + word.slice(other.length);
    return word;
  });
}

/** What can be searched of an instrument, prepared once. @param {Named} instrument */
export function fields({ symbol, base, quote, venue, venueTitle, kind }) {
  const native = symbol.slice(symbol.indexOf(":") + 1);
  return [base, base + quote, native, symbol, quote, venue, venueTitle, kind].map(plain);
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
