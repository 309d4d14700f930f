// The service worker: the shell's files and a page for when there is no network. Nothing personal is kept:
// pages with content are never cached.
/* global SHELL, VERSION */
const NAME = `linbao-${VERSION}`, OFFLINE = "/offline";

// What a page sends while it is being left must not pass through here: it would be lost with the page.
self.addEventListener("install", (e) => e.addRoutes?.({ condition: { requestMethod: "POST" }, source: "network" }));
self.addEventListener("install", (e) => e.waitUntil(caches.open(NAME).then((c) => c.addAll([...SHELL, OFFLINE])).then(() => self.skipWaiting())));
self.addEventListener("activate", (e) =>
  e.waitUntil(caches.keys().then((names) => Promise.all(names.filter((n) => n.startsWith("linbao-") && n !== NAME).map((n) => caches.delete(n))))));
self.addEventListener("fetch", (e) => {
  const url = new URL(e.request.url);
  if (e.request.method !== "GET" || url.origin !== location.origin) return;
  if (SHELL.includes(url.pathname)) return e.respondWith(caches.match(e.request).then((kept) => kept ?? fetch(e.request)));
  if (e.request.mode === "navigate") e.respondWith(fetch(e.request).catch(() => caches.match(OFFLINE)));
});
