// Tabler's styles without what no page can use: rules for classes and elements that no template, Python file or
// script of the tree names, and custom properties that nothing reads. The rooms' own styles are left as they are.
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { PurgeCSS } from "purgecss";

const SKIPPED = /\/(node_modules|static\/dist[^/]*|assets\/tests|__pycache__|locale|migrations)$/;
// What comes out of Django's widgets, texts and browsers, though no file here may name it.
const ELEMENTS =
  "a b blockquote button code dd details dl dt em fieldset h1 h2 h3 h4 hr html body img input label legend li meter ol " +
  "optgroup option output p pre progress select small strong summary svg table tbody td textarea tfoot th thead tr ul";

/**
 * Every file under a folder that belongs to the product.
 * @param {string} folder
 * @returns {Generator<string>} paths
 */
export function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (SKIPPED.test(path)) continue;
    if (entry.isDirectory()) yield* files(path);
    else yield path;
  }
}

/**
 * The styles of a library, without what the tree does not use.
 * @param {string} library path of the style sheet
 * @param {string} source folder whose templates, Python files and scripts use it
 * @returns {Promise<string>} the style sheet
 */
export async function purge(library, source) {
  const paths = [...files(source)];
  const texts = paths.filter((p) => [".html", ".py", ".js"].includes(extname(p))).map((p) => readFileSync(p, "utf8"));
  const styles = paths.filter((p) => extname(p) === ".css").map((p) => readFileSync(p, "utf8"));
  const words = new Set(texts.flatMap((text) => text.match(/[A-Za-z0-9_-]+/g) ?? []));
  // A class that is put together, `btn-{{ tone }}`: each word may follow.
  const heads = new Set(texts.flatMap((text) => [...text.matchAll(/[" ]([a-z]+-)\{[{%]/g)].map(([, head]) => head)));
  const known = new Set(readFileSync(library, "utf8").match(/(?<=\.)[A-Za-z][\w-]*/g));
  const composed = [...known].filter((name) =>
    [...heads].some((head) => name.startsWith(head) && words.has(name.slice(head.length))),
  );
  const read = styles.flatMap((text) => text.match(/(?<=var\()--[\w-]+/g) ?? []);
  const [{ css }] = await new PurgeCSS().purge({
    content: [{ raw: "", extension: "html" }],
    css: [library],
    defaultExtractor: () => [...words, ...composed, ...ELEMENTS.split(" ")],
    keyframes: true,
    fontFace: true,
    variables: true,
    safelist: { variables: read },
  });
  return css;
}
