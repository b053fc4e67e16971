// @ts-check
/** Stored bars, by request. */

/** @typedef {import("./merge.js").Value} Bar */
/** @typedef {{bars: Bar[], before: number, more: boolean, coming: boolean}} BarPage oldest first; `before` is what to ask with next */

/**
 * The last `limit` closed bars before a moment. Throws where the answer is none.
 * @param {string} slug @param {{interval: number, limit: number, before?: number | null}} asked minutes, and microseconds; no `before`: the newest
 * @param {AbortSignal} signal @returns {Promise<BarPage>}
 */
export async function storedBars(slug, { interval, limit, before = null }, signal) {
  const query = new URLSearchParams({ interval: String(interval), limit: String(limit), ...(before === null ? {} : { before: String(before) }) });
  const response = await fetch(`/instruments/${slug}/bars/?${query}`, { signal, headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`expected bars, found HTTP ${response.status}`);
  return response.json();
}
