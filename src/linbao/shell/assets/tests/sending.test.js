import { beforeEach, expect, test } from "vitest";
import { profile, Server, stored } from "./browser.js";

const ANNA = "11111111-1111-7111-8111-111111111111";
const session = { user: ANNA, token: async () => "token" };
const DAY = 24 * 3600_000;
const AT = Date.UTC(2026, 10, 20, 1, 30); // 09:30 in the community

let queue, send, server;
beforeEach(async () => {
  profile(ANNA);
  server = new Server();
  queue = await import("../js/queue.js");
  ({ send } = await import("../js/sending.js"));
});

/** A record as the form keeps it when it is sent off. */
async function waiting(id, more = {}) {
  const files = more.files ?? [];
  for (const file of files) await queue.putFile(ANNA, id, file.id, new TextEncoder().encode(`bytes of ${file.id}`));
  return queue.put(ANNA, {
    id,
    state: "waiting",
    action: "submit",
    at: AT,
    title: id,
    category: "event",
    body: { title: id, narrative: "漏水" },
    files,
    known: false,
    version: null,
    written: false,
    values: [["title", id]],
    fields: {},
    detail: "",
    ...more,
  });
}
const photo = (id) => ({ id, name: `${id}.jpg`, type: "image/jpeg", sha256: "00", sent: false });

test("an item goes out as writing, files, submission, in this order", async () => {
  await waiting("a", { files: [photo("f1"), photo("f2")] });
  expect(await send(session)).toEqual({ delivered: 1, amend: 0, locked: false, later: false });
  expect(server.calls).toEqual(["POST /items", "POST /attachments", "POST /attachments", "POST /items/a/submit"]);
  expect(server.items.get("a")).toMatchObject({ title: "a", narrative: "漏水" });
  expect([...server.files.keys()]).toEqual(["f1", "f2"]);
  expect(await server.files.get("f1").get("file").text()).toBe("bytes of f1");
  expect(server.files.get("f1").get("item")).toBe("a");
});

test("the oldest goes first, and each names its person", async () => {
  await waiting("late", { at: AT + 2000 });
  await waiting("early", { at: AT });
  await send(session);
  expect(server.log.filter((l) => l.call.endsWith("/items")).map((l) => JSON.parse(l.body).id)).toEqual([
    "early",
    "late",
  ]);
  expect(server.log.every((l) => l.headers["X-Linbao-User"] === ANNA && l.headers["X-CSRFToken"] === "token")).toBe(
    true,
  );
});

// 1.3.2: reported when it was sent off, not when the network came
test("the time of the report is when it was sent off", async () => {
  await waiting("a");
  await send(session);
  expect(server.items.get("a").submitted).toEqual({ reported_at: "2026-11-20T01:30:00.000Z" });
});

test("what was typed leaves the phone with the delivery; that it arrived stays for a day", async () => {
  await waiting("a", { files: [photo("f")] });
  await send(session);
  const row = await queue.get(ANNA, "a");
  expect(row).toMatchObject({ state: "delivered", number: "2026-1", files: [] });
  expect(row.body).toBeUndefined();
  expect(row.values).toBeUndefined();
  expect(await stored("files")).toEqual([]);
  await queue.put(ANNA, { ...row, arrived: Date.now() - DAY - 1000 });
  await send(session);
  expect(await queue.list(ANNA)).toEqual([]);
});

test("a lost answer files nothing twice: the second turn brings the same item up to date", async () => {
  await waiting("a");
  server.fail = (call) => (call === "POST /api/v1/items" && server.log.length === 1 ? "unanswered" : null);
  expect(await send(session)).toMatchObject({ delivered: 0, later: true });
  expect((await queue.get(ANNA, "a")).state).toBe("waiting");
  expect(await send(session)).toMatchObject({ delivered: 1 });
  expect(server.calls).toEqual(["POST /items", "POST /items", "PATCH /items/a", "POST /items/a/submit"]);
  expect(server.items.size).toBe(1);
});

test("every step may be lost or go unanswered; each item still arrives exactly once, whole", async () => {
  for (const outcome of ["lost", "unanswered"]) {
    for (let step = 1; step <= 4; step++) {
      profile(ANNA);
      server = new Server();
      queue = await import("../js/queue.js");
      ({ send } = await import("../js/sending.js"));
      await waiting("a", { files: [photo("f1"), photo("f2")] });
      server.fail = (_, turn) => (turn === step ? outcome : null);
      expect(await send(session), `${outcome} ${step}`).toMatchObject({ delivered: 0, later: true });
      const row = await queue.get(ANNA, "a");
      expect(row, `${outcome} ${step}`).toMatchObject({ state: "waiting", values: [["title", "a"]] });
      expect((await stored("files")).length).toBe(2);
      expect(await send(session)).toMatchObject({ delivered: 1, later: false });
      expect(server.items.size).toBe(1);
      expect([...server.files.keys()]).toEqual(["f1", "f2"]);
      expect(server.items.get("a").submitted).toBeDefined();
    }
  }
});

test("a step that was taken is not repeated", async () => {
  await waiting("a", { files: [photo("f1"), photo("f2")] });
  server.fail = (_, turn) => (turn === 3 ? "lost" : null); // the second photo
  await send(session);
  await send(session);
  expect(server.calls).toEqual([
    "POST /items",
    "POST /attachments",
    "POST /attachments", // lost
    "POST /attachments",
    "POST /items/a/submit",
  ]);
});

