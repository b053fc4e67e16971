import assert from "node:assert/strict";
import { test } from "node:test";

import { Listing } from "../../static/js/core/listing.js";
import { FakeClock } from "./fakes/time.js";

function made(version = "a") {
  const clock = new FakeClock();
  const asked = [];
  const answers = [];
  const load = (since) => {
    asked.push(since);
    const answer = answers.shift();
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const listing = new Listing({ version, load, clock, random: () => 0.5 });
  const told = [];
  const stop = listing.watch((changes) => told.push(changes));
  const settled = async (ms) => {
    clock.advance(ms);
    await new Promise((done) => setImmediate(done));
  };
  return { listing, asked, answers, told, stop, settled };
}

const CHANGES = { version: "b", whole: false, listed: [{ symbol: "KRAKEN:SOL/EUR" }], gone: [] };

test("another version is asked for once, and told", async () => {
  const { listing, asked, answers, told, settled } = made();
  answers.push(CHANGES);
  for (const version of ["a", "b", "b"]) listing.heard(version);
  await settled(250);
  listing.heard("b");
  await settled(250);

  assert.deepEqual(asked, ["a"]);
  assert.deepEqual(told, [CHANGES]);
});

test("a server that does not know yet, or says nothing, changes nothing", async () => {
  const { listing, asked, settled } = made();
  listing.heard("");
  listing.heard(undefined);
  await settled(1000);
  assert.deepEqual(asked, []);
});

test("a page that lists nothing asks for nothing", async () => {
  const { listing, asked, settled } = made("");
  listing.heard("b");
  await settled(1000);
  assert.deepEqual(asked, []);
});

test("a failure is tried again by a later heartbeat, not by each", async () => {
  const { listing, asked, answers, told, settled } = made();
  answers.push(new Error("no network"), CHANGES);
  listing.heard("b");
  await settled(250);
  listing.heard("b");
  await settled(1000);
  assert.equal(asked.length, 1);

  await settled(5000);
  listing.heard("b");
  await settled(250);
  assert.deepEqual(asked, ["a", "a"]);
  assert.deepEqual(told, [CHANGES]);
});

test("a process that has not read it yet is asked again by the next heartbeat", async () => {
  const { listing, asked, answers, told, settled } = made();
  answers.push({ version: "a", whole: false, listed: [], gone: [] }, CHANGES);
  listing.heard("b");
  await settled(250);
  listing.heard("b");
  await settled(250);
  assert.deepEqual(asked, ["a", "a"]);
  assert.equal(told.at(-1), CHANGES);
});

test("who stopped watching is not told", async () => {
  const { listing, answers, told, stop, settled } = made();
  answers.push(CHANGES);
  stop();
  listing.heard("b");
  await settled(250);
  assert.deepEqual(told, []);
});
