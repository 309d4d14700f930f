// The service worker: the shell's files, the empty report forms of the person who is signed in, and a page for
// when there is no network. Nobody's reports are cached: pages with content are never kept.
import * as queue from "./queue.js";
import { send } from "./sending.js";

/* global SHELL, VERSION */
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const NAME = `linbao-${VERSION}`,
  FORMS = "linbao-forms",
  OFFLINE = "/offline",
  PATIENCE = 6000;

// What a page sends while it is being left must not pass through here: it would be lost with the page.
// For the same reason there is no clients.claim(): a page that began without a worker ends without it.
worker.addEventListener("install", (e) => e.addRoutes?.({ condition: { requestMethod: "POST" }, source: "network" }));
worker.addEventListener("install", (e) =>
  e.waitUntil(
    caches
      .open(NAME)
      .then((c) => c.addAll([...SHELL, OFFLINE]))
      .then(() => worker.skipWaiting()),
  ),
);
worker.addEventListener("activate", (e) =>
  e.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names.filter((n) => n.startsWith("linbao-") && n !== NAME && n !== FORMS).map((n) => caches.delete(n)),
        ),
      ),
  ),
);

/** @param {string} path */
const blank = (path) => caches.match(`${path}?offline`, { cacheName: FORMS }).catch(() => undefined);

/**
 * A page: from the network; an empty form also when the network only pretends to be there.
 * @param {Request} request
 * @param {string} path
 * @returns {Promise<Response>}
 */
async function page(request, path) {
  const written = /^\/report\/urgent\/[0-9a-f-]{36}\/write$/.test(path);
  const form = path.startsWith("/report/new") || path === "/report/urgent";
  const kept = form || written ? await blank(written ? "/report/urgent/write" : path) : undefined;
  const answer = fetch(request);
  if (!kept) return answer.catch(async () => (await caches.match(OFFLINE)) ?? Response.error());
  answer.catch(() => {});
  return Promise.race([answer.catch(() => kept), new Promise((resolve) => setTimeout(resolve, PATIENCE, kept))]);
}

worker.addEventListener("fetch", (e) => {
  const url = new URL(e.request.url);
  if (e.request.method !== "GET" || url.origin !== location.origin) return;
  if (SHELL.includes(url.pathname))
    return e.respondWith(caches.match(e.request).then((kept) => kept ?? fetch(e.request)));
  if (url.pathname.startsWith("/static/"))
    return e.respondWith(fetch(e.request).catch(async () => (await caches.match(e.request)) ?? Response.error()));
  if (e.request.mode === "navigate") e.respondWith(page(e.request, url.pathname));
});

// Background Sync, where the browser has it: the queue goes out although every page is closed.
worker.addEventListener("sync", (e) => {
  if (e.tag !== "linbao-queue" || !worker.cookieStore) return;
  const token = async () => (await worker.cookieStore.get("csrftoken"))?.value ?? "";
  e.waitUntil(
    (async () => {
      for (const user of await queue.people()) if ((await send({ user, token }))?.later) throw new Error("later");
    })(),
  );
});
