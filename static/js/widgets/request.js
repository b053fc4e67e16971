// @ts-check
/** A form of ours sent by a script: the token that it holds, the answer as JSON, and words when it fails. */

/**
 * @param {HTMLFormElement} form its token and its address @param {Record<string, string> | [string, string][]} fields
 * @param {string} [address] @returns {Promise<any>} what was answered. Throws an Error with words for the person.
 */
export async function send(form, fields, address = form.action) {
  const token = /** @type {HTMLInputElement} */ (form.elements.namedItem("csrfmiddlewaretoken")).value;
  const headers = { accept: "application/json", "x-csrftoken": token };
  const answer = await fetch(address, { method: "POST", headers, body: new URLSearchParams(fields) }).catch(() => null);
  if (answer?.ok) return answer.status === 204 ? null : answer.json();
  throw new Error(await words(answer));
}

/** @param {Response | null} answer */
async function words(answer) {
  if (!answer) return "Not saved: the server does not answer. Try again in a moment.";
  if (answer.status === 401) return "Not saved: your session is over. Sign in again.";
  const said = await answer.json().catch(() => null);
  const first = Object.values(said?.errors ?? {})[0];
  return first ? `Not saved: ${first}.` : `Not saved: the server answered ${answer.status}.`;
}
