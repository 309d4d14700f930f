import { beforeEach, expect, test, vi } from "vitest";
import { databases, overwrite, profile, stored, visible } from "./browser.js";

const ANNA = "11111111-1111-7111-8111-111111111111";
const BORIS = "22222222-2222-7222-8222-222222222222";
const entry = (id, at = 1000, more = {}) => ({ id, state: "waiting", at, title: "楼道堆物", files: [], ...more });

let queue;
beforeEach(async () => {
  profile(ANNA);
  queue = await import("../js/queue.js");
});

test("records come back as they were put, oldest first", async () => {
  await queue.put(ANNA, entry("b", 2000));
  await queue.put(ANNA, entry("c", 3000, { values: [["title", "三"]] }));
  await queue.put(ANNA, entry("a", 1000));
  const rows = await queue.list(ANNA);
  expect(rows.map((r) => r.id)).toEqual(["a", "b", "c"]);
  expect(rows[2]).toMatchObject({ user: ANNA, state: "waiting", at: 3000, values: [["title", "三"]], rev: 1 });
});

test("a draft stands beside what waits, and only what waits names its person to the worker", async () => {
  await queue.put(ANNA, entry("a", 1000, { state: "writing" }));
  expect(await queue.people()).toEqual([]);
  await queue.put(BORIS, entry("b"));
  expect(await queue.people()).toEqual([BORIS]);
  expect((await queue.get(ANNA, "a")).state).toBe("writing");
});

// 1.3.4: in the clear lie only ids, the state and the time
test("nothing that was typed or photographed lies in the clear", async () => {
  await queue.put(ANNA, entry("a", 1000, { values: [["narrative", "张三家漏水"]] }));
  await queue.putFile(ANNA, "a", "f", new TextEncoder().encode("PHOTO-OF-A-DOOR"));
  const [row] = await stored("entries");
  expect(Object.keys(row).sort()).toEqual(["at", "id", "iv", "rev", "sealed", "state", "user"]);
  const everything = visible([row, ...(await stored("files"))]);
  expect(everything).not.toContain("张三");
  expect(everything).not.toContain("楼道堆物");
  expect(everything).not.toContain("PHOTO-OF-A-DOOR");
  const [key] = await stored("keys");
  expect(key.extractable).toBe(false);
  await expect(crypto.subtle.exportKey("raw", key)).rejects.toThrow();
});

test("the same content is never sealed to the same bytes", async () => {
  await queue.put(ANNA, entry("a"));
  await queue.put(ANNA, entry("b"));
  const [first, second] = await stored("entries");
  expect(Buffer.from(first.iv)).not.toEqual(Buffer.from(second.iv));
  expect(Buffer.from(first.sealed)).not.toEqual(Buffer.from(second.sealed));
});

test("another person on the same device sees and opens nothing", async () => {
  await queue.put(ANNA, entry("a"));
  await queue.putFile(ANNA, "a", "f", new Uint8Array([1]));
  expect(await queue.list(BORIS)).toEqual([]);
  expect(await queue.get(BORIS, "a")).toBeNull();
  expect(await queue.file(BORIS, "f")).toBeNull();
});

test("a sealed record under another id or person does not open", async () => {
  await queue.put(ANNA, entry("a"));
  await queue.put(BORIS, entry("own"));
  const [row] = (await stored("entries")).filter((r) => r.id === "a");
  await overwrite("entries", { ...row, id: "moved" });
  await overwrite("entries", { ...row, id: "a", user: BORIS });
  expect(await queue.get(ANNA, "moved")).toBeNull();
  expect(await queue.get(BORIS, "a")).toBeNull();
  expect((await queue.list(BORIS)).map((r) => r.id)).toEqual(["own"]);
});

test("a newer record is not overwritten by one that was read before", async () => {
  const first = await queue.put(ANNA, entry("a"));
  const second = await queue.put(ANNA, { ...first, title: "新" });
  await expect(queue.put(ANNA, { ...first, title: "旧" })).rejects.toBeInstanceOf(queue.Stale);
  expect(await queue.get(ANNA, "a")).toMatchObject({ title: "新", rev: second.rev });
});

test("a record is not taken over by another person", async () => {
  const first = await queue.put(ANNA, entry("a"));
  await expect(queue.put(BORIS, { ...first, title: "换" })).rejects.toBeInstanceOf(queue.Stale);
  expect((await queue.get(ANNA, "a")).title).toBe("楼道堆物");
});

