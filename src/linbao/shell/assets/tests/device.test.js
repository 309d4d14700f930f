import { beforeEach, expect, test, vi } from "vitest";
import { databases, profile, reply } from "./browser.js";

const ANNA = "11111111-1111-7111-8111-111111111111";
const BORIS = "22222222-2222-7222-8222-222222222222";
const DEVICE = "33333333-3333-4333-8333-333333333333";

let calls, order, online, left;

/** A phone on which both people have kept something; the server answers `order` to whoever asks. */
async function phone({ user = "", wipe = {}, wiped = () => reply(200, {}), connected = true } = {}) {
  profile(user);
  calls = [];
  order = wipe;
  online = connected;
  left = [];
  Object.defineProperty(navigator, "onLine", { get: () => online, configurable: true });
  vi.stubGlobal("location", { pathname: "/", replace: (to) => left.push(to) });
  localStorage.setItem("linbao-device", DEVICE);
  localStorage.setItem("linbao-person", ANNA);
  globalThis.fetch = async (path, init = {}) => {
    calls.push({ call: `${init.method ?? "GET"} ${path}`, body: init.body });
    return path.endsWith("/wiped") ? wiped() : reply(200, order);
  };
  const queue = await import("../js/queue.js");
  for (const who of [ANNA, BORIS]) {
    await queue.put(who, { id: `of-${who}`, state: "waiting", at: 1, title: "x", files: [] });
    await queue.putFile(who, `of-${who}`, `file-${who}`, new Uint8Array([1]));
  }
  await (await caches.open("linbao-forms")).put("/report/new", new Response("form"));
  const { start } = await import("../js/device.js");
  return { queue, start };
}
const made = () => calls.map((c) => c.call);

beforeEach(() => vi.unstubAllGlobals());

test("a device that signed in tells its facts and its id, at most every ten minutes", async () => {
  const { start } = await phone({ user: ANNA });
  start();
  await vi.waitFor(() => expect(made()).toEqual([`POST /device/${DEVICE}`]));
  expect([...calls[0].body.keys()].sort()).toEqual(["platform", "screen", "standalone", "storage_mb", "version"]);
  start();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(calls.length).toBe(1);
});

test("a device gets its id at the first sign-in and keeps it; nobody gives none", async () => {
  let { start } = await phone();
  localStorage.removeItem("linbao-device");
  start();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(calls).toEqual([]);
  ({ start } = await phone({ user: ANNA }));
  localStorage.removeItem("linbao-device");
  start();
  await vi.waitFor(() => expect(calls.length).toBe(1));
  expect(calls[0].call).toBe(`POST /device/${localStorage.getItem("linbao-device")}`);
});

// 6.1.2: reported lost
test("a lost device clears everything, tells so, forgets its id, and goes to the sign-in page", async () => {
  const { start } = await phone({ wipe: { wipe: true, whole: true } });
  start();
  await vi.waitFor(() => expect(left).toEqual(["/accounts/login/"]));
  expect(await databases()).toEqual([]);
  expect(await caches.keys()).toEqual([]);
  expect(localStorage.length + sessionStorage.length).toBe(0);
  expect(made().at(-1)).toBe(`POST /device/${DEVICE}/wiped`);
});

test("unheard by the server it keeps its id, stays, and asks again", async () => {
  const { start } = await phone({ wipe: { wipe: true, whole: true }, wiped: () => reply(503, "busy") });
  start();
  await vi.waitFor(() => expect(made()).toContain(`POST /device/${DEVICE}/wiped`));
  await vi.waitFor(async () => expect(await databases()).toEqual([]));
  expect(localStorage.getItem("linbao-device")).toBe(DEVICE);
  expect(left).toEqual([]);
  await vi.waitFor(() => expect(sessionStorage.getItem("linbao-device-asked")).toBeNull());
});

// 7.2.1: the access of one person was taken
test("what one person left goes; what others wait to send stays", async () => {
  const { queue, start } = await phone({ wipe: { wipe: true, people: [ANNA] } });
  start();
  await vi.waitFor(() => expect(left).toEqual(["/accounts/login/"]));
  expect(await queue.list(ANNA)).toEqual([]);
  expect((await queue.list(BORIS)).length).toBe(1);
  expect(await queue.file(BORIS, `file-${BORIS}`)).not.toBeNull();
  expect(localStorage.getItem("linbao-person")).toBeNull();
  expect(localStorage.getItem("linbao-device")).toBe(DEVICE);
  expect(await caches.keys()).not.toContain("linbao-forms");
});

test("an order that was lifted before its turn is not carried out", async () => {
  const { queue, start } = await phone();
  globalThis.fetch = async (path, init = {}) => {
    calls.push({ call: `${init.method ?? "GET"} ${path}` });
    return reply(200, calls.length === 1 ? { wipe: true, whole: true } : {});
  };
  start();
  await vi.waitFor(() => expect(left.length).toBe(1));
  expect((await queue.list(ANNA)).length).toBe(1);
  expect(made()).not.toContain(`POST /device/${DEVICE}/wiped`);
});

test("without a network it asks nothing and clears nothing, and asks when the network is back", async () => {
  const { queue, start } = await phone({ wipe: { wipe: true, whole: true }, connected: false });
  start();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(calls).toEqual([]);
  expect((await queue.list(ANNA)).length).toBe(1);
  online = true;
  window.dispatchEvent(new Event("online"));
  await vi.waitFor(async () => expect(await databases()).toEqual([]));
});

test("a server that is not well is no order", async () => {
  const { queue, start } = await phone();
  globalThis.fetch = async () => reply(502, "<html>");
  start();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect((await queue.list(ANNA)).length).toBe(1);
});
