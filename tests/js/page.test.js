import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);
const modules = ["core", "widgets"].flatMap((folder) =>
  readdirSync(new URL(`static/js/${folder}/`, root)).map((name) => `static/js/${folder}/${name}`),
);
const source = (path) => readFileSync(new URL(path, root), "utf8");

test("every vendored file is the one that was recorded", () => {
  for (const { files } of JSON.parse(source("static/vendor/VENDOR.json"))) {
    for (const [path, sha256] of Object.entries(files)) {
      const found = createHash("sha256").update(readFileSync(new URL(path, root))).digest("hex");
      assert.equal(found, sha256, path);
    }
  }
});

test("every file in the vendor folder is recorded with its licence", () => {
  const recorded = new Set(JSON.parse(source("static/vendor/VENDOR.json")).flatMap(({ files }) => Object.keys(files)));
  const folders = readdirSync(new URL("static/vendor/", root), { withFileTypes: true }).filter((item) => item.isDirectory());
  for (const { name } of folders) {
    for (const file of readdirSync(new URL(`static/vendor/${name}/`, root))) {
      assert.ok(recorded.has(`static/vendor/${name}/${file}`), `${name}/${file} is not in VENDOR.json`);
    }
    assert.ok(recorded.has(`static/vendor/${name}/LICENSE`), name);
  }
});

test("no module writes markup or makes code from text", () => {
  const refused = /\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|DOMParser|srcdoc)/;
  for (const path of ["static/js/main.js", ...modules]) assert.doesNotMatch(source(path), refused, path);
});

test("core knows no widget, and only its dom module knows the page", () => {
  for (const path of modules.filter((name) => name.includes("/core/"))) {
    const text = source(path).replace(/\/\*[^]*?\*\/|\/\/.*/g, "");
    assert.doesNotMatch(text, /from "\.\.\//, path);
    if (!path.endsWith("/dom.js")) assert.doesNotMatch(text, /\b(document|window|navigator|localStorage)\b/, path);
  }
});

test("every module is checked and short", () => {
  for (const path of ["static/js/main.js", ...modules]) {
    assert.match(source(path), /^\/\/ @ts-check\n/, path);
    assert.ok(source(path).split("\n").length <= 201, `${path} is longer than 200 lines`);
  }
});
