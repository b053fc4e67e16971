// @ts-check
/** What a WebSocket looks like to the page; the test is the server. */
export class FakeServer {
  /** @type {FakeWebSocket[]} */
  sockets = [];

  open = (/** @type {string} */ url) => {
    const socket = new FakeWebSocket(url);
    this.sockets.push(socket);
    return /** @type {any} */ (socket);
  };

  get last() {
    return /** @type {FakeWebSocket} */ (this.sockets.at(-1));
  }

  get attempts() {
    return this.sockets.length;
  }
}

class FakeWebSocket {
  /** @type {any[]} */
  sent = [];
  closed = false;
  readyState = 0;
  onopen = () => {};
  onmessage = (/** @type {{data: string}} */ _) => {};
  onclose = (/** @type {{code: number, reason: string}} */ _) => {};

  /** @param {string} url */
  constructor(url) {
    this.url = url;
  }

  /** @param {string} text */
  send(text) {
    if (this.readyState !== 1) throw new Error("WebSocket is not open");
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.closed = true;
    this.readyState = 2;
  }

  accept() {
    this.readyState = 1;
    this.onopen();
  }

  /** @param {any} message */
  deliver(message) {
    this.onmessage({ data: JSON.stringify(message) });
  }

  /** @param {number} code */
  drop(code = 1006, reason = "") {
    this.readyState = 3;
    this.onclose({ code, reason });
  }

  /** The server said that it ends it; what it had sent before is still handed on. */
  ending() {
    this.readyState = 2;
  }

  /** @param {string} method */
  requests(method) {
    return this.sent.filter((message) => message.method === method);
  }
}
