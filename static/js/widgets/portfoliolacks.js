// @ts-check
/** What a total is without, in the server's words. Pure. */
import { named } from "../core/money.js";

/** @param {{base: string, missing: string[], stale: string[]}} of @returns {string[]} */
export function lacking({ base, missing, stale }) {
  const parts = [];
  if (missing.length > 0) parts.push(`no market leads from ${named(missing)} to ${base}`);
  if (stale.length > 0) parts.push(`${named(stale)} at a price that is not live`);
  return parts;
}
