// What this device tells of itself, and what it is told: that it was reported lost, or that the access of somebody who
// used it was taken, so that it clears what it kept (6.1.2, 7.2.1). It asks when the app starts and when the network is back, signed in or not.
import { forget } from "./blank_forms.js";
import { signedIn, token } from "./page.js";
import * as queue from "./queue.js";

const KEY = "linbao-device",
  ASKED = "linbao-device-asked",
  EVERY = 10 * 60_000;

/** The server's order: nothing, what some people left, or everything. @typedef {{ wipe?: boolean, whole?: boolean, people?: string[] }} Order */

function id() {
  let held = localStorage.getItem(KEY);
  if (!held && signedIn) localStorage.setItem(KEY, (held = crypto.randomUUID()));
  return held;
}

async function facts() {
  const used = await navigator.storage?.estimate?.().then(
    (e) => Math.round((e.usage ?? 0) / 1e6),
    () => undefined,
  );
  return {
    platform: navigator.userAgentData?.platform || navigator.platform || "",
    screen: `${screen.width}×${screen.height}`,
    storage_mb: String(used ?? ""),
    standalone: matchMedia("(display-mode: standalone)").matches ? "1" : "",
    version: (
      document
        .querySelector('script[src*="app"]')
        ?.getAttribute("src")
        ?.match(/app[.-]([\w-]+)\.js/)?.[1] ?? ""
    ).slice(0, 20),
  };
}

/** Nothing stays on this device: queue and its keys, kept forms, caches, worker, what pages remembered. Only its id
 * does, until the server knows: should the network go now, it asks and clears again. @param {string} device */
async function clearAll(device) {
  await queue.destroy();
  for (const worker of (await navigator.serviceWorker?.getRegistrations().catch(() => [])) ?? [])
    await worker.unregister();
  for (const name of (await globalThis.caches?.keys().catch(() => [])) ?? []) await caches.delete(name);
  localStorage.clear();
  sessionStorage.clear();
  localStorage.setItem(KEY, device);
}

const SIGN_IN = "/accounts/login/";
const leave = () => location.pathname === SIGN_IN || location.replace(SIGN_IN);
/** @param {() => Promise<void>} act @returns {Promise<void>} */
const alone = (act) => (navigator.locks ? navigator.locks.request(KEY, act) : act());

/** @param {string} device @returns {Promise<Order>} */
const orderFor = (device) => fetch(`/device/${device}`).then((answer) => (answer.ok ? answer.json() : {}));

/** One page of the device at a time; one that waited finds the work done, by the server's word: another process's page
 * may still see the id that the first one took away. Unheard by the server, the next page asks again. @param {string} device */
async function obey(device) {
  await alone(async () => {
    /** @type {Order} */
    const order = localStorage.getItem(KEY) === device ? await orderFor(device) : {};
    if (!order.wipe) return;
    if (order.whole) await clearAll(device);
    else {
      const people = order.people ?? [];
      for (const person of people) if (queue.usable) await queue.wipe(person);
      if (globalThis.caches) await forget();
      if (people.includes(localStorage.getItem("linbao-person") ?? "")) localStorage.removeItem("linbao-person");
    }
    const heard = await fetch(`/device/${device}/wiped`, { method: "POST" });
    if (!heard.ok) throw new Error(await heard.text());
    await heard.text(); // to its end: an answer left unread keeps its connection
    if (order.whole) localStorage.removeItem(KEY);
  });
  leave(); // only now: sent on unheard, a signed-in page would come back, ask again and go round
}

async function ask() {
  const device = id();
  if (!device || !navigator.onLine) return;
  const last = Number(sessionStorage.getItem(ASKED) ?? 0);
  if (signedIn && Date.now() - last < EVERY) return;
  sessionStorage.setItem(ASKED, String(Date.now()));
  /** @type {RequestInit} */
  const request = signedIn
    ? { method: "POST", headers: { "X-CSRFToken": token() }, body: new URLSearchParams(await facts()) }
    : {};
  const answer = await fetch(`/device/${device}`, request);
  /** @type {Order} */
  const order = answer.ok ? await answer.json() : {};
  if (order.wipe) await obey(device);
}

export function start() {
  // A browser that keeps nothing (no HTTPS, private mode) has nothing to clear and no id.
  const go = () => ask().catch(() => sessionStorage.removeItem(ASKED));
  try {
    localStorage.getItem(KEY);
  } catch {
    return;
  }
  if (!globalThis.crypto?.randomUUID) return;
  addEventListener("online", go);
  queue.destroyed(leave); // what this page still shows goes too
  go();
}
