import assert from "node:assert/strict";
import { test } from "node:test";

import { Latency } from "../../static/js/core/latency.js";
import { Scheduler } from "../../static/js/core/scheduler.js";
import { reports } from "./fakes/reports.js";
import { FakeClock } from "./fakes/time.js";

function drawing(everyMs = 0) {
  const clock = new FakeClock();
  const frames = [];
  const scheduler = new Scheduler(clock, (run) => frames.push(run));
  let drawn = 0;
  const task = scheduler.add(() => (drawn += 1), everyMs);
  const paint = () => frames.splice(0).forEach((run) => run());
  return { clock, frames, scheduler, task, paint, drawn: () => drawn };
}

test("many invalidations are one frame and one drawing", () => {
  const { frames, task, paint, drawn } = drawing();
  for (let at = 0; at < 100; at++) task.invalidate();
  assert.equal(frames.length, 1);
  paint();
  assert.equal(drawn(), 1);
  assert.equal(frames.length, 0);
});

test("a drawing keeps its pace however often it is asked", () => {
  const { clock, task, paint, drawn } = drawing(200);
  for (let at = 0; at < 1000; at += 10) {
    task.invalidate();
    paint();
    clock.advance(10);
  }
  assert.ok(drawn() >= 4 && drawn() <= 5, String(drawn()));
});

test("a hidden page draws nothing and catches up when it is shown", () => {
  const { scheduler, task, paint, drawn } = drawing();
  scheduler.pause();
  task.invalidate();
  paint();
  assert.equal(drawn(), 0);
  scheduler.resume();
  paint();
  assert.equal(drawn(), 1);
});

test("what was removed is not drawn", () => {
  const { task, paint, drawn } = drawing();
  task.invalidate();
  task.remove();
  paint();
  assert.equal(drawn(), 0);
});

test("a drawing that fails is reported and said, and stops no other", (context) => {
  const { clock, scheduler, task, paint, drawn } = drawing();
  const reported = reports(context);
  let [broken, told] = [true, 0];
  const failing = scheduler.add(() => {
    if (broken) throw new Error("no such bar");
  }, 0, () => (told += 1));
  failing.invalidate();
  task.invalidate();
  paint();
  assert.equal(drawn(), 1);
  assert.equal(scheduler.failing, true);
  assert.deepEqual([reported, told], [["no such bar"], 1]);

  task.invalidate();
  clock.advance(1);
  paint();
  assert.equal(drawn(), 2);

  broken = false;
  failing.invalidate();
  paint();
  assert.equal(scheduler.failing, false);

  broken = true;
  failing.invalidate();
  paint();
  failing.remove();
  assert.equal(scheduler.failing, false);
});

test("percentiles are of the newest samples", () => {
  const latency = new Latency();
  assert.equal(latency.percentile(0.5), null);
  for (let ms = 1; ms <= 100; ms++) latency.add(ms);
  latency.add(NaN);
  latency.add(-5);
  assert.equal(latency.percentile(0.5), 51);
  assert.equal(latency.percentile(0.99), 100);
  for (let at = 0; at < 600; at++) latency.add(7);
  assert.equal(latency.percentile(0.99), 7);
});
