import { beforeEach, expect, test, vi } from "vitest";
import { profile } from "./browser.js";

const ANNA = "11111111-1111-7111-8111-111111111111";
const BORIS = "22222222-2222-7222-8222-222222222222";
const HOUR = 3600_000;

let forms, asked, fail;
beforeEach(async () => {
  profile(ANNA);
  vi.useRealTimers();
  Object.defineProperty(navigator, "serviceWorker", { value: {}, configurable: true });
  document.documentElement.lang = "zh-CN";
  document.body.innerHTML =
    '<script type="text/plain" src="/static/dist/app-1.js"></script><a href="/report/new">填报</a>';
  asked = [];
  fail = () => false;
  globalThis.fetch = async (address, init) => {
    asked.push([address, init?.headers?.["X-Linbao-User"]]);
    if (fail(address)) return new Response("", { status: 503 });
    return new Response('<script src="/static/items/report.js"></script><a href="/static/x.css#a">');
  };
  forms = await import("../js/blank_forms.js");
});

test("the empty forms and what they load are kept, asked for in one person's name", async () => {
  await forms.keep(ANNA);
  const kept = [...caches.stores.get("linbao-forms").keys()];
  for (const page of ["/report/new?offline", "/report/new/event?offline", "/report/urgent?offline"])
    expect(kept).toContain(page);
  expect(kept).toContain("/static/items/report.js");
  expect(asked.filter(([a]) => a.endsWith("?offline")).every(([, user]) => user === ANNA)).toBe(true);
});

test("they are fetched anew for another person, build or language, or after six hours; else not", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 10, 20) });
  const fetched = async (user) => {
    asked = [];
    await forms.keep(user);
    return asked.length > 0;
  };
  expect(await fetched(ANNA)).toBe(true);
  expect(await fetched(ANNA)).toBe(false);
  expect(await fetched(BORIS)).toBe(true);
  document.documentElement.lang = "en";
  expect(await fetched(BORIS)).toBe(true);
  document.querySelector("script").setAttribute("src", "/static/dist/app-2.js");
  expect(await fetched(BORIS)).toBe(true);
  vi.setSystemTime(Date.now() + 6 * HOUR - 1000);
  expect(await fetched(BORIS)).toBe(false);
  vi.setSystemTime(Date.now() + 2000);
  expect(await fetched(BORIS)).toBe(true);
});

test("another person's forms go even where the new one may not report", async () => {
  await forms.keep(ANNA);
  document.querySelector("a").remove();
  await forms.keep(BORIS);
  expect(await caches.keys()).toEqual([]);
});

test("half a set is not kept for a whole one", async () => {
  fail = (address) => address.startsWith("/report/urgent");
  await expect(forms.keep(ANNA)).rejects.toThrow();
  expect(await caches.keys()).toEqual([]);
  fail = () => false;
  await forms.keep(ANNA);
  expect(await caches.keys()).toEqual(["linbao-forms"]);
});
