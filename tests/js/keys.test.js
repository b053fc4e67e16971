import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { ANY_LETTER, caps, KEYMAP, pressed } from "../../static/js/core/keymap.js";
import { Typed } from "../../static/js/core/typed.js";
import { FakeClock } from "./fakes/time.js";

const event = (key, held = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

/** Everything of the keymap is active; what happened is written down. */
function typing(refused = []) {
  const clock = new FakeClock();
  const heard = [];
  const typed = new Typed(clock, {
    find: (keys) => KEYMAP.find((binding) => binding.keys.includes(keys)),
    begins: (keys) => KEYMAP.some((binding) => binding.keys.some((each) => each.startsWith(keys))),
    run: (id) => !refused.includes(id) && heard.push(id) > 0,
    type: (text) => heard.push(`type ${text}`) > 0,
  });
  return { clock, heard, typed, press: (keys) => [...keys].map((key) => typed.press(key)) };
}

test("no two bindings are named alike, and none takes the key of another one beside it", () => {
  const ids = KEYMAP.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const group of new Set(KEYMAP.map((binding) => binding.group))) {
    const keys = KEYMAP.filter((binding) => binding.group === group || binding.group === "Everywhere").flatMap((binding) => binding.keys);
    assert.equal(new Set(keys).size, keys.length, group);
  }
});

test("every binding is answered by some widget", () => {
  const folder = new URL("../../static/js/widgets/", import.meta.url);
  const sources = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), "utf8")).join("\n");
  const templates = readFileSync(new URL("../../templates/parts/destinations.html", import.meta.url), "utf8") + readFileSync(new URL("../../templates/parts/person.html", import.meta.url), "utf8");
  for (const { id } of KEYMAP) {
    const [stem, rest] = [id.split("-")[0], id.split("-")[1]];
    const answered = sources.includes(`on("${id}"`) || sources.includes("on(`" + `${stem}-\${`);
    assert.ok(answered, id);
    if (stem === "go") assert.ok(templates.includes(`data-go="${rest}"`), id);
  }
});

test("what belongs to the browser is nothing to us", () => {
  assert.equal(pressed(event("e", { altKey: true })), "");
  assert.equal(pressed(event("k", { ctrlKey: true, shiftKey: true })), "");
  assert.equal(pressed(event("k", { ctrlKey: true, metaKey: true })), "");
  assert.equal(pressed(event("K", { metaKey: true })), "Mod+k");
  assert.equal(pressed(event("?", { shiftKey: true })), "?");
  assert.equal(pressed(event("ArrowUp", { shiftKey: true })), "Shift+ArrowUp");
  const { heard, typed } = typing();
  assert.equal(typed.press("Mod+r"), false);
  assert.equal(typed.press("Tab"), false);
  assert.equal(typed.press(""), false);
  assert.deepEqual(heard, []);
});

test("keys with one meaning act at once", () => {
  const { heard, press, typed } = typing();
  assert.deepEqual(press("/1? j"), [true, true, true, true, true]);
  typed.press("ArrowDown");
  typed.press("Mod+k");
  assert.deepEqual(heard, ["search", "interval", "help", "star", "next", "next", "search"]);
});

test("a letter of ours may be the first of a name", () => {
  const { clock, heard, press } = typing();
  press("t");
  assert.deepEqual(heard, []);
  clock.advance(250);
  assert.deepEqual(heard, ["theme"]);
  press("tr");
  clock.advance(1_000);
  assert.deepEqual(heard, ["theme", "type tr"]);
});

test("a letter that waited acts before a key that cannot follow it", () => {
  const { heard, press } = typing();
  press("t/");
  assert.deepEqual(heard, ["theme", "search"]);
});

test("two in a row go somewhere, or are the start of a name", () => {
  const { clock, heard, press } = typing();
  press("gm");
  press("gb");
  press("g");
  clock.advance(1_000);
  press("m");
  assert.deepEqual(heard, ["go-markets", "type gb", "type m"]);
});

test("what nobody takes is left to the browser", () => {
  const { heard, typed } = typing(["star"]);
  assert.equal(typed.press(" "), false);
  assert.equal(typed.press("%"), false);
  assert.deepEqual(heard, []);
});

test("what was begun is forgotten when the focus is elsewhere", () => {
  const { clock, heard, typed, press } = typing();
  press("t");
  typed.forget();
  clock.advance(2_000);
  assert.deepEqual(heard, []);
});

test("keys are printed as they are on the caps", () => {
  const of = (id, apple = false) => caps(KEYMAP.find((binding) => binding.id === id), apple);
  assert.deepEqual(of("search"), [["/"], ["Ctrl", "K"]]);
  assert.deepEqual(of("search", true), [["/"], ["⌘", "K"]]);
  assert.deepEqual(of("go-markets"), [["g", "m"]]);
  assert.deepEqual(of("star"), [["Space"]]);
  assert.deepEqual(of("next"), [["j"], ["↓"]]);
  assert.equal(of("type").flat().join(), "a … z");
  assert.ok(KEYMAP.some(({ keys }) => keys.includes(ANY_LETTER)));
});
