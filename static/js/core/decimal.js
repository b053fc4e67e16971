// @ts-check
/**
 * Exact arithmetic on decimal text. A number is `units / 10 ** scale` in a BigInt, never a float.
 * @typedef {{units: bigint, scale: number}} Scaled
 */

const PLAIN = /^-?\d{1,40}(\.\d{1,40})?$/;

/** @param {unknown} text @returns {text is string} */
export function isNumber(text) {
  return typeof text === "string" && PLAIN.test(text);
}

/** @param {string} text @returns {Scaled} */
export function parse(text) {
  const point = text.indexOf(".");
  if (point < 0) return { units: BigInt(text), scale: 0 };
  return { units: BigInt(text.slice(0, point) + text.slice(point + 1)), scale: text.length - point - 1 };
}

/** @param {Scaled} number @returns {string} with exactly `scale` digits after the point */
export function text({ units, scale }) {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  return `${units < 0n ? "-" : ""}${whole}${scale ? `.${digits.slice(-scale)}` : ""}`;
}

/** @param {Scaled} number @param {number} scale at least the number's own */
function widened(number, scale) {
  return scale === number.scale ? number.units : number.units * 10n ** BigInt(scale - number.scale);
}

/** @param {string} a @param {string} b */
export function add(a, b) {
  const [x, y] = [parse(a), parse(b)];
  const scale = Math.max(x.scale, y.scale);
  return text({ units: widened(x, scale) + widened(y, scale), scale });
}

/** @param {string} a @param {string} b */
export function subtract(a, b) {
  const [x, y] = [parse(a), parse(b)];
  const scale = Math.max(x.scale, y.scale);
  return text({ units: widened(x, scale) - widened(y, scale), scale });
}

/** @param {string} a @param {string} b */
export function multiply(a, b) {
  const [x, y] = [parse(a), parse(b)];
  return text({ units: x.units * y.units, scale: x.scale + y.scale });
}

/**
 * Negative, zero or positive, as sort wants it. Non-negative numbers, which prices and quantities
 * are, are compared as text, because a book is sorted several times a second.
 * @param {string} a @param {string} b
 */
export function compare(a, b) {
  if (a === b) return 0;
  if (a[0] === "-" || b[0] === "-" || a[0] === "0" || b[0] === "0") return compareScaled(parse(a), parse(b));
  const wholeA = a.indexOf(".") < 0 ? a.length : a.indexOf(".");
  const wholeB = b.indexOf(".") < 0 ? b.length : b.indexOf(".");
  if (wholeA !== wholeB) return wholeA - wholeB;
  if (a < b) return trimmed(a) === trimmed(b) ? 0 : -1;
  return trimmed(a) === trimmed(b) ? 0 : 1;
}

/** @param {Scaled} a @param {Scaled} b */
function compareScaled(a, b) {
  const scale = Math.max(a.scale, b.scale);
  const [x, y] = [widened(a, scale), widened(b, scale)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** @param {string} number */
function trimmed(number) {
  return number.includes(".") ? number.replace(/\.?0+$/, "") : number;
}

/** The one text of a number: no trailing zeros, no minus before zero, as accounting/exact.py has it. @param {string} number */
export function plain(number) {
  const found = trimmed(number);
  return found === "-0" ? "0" : found;
}

/**
 * `numerator × factor / denominator`, rounded half away from zero to `decimals` digits.
 * @param {string} numerator @param {string} denominator @param {number} decimals @param {bigint} [factor]
 * @returns {string | null} null where the denominator is zero
 */
export function ratio(numerator, denominator, decimals, factor = 1n) {
  const [n, d] = [parse(numerator), parse(denominator)];
  if (d.units === 0n) return null;
  const scale = Math.max(n.scale, d.scale);
  const top = widened(n, scale) * factor * 10n ** BigInt(decimals);
  return text({ units: divided(top, widened(d, scale)), scale: decimals });
}

/** @param {bigint} top @param {bigint} bottom */
function divided(top, bottom) {
  const negative = top < 0n !== bottom < 0n;
  const [a, b] = [top < 0n ? -top : top, bottom < 0n ? -bottom : bottom];
  const rounded = (a * 2n + b) / (b * 2n);
  return negative ? -rounded : rounded;
}

const PLACES = 24;

/**
 * `whole × part ÷ of`, rounded once, half to even, to 24 places, without zeros at its end: as accounting/exact.py shares.
 * @param {string} whole @param {string} part @param {string} of more than zero
 */
export function share(whole, part, of) {
  const [x, y, z] = [parse(whole), parse(part), parse(of)];
  const product = x.units * y.units;
  const top = (product < 0n ? -product : product) * 10n ** BigInt(PLACES + z.scale);
  const bottom = z.units * 10n ** BigInt(x.scale + y.scale);
  const [kept, twice] = [top / bottom, (top % bottom) * 2n];
  const up = twice > bottom || (twice === bottom && kept % 2n === 1n);
  const units = kept + (up ? 1n : 0n);
  return trimmed(text({ units: product < 0n ? -units : units, scale: PLACES }));
}

/** The sum of many, exact. @param {Iterable<string>} numbers */
export function sum(numbers) {
  let units = 0n;
  let scale = 0;
  for (const number of numbers) {
    const next = parse(number);
    if (next.scale > scale) [units, scale] = [widened({ units, scale }, next.scale), next.scale];
    units += widened(next, scale);
  }
  return text({ units, scale });
}

/** @param {string} bid @param {string} ask @returns {string | null} hundredths of a percent of the middle */
export function spreadBps(bid, ask) {
  if (!isNumber(bid) || !isNumber(ask)) return null;
  return ratio(subtract(ask, bid), add(ask, bid), 2, 20_000n);
}

/** The middle of two prices, exact: one digit more than they have. @param {string} bid @param {string} ask */
export function half(bid, ask) {
  const { units, scale } = parse(sum([bid, ask]));
  const tenths = (units * 5n).toString().padStart(scale + 2, "0");
  return `${tenths.slice(0, tenths.length - scale - 1)}.${tenths.slice(-scale - 1)}`;
}
