// @ts-check
/**
 * A form that a passkey fills in: the browser asks its person, and the answer is sent as JSON. Options stand in
 * the page (`create`, `get`) or are asked for when somebody presses (`ask`). Hidden where there are no passkeys.
 */
import { embedded, required } from "../core/dom.js";

const SAID = {
  NotAllowedError: "Nothing was chosen, or it took too long. Try again.",
  InvalidStateError: "This passkey is added already.",
  SecurityError: "Passkeys need https, or http://localhost; an address of numbers has none.",
};

export default class Passkeys {
  /** @param {Element} root a form */
  constructor(root) {
    this.form = /** @type {HTMLFormElement} */ (root);
    this.ceremony = this.form.dataset.ceremony ?? "get";
    this.stop = new AbortController();
  }

  connect() {
    if (!("PublicKeyCredential" in window) || !navigator.credentials) {
      if (this.ceremony !== "ask") this.say("This browser has no passkeys here: they need https, or http://localhost.");
      return;
    }
    this.form.hidden = false;
    this.form.addEventListener("submit", (event) => this.pressed(event), { signal: this.stop.signal });
  }

  disconnect() {
    this.stop.abort();
  }

  /** @param {SubmitEvent} event */
  async pressed(event) {
    event.preventDefault();
    this.say("");
    try {
      const credential = this.ceremony === "create" ? await this.created() : await this.got();
      /** @type {HTMLInputElement} */ (required(this.form, "[name=credential]")).value = JSON.stringify(credential);
      this.form.submit();
    } catch (problem) {
      const name = problem instanceof Error ? problem.name : "";
      this.say(SAID[/** @type {keyof SAID} */ (name)] ?? "That did not work. Reload the page and try again.");
    }
  }

  async created() {
    const { publicKey } = embedded("js_data").creation_options;
    const alone = /** @type {HTMLInputElement | null} */ (this.form.querySelector("[name=passwordless]"))?.checked ?? false;
    const kind = { residentKey: alone ? "required" : "discouraged", requireResidentKey: alone };
    const selection = { ...publicKey.authenticatorSelection, ...kind, ...(alone ? { userVerification: "required" } : {}) };
    const user = { ...publicKey.user, id: bytes(publicKey.user.id) };
    const options = { ...publicKey, ...common(publicKey, "excludeCredentials"), user, authenticatorSelection: selection };
    const made = await navigator.credentials.create({ publicKey: options });
    return told(/** @type {PublicKeyCredential} */ (made));
  }

  async got() {
    const { publicKey } = (this.ceremony === "ask" ? await this.options() : embedded("js_data")).request_options;
    const options = { ...publicKey, ...common(publicKey, "allowCredentials") };
    return told(/** @type {PublicKeyCredential} */ (await navigator.credentials.get({ publicKey: options })));
  }

  async options() {
    const answer = await fetch(this.form.action, { headers: { accept: "application/json" } });
    if (!answer.ok || answer.redirected) throw new Error(`expected options, found status ${answer.status}`);
    return answer.json();
  }

  /** @param {string} words */
  say(words) {
    const said = /** @type {HTMLElement} */ (required(this.form, "[data-said]"));
    said.textContent = words;
    said.hidden = !words;
  }
}

/** @param {any} options @param {string} list @returns {any} what both ceremonies have in bytes */
function common(options, list) {
  const known = (options[list] ?? []).map((/** @type {any} */ each) => ({ ...each, id: bytes(each.id) }));
  return { challenge: bytes(options.challenge), [list]: known };
}

/** @param {PublicKeyCredential} credential the fields that it has, its bytes as text */
function told(credential) {
  const response = /** @type {any} */ (credential.response);
  const names = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const held = names.filter((name) => response[name]).map((name) => [name, text(response[name])]);
  const transports = response.getTransports?.();
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: { ...Object.fromEntries(held), ...(transports ? { transports } : {}) },
  };
}

/** @param {string} words base64url */
function bytes(words) {
  const plain = atob(words.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (each) => each.charCodeAt(0));
}

/** @param {ArrayBuffer} buffer @returns {string} base64url, without padding */
function text(buffer) {
  const plain = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
