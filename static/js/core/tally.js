// @ts-check
/** What one way of following costs, counted; and a WebSocket that counts what passes through it. */

/**
 * `wire`: with heads, as far as they are known. `headless`: answers of which the browser does not tell the size.
 * @typedef {object} Tally
 * @property {number} received messages or answers
 * @property {number} payload bytes
 * @property {number} wire bytes
 * @property {number} sent messages or requests
 * @property {number} sentBytes
 * @property {number} cpuMs
 * @property {number} refused answers 429
 * @property {number} failed
 * @property {number} skipped requests that were due while the one before was under way
 */

/** @returns {Tally} */
export function tally() {
  return { received: 0, payload: 0, wire: 0, sent: 0, sentBytes: 0, cpuMs: 0, refused: 0, failed: 0, skipped: 0 };
}

const encoder = new TextEncoder();

/** @param {string} text */
export function bytesOf(text) {
  return encoder.encode(text).length;
}

/** A whole frame of RFC 6455; what a browser sends is masked. @param {number} payload @param {boolean} masked */
export function frameBytes(payload, masked) {
  const size = payload < 126 ? 2 : payload < 65_536 ? 4 : 10;
  return size + (masked ? 4 : 0) + payload;
}

/** As much of a WebSocket as `core/socket.js` uses. What counting costs is not counted. */
export class CountedSocket {
  #socket;
  #tally;

  onopen = () => {};
  onmessage = (/** @type {{data: string}} */ _) => {};
  onclose = (/** @type {{code: number, reason: string}} */ _) => {};

  /** @param {WebSocket} socket @param {Tally} counts @param {() => number} now */
  constructor(socket, counts, now) {
    this.#socket = socket;
    this.#tally = counts;
    socket.onopen = () => this.onopen();
    socket.onclose = (event) => this.onclose(event);
    socket.onmessage = (event) => {
      const payload = bytesOf(event.data);
      counts.received += 1;
      counts.payload += payload;
      counts.wire += frameBytes(payload, false);
      const began = now();
      this.onmessage(event);
      counts.cpuMs += now() - began;
    };
  }

  get readyState() {
    return this.#socket.readyState;
  }

  /** @param {string} text */
  send(text) {
    this.#tally.sent += 1;
    this.#tally.sentBytes += frameBytes(bytesOf(text), true);
    this.#socket.send(text);
  }

  close() {
    this.#socket.close();
  }
}
