// @vitest-environment node
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { files, purge } from "../purge.mjs";

const assets = join(import.meta.dirname, "..");
const source = join(assets, "..", "..");
const library = join(assets, "node_modules/@tabler/core/dist/css/tabler.min.css");
const classes = (css) => new Set([...css.matchAll(/\.([a-zA-Z][\w-]*)(?=[^{}]*\{)/g)].map(([, name]) => name));

let all, remaining, css, templates;
beforeAll(async () => {
  all = classes(readFileSync(library, "utf8"));
  css = await purge(library, source);
  remaining = classes(css);
  templates = [...files(source)].filter((p) => extname(p) === ".html").map((p) => readFileSync(p, "utf8"));
});

test("every class of the library that a template writes out is kept", () => {
  const used = new Set();
  for (const text of templates)
    for (const [, value] of text.matchAll(/class="([^"]*)"/g))
      for (const name of value.replace(/\{[{%].*?[%}]\}/g, " ").split(/\s+/)) if (all.has(name)) used.add(name);
  expect(used.size).toBeGreaterThan(30);
  expect([...used].filter((name) => !remaining.has(name))).toEqual([]);
});

test("classes put together of two parts, and properties that our own styles read, are kept", async () => {
  const folder = mkdtempSync(join(tmpdir(), "purge-"));
  writeFileSync(join(folder, "a.html"), '<a class="btn btn-{{ tone }}">');
  writeFileSync(join(folder, "a.py"), 'tones = ["outline-warning"]');
  writeFileSync(join(folder, "a.css"), "p { color: var(--tblr-pink) }");
  const small = await purge(library, folder);
  rmSync(folder, { recursive: true });
  expect(classes(small).has("btn-outline-warning")).toBe(true);
  expect(classes(small).has("btn-warning")).toBe(false);
  expect(small).toContain("--tblr-pink:");
  expect(small).not.toContain("--tblr-lime:");
});

test("what nothing names goes, with the properties that nothing reads", () => {
  for (const name of ["carousel", "offcanvas", "btn-github", "ratio-21x9"]) {
    expect(all.has(name), name).toBe(true);
    expect(remaining.has(name), name).toBe(false);
  }
  const defined = [...css.matchAll(/(--tblr-[\w-]+)\s*:/g)].map(([, name]) => name);
  expect(defined).not.toContain("--tblr-carousel-caption-color");
  expect(css.length).toBeLessThan(80_000);
});

test("no property of the whole page is read that was taken away", () => {
  const defined = (text) => {
    const blocks = [...text.matchAll(/:root[^{}]*\{([^}]*)\}/g)].map(([, block]) => block).join(";");
    return new Set([...blocks.matchAll(/(--tblr-[\w-]+)\s*:/g)].map(([, name]) => name));
  };
  const before = defined(readFileSync(library, "utf8"));
  const after = defined(css);
  expect(before.size).toBeGreaterThan(300);
  const styles = [...files(source)].filter((p) => extname(p) === ".css").map((p) => readFileSync(p, "utf8"));
  const reads = [css, ...styles].flatMap((text) => [...text.matchAll(/var\(\s*(--tblr-[\w-]+)/g)]);
  expect(reads.map(([, name]) => name).filter((name) => before.has(name) && !after.has(name))).toEqual([]);
});
