import assert from "node:assert/strict";
import { test } from "node:test";

import { Transit } from "../../static/js/core/transit.js";

/** A clock here and one there, which nobody can compare; a way there and a way back that differ each time. */
class Line {
  transit = new Transit();
  apart = 86_400_000;
  rate = 1;
  #seed = 7;

  chance() {
    this.#seed = (this.#seed * 48271) % 2147483647;
    return this.#seed / 2147483647;
  }

  there(at) {
    return at - this.apart;
  }

  here(at) {
    return at * this.rate;
  }

  asks(at, out, back) {
    this.transit.answered(this.here(at), this.there(at + out), this.here(at + out + back));
  }

  told(at, took) {
    return this.transit.took(this.there(at), this.here(at + took));
  }
}

test("nothing is said of a way before a question was answered, nor on the next connection", () => {
  const line = new Line();
  assert.equal(line.transit.isKnown, false);
  line.asks(1_000, 10, 10);
  assert.equal(line.told(2_000, 900), 910);
  line.transit.forget();
  assert.equal(line.transit.isKnown, false);
});

test("a way is never said to be shorter than it was, and longer by the shortest way there at most", () => {
  const line = new Line();
  let shortest = Infinity;
  for (let at = 0; at < 300_000; at += 5_000) {
    const out = 20 + 2_000 * line.chance() ** 4;
    shortest = Math.min(shortest, out);
    line.asks(at, out, 2_000 * line.chance());
    const took = 20 + 3_000 * line.chance();
    const said = line.told(at + 2_500, took);
    assert.ok(said >= took - 1e-6 && said <= took + shortest + at * 1e-4 + 1e-6, `${said} of ${took}, at ${at}`);
  }
});

test("clocks that run apart are compared anew", () => {
  for (const rate of [1 + 5e-5, 1 - 5e-5]) {
    const line = new Line();
    line.rate = rate;
    line.asks(0, 1, 1);
    for (let at = 5_000; at < 4 * 3_600_000; at += 5_000) line.asks(at, 40, 40);
    const said = line.told(4 * 3_600_000, 100);
    assert.ok(said > 60 && said < 160, `${said}`);
  }
});

test("a machine that slept, here or there, is found out by the next answer", () => {
  const line = new Line();
  line.asks(0, 10, 10);
  line.apart += 60_000; // the server's clock stood
  assert.equal(line.told(5_000, 100), 60_110);
  line.asks(6_000, 10, 10);
  assert.equal(line.told(7_000, 100), 110);
  line.apart -= 120_000; // and now ours
  line.asks(8_000, 10, 10);
  assert.equal(line.told(9_000, 100), 110);
});
