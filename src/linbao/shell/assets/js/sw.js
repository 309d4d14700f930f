// The service worker: the shell's files, the empty report forms of the person who is signed in, and a page for
// when there is no network. Nobody's reports are cached: pages with content are never kept.
/* global SHELL, VERSION */
import * as queue from "./queue.js";
import { send } from "./sending.js";

const NAME = `linbao-${VERSION}`,
  FORMS = "linbao-forms",
  OFFLINE = "/offline",
  PATIENCE = 6000;

// What a page sends while it is being left must not pass through here: it would be lost with the page.
// For the same reason there is no clients.claim(): a page that began without a worker ends without it.
self.addEventListener("install", (e) => e.addRoutes?.({ condition: { requestMethod: "POST" }, source: "network" }));
self.addEventListener("install", (e) =>
  e.waitUntil(
    caches
      .open(NAME)
      .then((c) => c.addAll([...SHELL, OFFLINE]))
      .then(() => self.skipWaiting()),
  ),
);
self.addEventListener("activate", (e) =>
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

const blank = (path) => caches.match(`${path}?offline`, { cacheName: FORMS }).catch(() => undefined);

/** A page: from the network; an empty form also when the network only pretends to be there. */
async function page(request, path) {
  const written = /^\/report\/urgent\/[0-9a-f-]{36}\/write$/.test(path);
  const form = path.startsWith("/report/new") || path === "/report/urgent";
  const kept = form || written ? await blank(written ? "/report/urgent/write" : path) : undefined;
  const answer = fetch(request);
  if (!kept) return answer.catch(async () => (await caches.match(OFFLINE)) ?? Response.error());
  answer.catch(() => {});
  return Promise.race([answer.catch(() => kept), new Promise((resolve) => setTimeout(resolve, PATIENCE, kept))]);
}

self.addEventListener("fetch", (e) => {
  const url = new URL(e.request.url);
  if (e.request.method !== "GET" || url.origin !== location.origin) return;
  if (SHELL.includes(url.pathname))
    return e.respondWith(caches.match(e.request).then((kept) => kept ?? fetch(e.request)));
  if (url.pathname.startsWith("/static/"))
    return e.respondWith(fetch(e.request).catch(async () => (await caches.match(e.request)) ?? Response.error()));
  if (e.request.mode === "navigate") e.respondWith(page(e.request, url.pathname));
});

// Background Sync, where the browser has it: the queue goes out although every page is closed.
self.addEventListener("sync", (e) => {
  if (e.tag !== "linbao-queue" || !self.cookieStore) return;
  const token = async () => (await self.cookieStore.get("csrftoken"))?.value ?? "";
  e.waitUntil(
    (async () => {
      for (const user of await queue.people()) if ((await send({ user, token }))?.later) throw new Error("later");
    })(),
  );
});
