import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { Keeper } from "../../static/js/widgets/keeper.js";
import { FakeClock } from "./fakes/time.js";

const real = { fetch: globalThis.fetch, localStorage: globalThis.localStorage };
afterEach(() => Object.assign(globalThis, real));

const form = { action: "/keep/", dataset: { saveAt: "/save/" }, elements: { namedItem: () => ({ value: "token" }) } };
const settled = () => new Promise((done) => setImmediate(done));

/** A server that holds one screen, as marketdash/dashboards/keeping.py does. */
class Server {
  version = 1;
  screen = "first";
  broken = false;

  constructor() {
    globalThis.fetch = async (_, { body }) => {
      if (this.broken) throw new TypeError("offline");
      const { version, screen } = Object.fromEntries(body);
      if (Number(version) !== this.version) return this.#answer(409, { version: this.version, screen: this.screen });
      this.keep(screen);
      return this.#answer(200, { version: this.version });
    };
  }

  /** As another page does. */
  keep(screen) {
    [this.version, this.screen] = [this.version + 1, screen];
  }

  #answer(status, content) {
    return { ok: status === 200, status, json: async () => content };
  }
}

function keeping() {
  const clock = new FakeClock();
  const told = [];
  const keeper = new Keeper(form, clock, { version: 1, saved: [] }, (...each) => told.push(each));
  const changed = async (text) => {
    keeper.keep(text);
    clock.advance(700);
    await settled();
  };
  return { clock, keeper, changed, told, server: new Server() };
}

test("a change is kept a while after the last one, once", async () => {
  const { keeper, changed, told, server } = keeping();
  keeper.keep("moved");
  await changed("moved further");

  assert.deepEqual([server.version, server.screen], [2, "moved further"]);
  assert.equal(told.at(-1)[0], "saved");
});

test("what another page kept is not overwritten until somebody says so", async () => {
  const { keeper, changed, told, server } = keeping();
  server.keep("theirs");
  await changed("mine");
  assert.deepEqual(told.at(-1).toSpliced(1, 1), ["conflict", "theirs"]);

  await changed("mine, moved again"); // nobody has chosen yet
  keeper.flush();
  await settled();
  assert.equal(server.screen, "theirs");
  assert.equal(told.at(-1)[0], "conflict");

  keeper.insist();
  await settled();
  assert.equal(server.screen, "mine, moved again");
  await changed("and on");
  assert.equal(server.screen, "and on");
});

test("who shows the other one goes on from there", async () => {
  const { keeper, changed, server } = keeping();
  server.keep("theirs");
  await changed("mine");
  keeper.yield();
  keeper.flush();
  await settled();
  assert.equal(server.screen, "theirs");
  await changed("theirs, moved");
  assert.equal(server.screen, "theirs, moved");
});

test("a server that does not answer is asked again", async () => {
  const { clock, changed, told, server } = keeping();
  server.broken = true;
  await changed("mine");
  assert.deepEqual(told.at(-1), ["failed", "Not saved: the server does not answer. Trying again."]);
  server.broken = false;
  clock.advance(5_000);
  await settled();
  assert.equal(server.screen, "mine");
});

test("two tabs of a visitor save beside each other", async () => {
  const held = new Map();
  globalThis.localStorage = { getItem: (key) => held.get(key) ?? null, setItem: (key, value) => held.set(key, value) };
  const [one, other] = [1, 2].map(() => new Keeper(null, new FakeClock(), { version: 0, saved: [] }, () => {}));
  await one.save("Charts", '{"panels":[]}', false);
  await other.save("Books", '{"panels":[]}', false);

  assert.deepEqual(one.saved.map(({ name }) => name), ["Books", "Charts"]);
  await other.delete("Charts");
  assert.deepEqual(one.saved.map(({ name }) => name), ["Books"]);
});
