// @ts-check
/**
 * What European options are worth, their greeks, and the volatility that a price implies, as
 * marketdash/options/pricing.py has them: the same names, units and reasons, held to the same numbers by
 * tests/contract/options/black76.json. Floats, so all of it is an estimate. Pure.
 *
 * @typedef {{right: string, strike: number, years: number, rate: number}} Terms
 * @typedef {{delta: number, gamma: number, vega: number, theta: number, rho: number}} Greeks
 * @typedef {{volatility: number | null, reason: string}} Implied null: there is none, and the reason says why
 */

export const YEAR_DAYS = 365;
export const YEAR_US = YEAR_DAYS * 86_400_000_000;
const LEAST = 0.001;
const MOST = 20;
const MOST_YEARS = 100;
const MOST_RATE = 5;
const STEPS = 100;
const CLOSE = 1e-13;
const NOISE = 1e-12;

/** @param {Terms} terms */
const signOf = ({ right }) => (right === "call" ? 1 : -1);

/** @param {Terms} terms */
export const discount = ({ rate, years }) => Math.exp(-rate * years);

/** The price on a forward. @param {number} forward @param {Terms} terms @param {number} volatility */
export function black76(forward, terms, volatility) {
  return discount(terms) * undiscounted(forward, terms, volatility);
}

/** @param {number} forward @param {Terms} terms @param {number} volatility */
function undiscounted(forward, terms, volatility) {
  const spread = volatility * Math.sqrt(Math.max(0, terms.years));
  const sign = signOf(terms);
  if (!(spread > 0)) return Math.max(0, sign * (forward - terms.strike));
  const first = quantile(forward, terms.strike, spread);
  return Math.max(0, sign * (forward * normal(sign * first) - terms.strike * normal(sign * (first - spread))));
}

/** The formulas' d1. @param {number} forward @param {number} strike @param {number} spread */
const quantile = (forward, strike, spread) => Math.log(forward / strike) / spread + spread / 2;

/** @param {number} x */
const density = (x) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

const ABOVE = [3.52624965998911e-2, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931, 220.206867912376];
const BELOW = [8.83883476483184e-2, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831, 793.826512519948, 440.413735824752];

/** @param {number[]} coefficients the highest power first @param {number} x */
const polynomial = (coefficients, x) => coefficients.reduce((sum, each) => sum * x + each, 0);

/**
 * How much of the standard normal distribution lies below: Hart's rational approximation, and a continued fraction
 * beyond it (G. West, Better approximations to cumulative normal functions, 2005). @param {number} x
 */
export function normal(x) {
  const far = Math.abs(x);
  if (Number.isNaN(far)) return NaN;
  if (far > 37) return x > 0 ? 1 : 0;
  const bell = Math.exp((-far * far) / 2);
  const fraction = far + 1 / (far + 2 / (far + 3 / (far + 4 / (far + 0.65))));
  const tail = far < 7.07106781186547 ? (bell * polynomial(ABOVE, far)) / polynomial(BELOW, far) : bell / fraction / Math.sqrt(2 * Math.PI);
  return x > 0 ? 1 - tail : tail;
}

/**
 * By Black and Scholes's formula; rho holds the spot price. @param {number} spot @param {Terms} terms @param {number} volatility @returns {Greeks}
 */
export function greeksOf(spot, terms, volatility) {
  const { strike, years, rate } = terms;
  const [sign, factor] = [signOf(terms), discount(terms)];
  const spread = volatility * Math.sqrt(Math.max(0, years));
  if (!(spread > 0)) return expired(spot / factor, terms);
  const first = quantile(spot / factor, strike, spread);
  const bell = density(first);
  const kept = strike * factor * normal(sign * (first - spread));
  return {
    delta: sign * normal(sign * first),
    gamma: bell / (spot * spread),
    vega: (spot * bell * Math.sqrt(years)) / 100,
    theta: -((spot * bell * volatility) / (2 * Math.sqrt(years)) + sign * rate * kept) / YEAR_DAYS,
    rho: (sign * years * kept) / 100,
  };
}

/** @param {number} forward @param {Terms} terms @returns {Greeks} */
function expired(forward, terms) {
  const inside = signOf(terms) * (forward - terms.strike);
  const delta = signOf(terms) * (inside > 0 ? 1 : inside === 0 ? 0.5 : 0);
  return { delta, gamma: 0, vega: 0, theta: 0, rho: 0 };
}

/** Of a day, or of what is left; what it costs cannot be lost twice. @param {number} theta @param {number} years @param {number} price */
export function toldTheta(theta, years, price) {
  return theta < 0 ? Math.max(theta * Math.min(1, years * YEAR_DAYS), -price) : theta;
}

/** The volatility that a price implies. Never NaN. @param {number} price @param {number} forward @param {Terms} terms @returns {Implied} */
export function implied(price, forward, terms) {
  const refused = refusal(price, forward, terms);
  if (refused) return { volatility: null, reason: refused };
  const inside = signOf(terms) * (forward - terms.strike);
  const worth = price / discount(terms) - Math.max(0, inside);
  const outside = inside > 0 ? { ...terms, right: terms.right === "call" ? "put" : "call" } : terms;
  if (inside > 0 && worth <= NOISE * forward) return { volatility: null, reason: "the price is all intrinsic value" };
  if (worth <= undiscounted(forward, outside, LEAST)) return { volatility: null, reason: `it would be below ${LEAST * 100}%` };
  if (worth >= undiscounted(forward, outside, MOST)) return { volatility: null, reason: `it would be above ${MOST * 100}%` };
  return { volatility: solved(worth, forward, outside), reason: "" };
}

/** @param {number} price @param {number} forward @param {Terms} terms */
function refusal(price, forward, terms) {
  if (!Number.isFinite(forward) || forward <= 0) return "there is no price of the underlying";
  if (![price, terms.strike, terms.years, terms.rate].every(Number.isFinite) || price <= 0 || terms.strike <= 0) return "there is no price";
  if (terms.years <= 0) return "it has expired";
  if (terms.years > MOST_YEARS || Math.abs(terms.rate) > MOST_RATE) return "its expiry or its rate is out of all bounds";
  const least = discount(terms) * Math.max(0, signOf(terms) * (forward - terms.strike));
  const most = discount(terms) * (terms.right === "call" ? forward : terms.strike);
  if (price < least * (1 - 1e-12)) return "the price is below its intrinsic value";
  return price >= most ? "the price is above what it can ever be worth" : "";
}

/** Newton's steps on the logarithm of the price, inside a bracket. @param {number} worth @param {number} forward @param {Terms} terms */
function solved(worth, forward, terms) {
  let [low, high] = [LEAST, MOST];
  const root = Math.sqrt(terms.years);
  const bend = Math.sqrt(2 * Math.abs(Math.log(forward / terms.strike))) / root;
  let guess = Math.min(high, Math.max(low, bend || ((worth / forward) * Math.sqrt(2 * Math.PI)) / root));
  for (let step = 0; step < STEPS; step += 1) {
    const price = undiscounted(forward, terms, guess);
    if (price < worth) low = guess;
    else high = guess;
    const slope = forward * density(quantile(forward, terms.strike, guess * root)) * root;
    const next = price > 0 && slope > 0 ? guess + (price * Math.log(worth / price)) / slope : Infinity;
    const nearer = next > low && next < high ? next : (low + high) / 2;
    if (Math.abs(nearer - guess) <= CLOSE * guess) return nearer;
    guess = nearer;
  }
  return guess;
}
