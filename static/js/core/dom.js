// @ts-check
/** The only module of core that touches the page. Text goes in as text, always. */

/** Write only what changed: reading a string is cheap, a write costs style and layout. */
/** @param {Text} node @param {string} text */
export function write(node, text) {
  if (node.data !== text) node.data = text;
}

/** The text node of an element, made where it has none; other content is replaced. @param {Element} element */
export function textOf(element) {
  const only = element.childNodes.length === 1 ? element.firstChild : null;
  if (only instanceof Text) return only;
  const text = new Text(element.textContent ?? "");
  element.replaceChildren(text);
  return text;
}

/** @param {Element} element @param {string} name @param {string | null} value null removes it */
export function attribute(element, name, value) {
  if (element.getAttribute(name) === value) return;
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

/**
 * @param {string} tag @param {Record<string, string>} [attributes] @param {(Node | string)[]} children
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** @template {Element} T @param {ParentNode} root @param {string} selector @returns {T} it must be there */
export function required(root, selector) {
  const found = root.querySelector(selector);
  if (!found) throw new Error(`expected ${selector} in the page, found nothing`);
  return /** @type {T} */ (found);
}

/** A token of the page's style as a colour that a canvas understands. @param {string} name such as --up */
export function colour(name) {
  const probe = element("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

/** JSON that the server left in the page. @param {string} id @returns {any} */
export function embedded(id) {
  return JSON.parse(document.getElementById(id)?.textContent ?? "null");
}

/** Nothing in it looks live any more: what draws it could not, and it stands as it was. @param {Element} root */
export function outdate(root) {
  for (const each of [root, ...root.querySelectorAll("[data-state]")]) attribute(each, "data-state", "stale");
}