test("two first records at once are sealed with one key", async () => {
  await Promise.all([queue.put(ANNA, entry("a")), queue.put(ANNA, entry("b"))]);
  expect((await queue.list(ANNA)).length).toBe(2);
  expect((await stored("keys")).length).toBe(1);
});

test("dropping takes the files along, or the files alone", async () => {
  await queue.put(ANNA, entry("a"));
  await queue.put(ANNA, entry("b"));
  for (const [of, id] of [
    ["a", "f1"],
    ["a", "f2"],
    ["b", "f3"],
  ])
    await queue.putFile(ANNA, of, id, new Uint8Array([7]));
  await queue.drop("a", false);
  expect((await queue.list(ANNA)).map((r) => r.id)).toEqual(["a", "b"]);
  expect((await stored("files")).map((f) => f.id)).toEqual(["f3"]);
  await queue.drop("b");
  expect((await queue.list(ANNA)).map((r) => r.id)).toEqual(["a"]);
  expect(await stored("files")).toEqual([]);
});

test("a file comes back byte for byte until it is dropped", async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(50_000));
  await queue.putFile(ANNA, "a", "f", bytes);
  expect(new Uint8Array(await queue.file(ANNA, "f"))).toEqual(bytes);
  await queue.dropFile("f");
  expect(await queue.file(ANNA, "f")).toBeNull();
});

test("signing out wipes one person's records, files and key, not the others'", async () => {
  for (const who of [ANNA, BORIS]) {
    await queue.put(who, entry(`of-${who}`));
    await queue.putFile(who, `of-${who}`, `file-${who}`, new Uint8Array([1]));
  }
  await queue.wipe(ANNA);
  expect(await queue.list(ANNA)).toEqual([]);
  expect((await queue.list(BORIS)).length).toBe(1);
  expect((await stored("files")).map((f) => f.user)).toEqual([BORIS]);
  expect((await stored("keys")).length).toBe(1);
});

test("who merely looks, drops or wipes makes no store", async () => {
  expect(await queue.list(ANNA)).toEqual([]);
  expect(await queue.people()).toEqual([]);
  expect(await queue.get(ANNA, "a")).toBeNull();
  await queue.drop("a");
  await queue.dropFile("f");
  await queue.wipe(ANNA);
  expect(await databases()).toEqual([]);
});

// 6.1.2: a lost device clears itself
test("a destroyed store is gone and is not made again by the same page", async () => {
  await queue.put(ANNA, entry("a"));
  await queue.destroy();
  expect(await databases()).toEqual([]);
  await expect(queue.put(ANNA, entry("b"))).rejects.toBeInstanceOf(queue.Gone);
  expect(await queue.list(ANNA)).toEqual([]);
  expect(await databases()).toEqual([]);
});

test("listeners hear of a change", async () => {
  const heard = vi.fn();
  queue.watch(heard);
  await queue.put(ANNA, entry("a"));
  await queue.drop("a");
  expect(heard).toHaveBeenCalledTimes(2);
});

test("without a secure context nothing is kept", async () => {
  profile(ANNA);
  Object.defineProperty(globalThis, "isSecureContext", { value: false, configurable: true });
  const insecure = await import("../js/queue.js");
  expect(insecure.usable).toBe(false);
  await insecure.destroy();
  expect(await databases()).toEqual([]);
});

test("a page hears that another one changed or destroyed the store", async () => {
  profile(ANNA);
  const { BroadcastChannel } = await import("node:worker_threads");
  const channels = [];
  globalThis.BroadcastChannel = class extends BroadcastChannel {
    constructor(name) {
      super(name);
      channels.push(this);
    }
  };
  const here = await import("../js/queue.js");
  vi.resetModules();
  const there = await import("../js/queue.js");
  expect(there).not.toBe(here);
  const changed = vi.fn();
  const destroyed = vi.fn();
  there.watch(changed);
  there.destroyed(destroyed);
  await here.put(ANNA, entry("a"));
  await vi.waitFor(() => expect(changed).toHaveBeenCalled());
  expect((await there.list(ANNA)).map((r) => r.id)).toEqual(["a"]);
  await here.destroy();
  await vi.waitFor(() => expect(destroyed).toHaveBeenCalledTimes(1));
  await expect(there.put(ANNA, entry("b"))).rejects.toBeInstanceOf(there.Gone);
  await vi.waitFor(async () => expect(await databases()).toEqual([]));
  channels.forEach((channel) => channel.close());
});
