import assert from "node:assert/strict";
import { test } from "node:test";

import { Zone, zoneOf } from "../../static/js/core/zone.js";

const AT = 1_766_000_000_000_000;

test("UTC is as it is", () => {
  assert.equal(new Zone("UTC").timeOfDay(AT), "19:33:20");
  assert.equal(new Zone("UTC").dateAndTime(AT), "2025-12-17 19:33");
});

test("a zone has its own day and hour, and a word for the head", () => {
  const tokyo = new Zone("Asia/Tokyo");
  assert.equal(tokyo.dateAndTime(AT), "2025-12-18 04:33");
  assert.equal(new Zone("Asia/Kathmandu").timeOfDay(AT), "01:18:20");
  assert.deepEqual([tokyo.word, new Zone("America/New_York").word], ["Tokyo", "New York"]);
});

test("the hour that summer takes and gives back", () => {
  const berlin = new Zone("Europe/Berlin");
  const spring = Date.UTC(2026, 2, 29, 0, 59, 59) * 1000;
  assert.equal(berlin.timeOfDay(spring), "01:59:59");
  assert.equal(berlin.timeOfDay(spring + 1_000_000), "03:00:00");
  const autumn = Date.UTC(2026, 9, 25, 0, 59, 59) * 1000;
  assert.equal(berlin.timeOfDay(autumn), "02:59:59");
  assert.equal(berlin.timeOfDay(autumn + 1_000_000), "02:00:00");
});

test("a zone that this browser does not know is shown as UTC, and says so", () => {
  assert.deepEqual([new Zone("Mars/Base").word, new Zone("Mars/Base").timeOfDay(AT)], ["UTC", "19:33:20"]);
});

test("what a person chose", () => {
  assert.equal(zoneOf("utc", "America/New_York").name, "UTC");
  assert.equal(zoneOf("exchange", "America/New_York").name, "America/New_York");
  assert.equal(zoneOf("Asia/Tokyo", "UTC").name, "Asia/Tokyo");
  assert.equal(zoneOf(undefined, "UTC").name, "UTC");
  assert.equal(zoneOf("local", "UTC").name, Intl.DateTimeFormat().resolvedOptions().timeZone);
});
