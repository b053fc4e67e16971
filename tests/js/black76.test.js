import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { black76, discount, greeksOf, implied, normal, toldTheta } from "../../static/js/core/black76.js";

const golden = JSON.parse(readFileSync(new URL("../contract/options/black76.json", import.meta.url), "utf8"));
const near = (found, wanted, relative, what) => assert.ok(Math.abs(found - wanted) <= relative * Math.abs(wanted) + 1e-300, `${what}: ${found} is not ${wanted}`);

test("prices, greeks and volatilities are those of the server", () => {
  assert.ok(golden.cases.length > 30);
  for (const { forward, volatility, price, implied: wanted, delta, gamma, vega, theta, rho, ...terms } of golden.cases) {
    near(black76(forward, terms, volatility), price, 1e-9, "price");
    const found = greeksOf(forward * discount(terms), terms, volatility);
    for (const [name, value] of Object.entries({ delta, gamma, vega, theta, rho })) near(found[name], value, 1e-9, name);
    near(implied(price, forward, terms).volatility, wanted, 1e-7, "volatility");
  }
});

test("what implies no volatility says why, in the same words", () => {
  for (const { price, forward, reason, ...terms } of golden.refused) {
    assert.deepEqual(implied(price, forward, terms), { volatility: null, reason });
  }
  const terms = { right: "call", strike: 1, years: 1, rate: 0 };
  for (const odd of [NaN, Infinity, -1, undefined]) {
    assert.equal(implied(odd, 1, terms).volatility, null);
    assert.equal(implied(0.1, odd, terms).volatility, null);
  }
});

test("the normal distribution is whole, and known far out", () => {
  near(normal(-8), 6.22096057427178e-16, 1e-7, "far");
  near(normal(1.96), 0.975002104851779, 1e-13, "near");
  for (const x of [0.1, 1, 5, 7.08, 30, 40]) near(normal(x) + normal(-x), 1, 1e-14, "whole");
});

test("theta is of a day at most, and no more than there is", () => {
  assert.equal(toldTheta(-29.53, 1.636 / 365, 12.69), -12.69);
  assert.equal(toldTheta(-200, 0.5 / 365, 500), -100);
  assert.equal(toldTheta(0.4, 12 / 365, 0.1), 0.4);
});
