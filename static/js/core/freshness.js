// @ts-check
/**
 * How old was what a screen showed? Its age grows with the clock and falls when a newer value comes: a sawtooth,
 * of which mean and percentiles are taken over time, not over arrivals. Pure.
 *
 * @typedef {{version: number, at: number, born: number}} Step milliseconds of one monotonic clock
 * @typedef {{mean: number, p50: number, p95: number, p99: number}} Figures milliseconds
 */

/** What one way showed of each symbol, newest last. */
export class Trail {
  /** @type {Map<string, Step[]>} */
  #steps = new Map();

  /**
   * From `at` on it is shown. A version that shows already says nothing new.
   * @param {string} symbol @param {number} version another with every change of the value, and greater
   * @param {number} at @param {number} ageMs how old it was then
   */
  shows(symbol, version, at, ageMs) {
    const steps = this.#steps.get(symbol) ?? [];
    const last = steps.at(-1);
    if (last?.version === version) return;
    steps.push({ version, at, born: at - ageMs });
    this.#steps.set(symbol, steps);
  }

  /** @param {string} symbol @returns {Step[]} */
  of(symbol) {
    return this.#steps.get(symbol) ?? [];
  }

  get symbols() {
    return [...this.#steps.keys()];
  }

  get size() {
    return this.symbols.reduce((count, symbol) => count + this.of(symbol).length, 0);
  }

  /** Each step with the moment at which it was replaced, `until` for what still shows. @param {number} until @returns {(Step & {end: number, symbol: string})[]} */
  spans(until) {
    return this.symbols.flatMap((symbol) => {
      const steps = this.of(symbol);
      return steps.map((step, at) => ({ ...step, symbol, end: Math.max(step.at, Math.min(until, steps[at + 1]?.at ?? until)) }));
    });
  }
}

/** @param {Trail} trail @param {number} until @returns {Figures | null} null: it showed nothing for any time */
export function ages(trail, until) {
  const spans = trail.spans(until).filter(({ at, end }) => end > at);
  const total = spans.reduce((sum, { at, end }) => sum + end - at, 0);
  if (total === 0) return null;
  const weighted = spans.reduce((sum, { at, end, born }) => sum + (end - at) * ((at + end) / 2 - born), 0);
  const [p50, p95, p99] = quantiles(
    spans.map(({ at, end, born }) => [at - born, end - born]),
    [0.5, 0.95, 0.99],
  );
  return { mean: weighted / total, p50, p95, p99 };
}

/**
 * Of ages that grew evenly from a first to a last: exact, in one walk over the ends of all spans.
 * @param {number[][]} spans @param {number[]} shares ascending @returns {number[]}
 */
export function quantiles(spans, shares) {
  const starts = Float64Array.from(spans, ([from]) => from).sort();
  const ends = Float64Array.from(spans, ([, to]) => to).sort();
  const total = spans.reduce((sum, [from, to]) => sum + to - from, 0);
  const found = [];
  let [passed, x, next] = [0, starts[0], 0];
  for (let ended = 0; ended < ends.length && found.length < shares.length; ) {
    const edge = next < starts.length && starts[next] <= ends[ended] ? starts[next] : ends[ended];
    const active = next - ended;
    while (found.length < shares.length && active > 0 && passed + active * (edge - x) >= shares[found.length] * total) {
      found.push(x + (shares[found.length] * total - passed) / active);
    }
    passed += active * (edge - x);
    x = edge;
    if (edge === starts[next] && next < starts.length) next += 1;
    else ended += 1;
  }
  while (found.length < shares.length) found.push(x);
  return found;
}

/** Every version that any of them showed, with its earliest birth, oldest first. @param {Trail[]} trails @returns {Map<string, Step[]>} */
export function known(trails) {
  /** @type {Map<string, Step[]>} */
  const all = new Map();
  for (const symbol of new Set(trails.flatMap((trail) => trail.symbols))) {
    /** @type {Map<number, Step>} */
    const byVersion = new Map();
    for (const step of trails.flatMap((trail) => trail.of(symbol))) {
      const before = byVersion.get(step.version);
      if (!before || step.born < before.born) byVersion.set(step.version, step);
    }
    all.set(symbol, [...byVersion.values()].sort((a, b) => a.version - b.version));
  }
  return all;
}

/** @param {Map<string, Step[]>} all @returns {number} */
export function count(all) {
  return [...all.values()].reduce((sum, steps) => sum + steps.length, 0);
}

/**
 * The share of the time for which it showed what had been replaced at its source, as far as `all` knows.
 * @param {Trail} trail @param {Map<string, Step[]>} all @param {number} until @returns {number | null}
 */
export function outOfDate(trail, all, until) {
  let [late, total] = [0, 0];
  const following = new Map([...all].map(([symbol, steps]) => [symbol, new Map(steps.map(({ version }, at) => [version, steps[at + 1]?.born ?? Infinity]))]));
  for (const { symbol, version, at, end } of trail.spans(until)) {
    total += end - at;
    late += Math.max(0, end - Math.max(at, following.get(symbol)?.get(version) ?? Infinity));
  }
  return total === 0 ? null : late / total;
}
