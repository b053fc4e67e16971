// @ts-check
/** What scripts ask the server: a form of ours sent with the token that it holds, a question; answers as JSON, failures in words. */

/** @typedef {{ok: boolean, status: number, content: any, words: string}} Answer `status` 0: none came; `words`: why it failed, for the person */

/**
 * @param {HTMLFormElement} form its token and its address @param {Record<string, string> | [string, string][]} fields
 * @param {string} [address] @param {RequestInit} [more] @returns {Promise<Answer>}
 */
export async function post(form, fields, address = form.action, more = {}) {
  const token = /** @type {HTMLInputElement} */ (form.elements.namedItem("csrfmiddlewaretoken")).value;
  const headers = { accept: "application/json", "x-csrftoken": token };
  const answer = await fetch(address, { method: "POST", headers, body: new URLSearchParams(fields), ...more }).catch(() => null);
  const status = answer?.redirected ? 401 : (answer?.status ?? 0); // to where one signs in
  const content = (await answer?.json().catch(() => null)) ?? null;
  const ok = status === 204 || (answer?.ok === true && !answer.redirected && content !== null);
  return { ok, status, content, words: ok ? "" : words(status, content) };
}

/**
 * Who signed in anew, in another tab, has another token: a page that was open meanwhile takes that one.
 * @param {HTMLFormElement} form
 */
export function renew(form) {
  const token = document.cookie.split("; ").find((pair) => pair.startsWith("csrftoken="))?.slice("csrftoken=".length);
  if (token) /** @type {HTMLInputElement} */ (form.elements.namedItem("csrfmiddlewaretoken")).value = token;
}

/**
 * The same for who has nothing else to do about a failure.
 * @param {HTMLFormElement} form @param {Record<string, string> | [string, string][]} fields
 * @param {string} [address] @returns {Promise<any>} what was answered. Throws an Error with words for the person.
 */
export async function send(form, fields, address) {
  const answer = await post(form, fields, address);
  if (answer.ok) return answer.content;
  throw new Error(answer.status ? answer.words : `${answer.words} Try again in a moment.`);
}

/** @param {string} address @returns {Promise<any>} null: no answer that can be read, or one that asks to sign in */
export async function ask(address) {
  const answer = await fetch(address, { headers: { accept: "application/json" }, signal: AbortSignal.timeout(10_000) }).catch(() => null);
  return answer?.ok && !answer.redirected ? answer.json().catch(() => null) : null;
}

/** @param {number} status @param {any} content */
function words(status, content) {
  if (!status) return "Not saved: the server does not answer.";
  if (status === 401) return "Not saved: your session is over. Sign in again.";
  const first = Object.values(content?.errors ?? {})[0];
  return first ? `Not saved: ${first}.` : `Not saved: the server answered ${status}.`;
}
