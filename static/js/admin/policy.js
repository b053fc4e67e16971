// @ts-check
/**
 * What the admin's libraries may do under its content policy. They write HTML as text and compile Alpine's
 * expressions, so Trusted Types need one policy for all of them: HTML that could run or load something is refused,
 * text becomes code for Alpine alone, and scripts come from our own static files. Runs before any of them does.
 */
(() => {
  "use strict";
  const ACTIVE = /<\s*\/?\s*(?:script|iframe|frame|object|embed|applet|base|link|meta|style)\b|[\s"'/]on[a-z]+\s*=|javascript\s*:|srcdoc\s*=/i;
  const STATIC = new URL("/static/", location.origin).href;

  /** @param {string} what @param {string} text @returns {never} */
  function refuse(what, text) {
    throw new TypeError(`content policy: ${what}: ${text.slice(0, 80)}`);
  }

  globalThis.trustedTypes?.createPolicy("default", {
    createHTML: (/** @type {string} */ text) => (ACTIVE.test(text) ? refuse("HTML that runs or loads something", text) : text),
    createScript: (/** @type {string} */ text, /** @type {string} */ _, /** @type {string} */ sink) =>
      (/Function$|^eval$/.test(sink) ? text : refuse("a script as text", text)),
    createScriptURL: (/** @type {string} */ url) =>
      (new URL(url, location.href).href.startsWith(STATIC) ? url : refuse("a script from elsewhere", url)),
  });

  const htmx = /** @type {any} */ (globalThis).htmx;
  Object.assign(htmx.config, { includeIndicatorStyles: false, allowEval: false, allowScriptTags: false });
})();
