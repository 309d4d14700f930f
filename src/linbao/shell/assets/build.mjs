// Builds src/linbao/shell/static/dist: bundles with hashed names, the icon sprite, files copied as they are.
// `npm ci && npm run build`; nothing is needed at run time but the result.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, renameSync } from "node:fs";
import { files, purge } from "./purge.mjs";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "..", "..");
const final = join(here, "..", "static", "dist");
const dist = final + ".new";
const modules = join(here, "node_modules");

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
/** @type {Record<string, string>} plain name → hashed name */
const manifest = {};

// The notices of what is bundled stand at one address: without them the licences do not allow it to be handed on.
const notice = "/*! Copyright notices and licences of the software in this file: /licences */";
const built = await build({
  entryPoints: {
    app: join(here, "js/app.js"),
    chart: join(here, "js/chart.js"),
    map: join(here, "js/map.js"),
    "app.css": join(here, "css/app.css"),
    "map.css": join(here, "css/map.css"),
  },
  outdir: dist,
  bundle: true,
  minify: true,
  target: ["es2020", "chrome90", "safari15"],
  legalComments: "none",
  banner: { js: notice, css: notice },
  metafile: true,
  plugins: [
    {
      name: "purge",
      setup: (bundler) =>
        bundler.onLoad({ filter: /tabler\.min\.css$/ }, async ({ path }) => ({
          contents: await purge(path, source),
          loader: "css",
        })),
    },
  ],
  entryNames: "[name]",
  loader: { ".png": "dataurl", ".svg": "dataurl", ".woff2": "dataurl" },
  logLevel: "warning",
});
renameSync(join(dist, "app.css.css"), join(dist, "app.css"));
renameSync(join(dist, "map.css.css"), join(dist, "map.css"));

// The sprite holds the icons that templates, Python and scripts name as a quoted word.
const icons = join(modules, "@tabler/icons/icons/outline");
const known = new Set(readdirSync(icons).map((n) => n.slice(0, -4)));
const wanted = new Set();
for (const path of files(source)) {
  if (![".html", ".py", ".js"].includes(extname(path))) continue;
  for (const [, word] of readFileSync(path, "utf8").matchAll(/["']([a-z][a-z0-9-]*)["']/g))
    if (known.has(word)) wanted.add(word);
}
const symbols = [...wanted].sort().map((name) => {
  const inner = readFileSync(join(icons, name + ".svg"), "utf8")
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/^[\s\S]*?<svg[\s\S]*?>/, "")
    .replace(/<\/svg>[\s\S]*$/, "")
    .replace(/\s*\n\s*/g, "");
  return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${inner}</symbol>`;
});
writeFileSync(
  join(dist, "icons.svg"),
  `<svg xmlns="http://www.w3.org/2000/svg"><!-- Tabler Icons, MIT: /licences -->${symbols.join("")}</svg>`,
);

// Hashed names for what pages link to, with compressed forms beside them.
for (const name of readdirSync(dist)) {
  const data = readFileSync(join(dist, name));
  const ext = extname(name);
  const hashed = `${basename(name, ext)}-${createHash("sha256").update(data).digest("hex").slice(0, 10)}${ext}`;
  renameSync(join(dist, name), join(dist, hashed));
  manifest[name] = hashed;
  writeFileSync(join(dist, hashed + ".gz"), gzipSync(data, { level: 9 }));
  writeFileSync(
    join(dist, hashed + ".br"),
    brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  );
}

// The service worker keeps its name (its scope is the whole site) and knows the shell's files.
await build({
  entryPoints: [join(here, "js/sw.js")],
  outfile: join(dist, "sw.js"),
  bundle: true,
  minify: true,
  define: {
    SHELL: JSON.stringify(["app.js", "app.css", "icons.svg"].map((n) => "/static/dist/" + manifest[n])),
    VERSION: JSON.stringify(createHash("sha256").update(JSON.stringify(manifest)).digest("hex").slice(0, 10)),
  },
  logLevel: "warning",
});

// Whose work went into the files and the fonts below: deploy/notices.py reads it.
const bundled = new Set(["@tabler/icons"]);
for (const input of Object.keys(built.metafile.inputs)) {
  const [, name] = input.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)/) ?? [];
  if (name) bundled.add(name);
}
writeFileSync(join(dist, "packages.json"), JSON.stringify([...bundled].sort(), null, 1));
writeFileSync(join(dist, "manifest.json"), JSON.stringify(manifest, null, 1));
// Swap at the end, so that a running server never sees half a build.
rmSync(final + ".old", { recursive: true, force: true });
if (existsSync(final)) renameSync(final, final + ".old");
renameSync(dist, final);
rmSync(final + ".old", { recursive: true, force: true });
/** @param {string} n */
const size = (n) => (statSync(join(final, manifest[n] + ".br")).size / 1024).toFixed(0);
console.log(
  `built: app.js ${size("app.js")} kB, app.css ${size("app.css")} kB, chart.js ${size("chart.js")} kB, map.js ${size("map.js")} kB (brotli), ${wanted.size} icons`,
);
