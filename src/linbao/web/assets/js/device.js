// What this device tells of itself, and what it is told: that it was reported lost, or that the access of somebody who
// used it was taken, so that it clears what it kept (6.1.2, 7.2.1). It asks when the app starts and when the network is back, signed in or not.
import { forget } from "./blank_forms.js";
import * as queue from "./queue.js";

const KEY = "linbao-device", ASKED = "linbao-device-asked", EVERY = 10 * 60_000;
const signedIn = document.body.dataset.user ?? "";

function id() {
  let held = localStorage.getItem(KEY);
  if (!held && signedIn) localStorage.setItem(KEY, (held = crypto.randomUUID()));
  return held;
}

async function facts() {
  const used = await navigator.storage?.estimate?.().then((e) => Math.round((e.usage ?? 0) / 1e6), () => undefined);
  return {
    platform: navigator.userAgentData?.platform || navigator.platform || "",
    screen: `${screen.width}×${screen.height}`,
    storage_mb: used ?? "",
    standalone: matchMedia("(display-mode: standalone)").matches ? "1" : "",
    version: (document.querySelector('script[src*="app"]')?.src.match(/app[.-]([\w-]+)\.js/)?.[1] ?? "").slice(0, 20),
  };
}

/** Nothing stays on this device: queue and its keys, kept forms, caches, worker, what pages remembered. */
async function clearAll() {
  await queue.destroy();
  for (const name of (await globalThis.caches?.keys().catch(() => [])) ?? []) await caches.delete(name);
  for (const worker of (await navigator.serviceWorker?.getRegistrations().catch(() => [])) ?? []) await worker.unregister();
  localStorage.clear();
  sessionStorage.clear();
}

async function obey(device, order) {
  if (order.whole) await clearAll();
  else {
    for (const person of order.people) if (queue.usable) await queue.wipe(person);
    if (globalThis.caches) await forget();
    if (order.people.includes(localStorage.getItem("linbao-person"))) localStorage.removeItem("linbao-person");
  }
  await fetch(`/device/${device}/wiped`, { method: "POST" });
  location.replace("/accounts/login/");
}

async function ask() {
  const device = id();
  if (!device || !navigator.onLine) return;
  const last = Number(sessionStorage.getItem(ASKED) ?? 0);
  if (signedIn && Date.now() - last < EVERY) return;
  sessionStorage.setItem(ASKED, String(Date.now()));
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  const sent = signedIn ? { method: "POST", headers: { "X-CSRFToken": token }, body: new URLSearchParams(await facts()) } : {};
  const answer = await fetch(`/device/${device}`, sent);
  const order = answer.ok ? await answer.json() : {};
  if (order.wipe) await obey(device, order);
}

export function start() {
  // A browser that keeps nothing (no HTTPS, private mode) has nothing to clear and no id.
  const go = () => ask().catch(() => sessionStorage.removeItem(ASKED));
  try { localStorage.getItem(KEY); } catch { return; }
  if (!globalThis.crypto?.randomUUID) return;
  addEventListener("online", go);
  go();
}