test("a refusal keeps everything, names the fields, and lets the next one through", async () => {
  await waiting("a");
  await waiting("b", { at: AT + 1000 });
  const problem = { status: 422, code: "invalid", detail: "请改", fields: { title: ["太短"] } };
  server.fail = (_, turn) => (turn === 1 ? [422, problem] : null);
  expect(await send(session)).toMatchObject({ delivered: 1, amend: 1, later: false });
  expect(await queue.get(ANNA, "a")).toMatchObject({
    state: "amend",
    fields: { title: ["太短"] },
    detail: "请改",
    values: [["title", "a"]],
    body: { title: "a" },
  });
  expect([...server.items.keys()]).toEqual(["b"]);
  await send(session);
  expect(server.calls.filter((c) => c === "POST /items").length).toBe(2); // it waits for its person, not for the network
});

test("a refused file is named in the message", async () => {
  await waiting("a", { files: [photo("f")] });
  const problem = { status: 415, code: "invalid", detail: "不是图片", fields: {} };
  server.fail = (call) => (call.endsWith("/attachments") ? [415, problem] : null);
  await send(session);
  expect((await queue.get(ANNA, "a")).fields).toEqual({ attachments: ["f.jpg：不是图片"] });
  expect((await stored("files")).length).toBe(1);
});

test.each([
  ["a broken server", [503, { status: 503, detail: "忙" }]],
  ["too many requests", [429, { status: 429, detail: "忙" }]],
  ["a portal's page", [200, "<html>sign in to the hotel's network</html>"]],
  ["a proxy's refusal", [404, "<html>not here</html>"]],
])("%s means later: nothing is lost, nothing else is tried", async (_, outcome) => {
  await waiting("a");
  await waiting("b", { at: AT + 1000 });
  server.fail = () => outcome;
  expect(await send(session)).toEqual({ delivered: 0, amend: 0, locked: false, later: true });
  expect(server.log.length).toBe(1);
  expect((await queue.list(ANNA)).map((r) => [r.id, r.state])).toEqual([
    ["a", "waiting"],
    ["b", "waiting"],
  ]);
});

test.each([
  ["nobody is signed in", [401, { status: 401, code: "not_signed_in" }]],
  ["a token of before", [403, { status: 403, code: "csrf" }]],
])("%s: it waits, and says that it is locked", async (_, outcome) => {
  await waiting("a");
  server.fail = () => outcome;
  expect(await send(session)).toMatchObject({ delivered: 0, locked: true, later: false });
  expect((await queue.get(ANNA, "a")).state).toBe("waiting");
});

test("what may not be done is for the person to mend, not to wait for", async () => {
  await waiting("a");
  server.fail = () => [403, { status: 403, code: "not_allowed", detail: "无权" }];
  expect(await send(session)).toMatchObject({ amend: 1, locked: false });
  expect(await queue.get(ANNA, "a")).toMatchObject({ state: "amend", detail: "无权" });
});

test("drafts are not sent; what is saved is written and not submitted", async () => {
  await waiting("open", { state: "writing" });
  await waiting("saved", { action: "save" });
  await send(session);
  expect(server.calls).toEqual(["POST /items"]);
  expect([...server.items.keys()]).toEqual(["saved"]);
  expect((await queue.get(ANNA, "open")).state).toBe("writing");
  expect(await queue.get(ANNA, "saved")).toMatchObject({ state: "delivered", number: null });
});

test("a record that is opened while it goes out stays with its person", async () => {
  await waiting("a");
  server.fail = (call) => {
    if (call === "POST /api/v1/items") return [201, { id: "a" }];
    return null;
  };
  const fetching = globalThis.fetch;
  globalThis.fetch = async (...request) => {
    const row = await queue.get(ANNA, "a");
    await queue.put(ANNA, { ...row, state: "writing", title: "改过" });
    return fetching(...request);
  };
  expect(await send(session)).toMatchObject({ delivered: 0, amend: 0, later: false });
  expect(await queue.get(ANNA, "a")).toMatchObject({ state: "writing", title: "改过" });
});

test("an item that the server knows is changed at its version", async () => {
  server.items.set("a", { id: "a" });
  await waiting("a", { known: true, version: 4 });
  await send(session);
  expect(server.calls).toEqual(["PATCH /items/a", "POST /items/a/submit"]);
  expect(JSON.parse(server.log[0].body)).toMatchObject({ version: 4, title: "a" });
});

// 4.2.1: the call was made at its time, whatever became of the network
test("the call of an urgent item follows its submission with its own time", async () => {
  const called = { called_at: "2026-11-20T01:29:00.000Z", called_number: "010" };
  await waiting("a", { body: { title: "a", urgent: true }, called });
  await send(session);
  expect(server.calls.slice(-2)).toEqual(["POST /items/a/submit", "POST /emergencies/a/call"]);
  expect(server.items.get("a/call")).toMatchObject(called);
  expect((await queue.get(ANNA, "a")).link).toBe("/report/urgent/of/a");
});

test("the written report of an emergency carries the time it was sent off", async () => {
  await waiting("written-e", { report: "e", path: "written", body: { place: "院内", version: 1 } });
  await send(session);
  expect(server.calls).toEqual(["POST /emergencies/e/written"]);
  expect(server.items.get("e/written")).toEqual({ place: "院内", version: 1, written_at: "2026-11-20T01:30:00.000Z" });
  expect(await queue.get(ANNA, "written-e")).toMatchObject({ state: "delivered", link: "/report/urgent/e/" });
});
