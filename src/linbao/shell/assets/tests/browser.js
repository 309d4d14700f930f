// What a browser gives to the modules under test: a store, caches, and a network with a server behind it.
import { IDBFactory } from "fake-indexeddb";
import "fake-indexeddb/auto";
import { vi } from "vitest";

/** A fresh browser profile: nothing stored, no module loaded, nobody signed in unless `user` is given. */
export function profile(user = "") {
  vi.resetModules();
  Object.defineProperty(globalThis, "isSecureContext", { value: true, configurable: true });
  globalThis.indexedDB = new IDBFactory();
  globalThis.caches = new Caches();
  globalThis.BroadcastChannel = undefined;
  localStorage.clear();
  sessionStorage.clear();
  document.body.innerHTML = "";
  document.body.dataset.user = user;
}

/** Every row of the phone's store as it lies there, without the modules that wrote it. */
export async function stored(name, version = undefined) {
  const request = indexedDB.open("linbao-queue", version);
  const db = await new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const all = db.transaction(name).objectStore(name).getAll();
  const rows = await new Promise((resolve) => (all.onsuccess = () => resolve(all.result)));
  db.close();
  return rows;
}

/** Puts a row into the store as it is. */
export async function overwrite(name, row) {
  const request = indexedDB.open("linbao-queue");
  const db = await new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
  const work = db.transaction(name, "readwrite");
  work.objectStore(name).put(row);
  await new Promise((resolve) => (work.oncomplete = resolve));
  db.close();
}

/** The names of the databases that are there. */
export const databases = async () => (await indexedDB.databases()).map((d) => d.name);

/** All bytes of a structure as text, to look for what must not stand in it. */
export function visible(value) {
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return Buffer.from(value).toString("utf8");
  if (value && typeof value === "object")
    return Object.entries(value)
      .map(([k, v]) => k + visible(v))
      .join("|");
  return String(value);
}

/** A Cache API that keeps answers by address. */
class Caches {
  constructor() {
    this.stores = new Map();
  }
  async open(name) {
    if (!this.stores.has(name)) this.stores.set(name, new Map());
    const rows = this.stores.get(name);
    return {
      put: async (address, answer) => rows.set(address, answer),
      addAll: async (addresses) => {
        for (const address of addresses) rows.set(address, await fetch(address));
      },
    };
  }
  keys = async () => [...this.stores.keys()];
  delete = async (name) => this.stores.delete(name);
}

/**
 * A server that keeps items by their id as Linbao's API does (docs/api): the same id twice is a conflict, a file of the
 * same id is answered again. `fail` decides what becomes of a request: "lost" before it arrives, "unanswered" after it
 * was carried out, or an answer of its own.
 */
export class Server {
  constructor() {
    this.items = new Map();
    this.files = new Map();
    this.log = [];
    this.fail = () => null;
    globalThis.fetch = (path, init = {}) => this.answer(path, init);
  }

  async answer(path, { method = "GET", body, headers = {} }) {
    const call = `${method} ${path}`;
    this.log.push({ call, body, headers });
    const outcome = this.fail(call, this.log.length);
    if (outcome === "lost") throw new TypeError("network");
    if (outcome && outcome !== "unanswered") return reply(...outcome);
    const result = this.route(method, path.replace("/api/v1", ""), body);
    if (outcome === "unanswered") throw new TypeError("network");
    return reply(...result);
  }

  route(method, path, body) {
    if (path === "/attachments") {
      this.files.set(body.get("id"), body);
      return [201, { id: body.get("id") }];
    }
    const data = JSON.parse(body);
    const [, room, id, verb] = path.split("/");
    if (room === "emergencies") {
      this.items.set(`${id}/${verb}`, data);
      return [200, { id }];
    }
    if (method === "POST" && !id) {
      if (this.items.has(data.id)) return [409, { status: 409, code: "conflict", detail: "有了" }];
      this.items.set(data.id, { ...data, times: 1 });
      return [201, data];
    }
    const item = this.items.get(id);
    if (!item) return [404, { status: 404, code: "not_found", detail: "没有" }];
    if (verb === "submit") {
      item.number ??= `2026-${this.items.size}`;
      item.submitted = data;
      return [200, { number: item.number }];
    }
    Object.assign(item, data);
    return [200, item];
  }

  /** The requests so far, as `METHOD path`. */
  get calls() {
    return this.log.map((entry) => entry.call.replace("/api/v1", ""));
  }
}

/** An answer with JSON, or with a text as it is. */
export function reply(status, content) {
  const text = typeof content === "string" ? content : JSON.stringify(content);
  return new Response(text, { status });
}
