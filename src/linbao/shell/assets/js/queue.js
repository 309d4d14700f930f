// The phone's queue: what was filled in without a network, kept until the server has it (1.3.2).
// Each record is sealed for one person: AES-GCM with a key that cannot be taken out of the browser, bound to
// the person's and the record's id. In the clear lie only ids, the state and the time (1.3.4).
const NAME = "linbao-queue";

/**
 * A file of a record, without its bytes.
 * @typedef {{ id: string, name: string, type: string, size?: number, sha256: string, sent: boolean, caption?: string }} HeldFile
 *
 * A record: what is filled in, and how far it has got. `at`: when it was sent off, in milliseconds since 1970.
 * @typedef {object} Entry
 * @property {string} id
 * @property {"writing" | "waiting" | "amend" | "delivered"} state
 * @property {number} at
 * @property {number} [rev] of the stored record that it was read from
 * @property {string} [user] person that it belongs to
 * @property {string} [title]
 * @property {string} [category]
 * @property {string} [action] submit or save
 * @property {HeldFile[]} files
 * @property {[string, string][]} [values] of the form's fields
 * @property {Record<string, any>} [body] the API's
 * @property {boolean} [known] whether the server has an item of this id
 * @property {boolean} [written] whether the server has this body
 * @property {number | null} [version]
 * @property {object | null} [called] the call of an urgent item
 * @property {string} [report] id of an emergency whose written report it is
 * @property {string} [path] which written report
 * @property {string} [page] where it is opened again
 * @property {Record<string, string[]>} [fields] messages of a refusal
 * @property {string} [detail] message of a refusal
 * @property {string | null} [number] of a delivered item
 * @property {number} [arrived] when it was delivered, in milliseconds since 1970
 * @property {string} [link] to what was delivered
 * @property {string[]} [notices]
 * @property {boolean} [told] whether the person saw that it was delivered
 *
 * @typedef {{ iv: BufferSource, sealed: ArrayBuffer }} Sealed
 * @typedef {Sealed & { id: string, user: string, state: Entry["state"], at: number, rev: number }} EntryRow
 * @typedef {Sealed & { id: string, user: string, entry: string }} FileRow
 */

/** Where the browser cannot keep a secret (no HTTPS), nothing is kept. */
export const usable = Boolean(globalThis.isSecureContext && globalThis.indexedDB && globalThis.crypto?.subtle);

/** Somebody else changed the record since it was read. */
export class Stale extends Error {}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
/** @param {IDBTransaction} work @returns {Promise<void>} */
const finished = (work) =>
  new Promise((resolve, reject) => {
    work.oncomplete = () => resolve();
    work.onabort = work.onerror = () => reject(work.error);
  });

/** @param {boolean} make @returns {Promise<IDBDatabase | null>} */
function connect(make) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    let absent = false;
    request.onupgradeneeded = () => {
      if (!make) {
        absent = true;
        return request.transaction?.abort();
      }
      request.result.createObjectStore("keys");
      request.result.createObjectStore("entries", { keyPath: "id" }).createIndex("user", "user");
      const files = request.result.createObjectStore("files", { keyPath: "id" });
      files.createIndex("entry", "entry");
      files.createIndex("user", "user");
    };
    request.onerror = (e) => {
      e.preventDefault();
      absent ? resolve(null) : reject(request.error);
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => {
        request.result.close();
        opened = null;
      };
      resolve(request.result);
    };
  });
}

/** The store was destroyed while this page or worker lived: it does not make it again. */
export class Gone extends Error {}

/** @type {Promise<IDBDatabase | null> | null} */
let opened = null;
let gone = false;
/** The store's connection. Only keeping something makes the store: one who merely looks, or takes away, gets null
 * where there is none, so that another page or the worker does not bring a store back that was just destroyed.
 * @param {boolean} make
 * @returns {Promise<IDBDatabase | null>} */
function database(make) {
  const before = Promise.resolve(opened).catch(() => null);
  return (opened = before.then((held) => held ?? connect(make && !gone)));
}
/** @typedef {"keys" | "entries" | "files"} Store */
/** @param {IDBDatabase} db @param {Store[]} names */
const transaction = (db, names) => db.transaction(names, "readwrite", { durability: "strict" });
/** @param {Store[]} names */
const writing = async (...names) => {
  const db = await database(true);
  if (!db) throw new Gone();
  return transaction(db, names);
};
/** @param {Store[]} names */
const taking = async (...names) => {
  const db = await database(false);
  return db && transaction(db, names);
};
/**
 * What `ask` finds in a store; undefined where nothing was ever kept.
 * @template T
 * @param {Store} name
 * @param {(rows: IDBObjectStore) => IDBRequest<T>} ask
 */
const read = async (name, ask) => {
  const db = await database(false);
  return db ? done(ask(db.transaction(name).objectStore(name))) : undefined;
};

// --- sealing ---------------------------------------------------------------------------------------

/**
 * The person's key; made at first use. Two tabs at once: the first one's stands.
 * @param {string} user
 * @returns {Promise<CryptoKey>}
 */
async function keyMade(user) {
  const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const work = await writing("keys");
  const keys = work.objectStore("keys");
  const first = await done(keys.get(user));
  if (!first) keys.put(fresh, user);
  await finished(work);
  return first ?? fresh;
}
/** @param {string} user @returns {Promise<CryptoKey | undefined>} */
const keyOf = (user) => read("keys", (rows) => rows.get(user));
/** @param {string} user @param {string} id */
const bound = (user, id) => new TextEncoder().encode(`${user}/${id}`);

/** @param {string} user @param {string} id @param {BufferSource} data @returns {Promise<Sealed>} */
async function seal(user, id, data) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return {
    iv,
    sealed: await crypto.subtle.encrypt(
      { name: "AES-GCM", iv, additionalData: bound(user, id) },
      (await keyOf(user)) ?? (await keyMade(user)),
      data,
    ),
  };
}
/** @param {string} user @param {EntryRow | FileRow} row @returns {Promise<ArrayBuffer | null>} */
async function unseal(user, row) {
  const key = row.user === user && (await keyOf(user));
  return key
    ? crypto.subtle.decrypt({ name: "AES-GCM", iv: row.iv, additionalData: bound(user, row.id) }, key, row.sealed)
    : null;
}

// --- records -----------------------------------------------------------------------------------------

const CLEAR = /** @type {const} */ (["id", "user", "state", "at", "rev"]);
const told = typeof BroadcastChannel === "function" ? new BroadcastChannel(NAME) : null;
/** @type {Set<() => void>} */
const listeners = new Set();
/** @type {Set<() => void>} */
const leavers = new Set();
const tell = () => {
  told?.postMessage("changed");
  listeners.forEach((act) => act());
};
if (told)
  told.onmessage = (e) => {
    if (e.data !== "destroyed") return listeners.forEach((act) => act());
    remove(); // what this page was just writing
    leavers.forEach((act) => act());
  };
/** Calls `act` when a record changes, here or in another page. @param {() => void} act */
export const watch = (act) => listeners.add(act);
/** Calls `act` when another page destroyed the store. @param {() => void} act */
export const destroyed = (act) => leavers.add(act);

/** @param {string} user @param {EntryRow | undefined} row @returns {Promise<Entry | null>} */
async function open(user, row) {
  const plain = row && (await unseal(user, row).catch(() => null));
  if (!row || !plain) return null;
  return { ...JSON.parse(new TextDecoder().decode(plain)), ...Object.fromEntries(CLEAR.map((k) => [k, row[k]])) };
}

/** The person's records, oldest first. @param {string} user @returns {Promise<Entry[]>} */
export async function list(user) {
  /** @type {EntryRow[]} */
  const rows = (await read("entries", (all) => all.index("user").getAll(user))) ?? [];
  const entries = await Promise.all(rows.map((row) => open(user, row)));
  return entries.filter((entry) => entry !== null).sort((a, b) => a.at - b.at);
}

/** One record of the person, or null. @param {string} user @param {string} id */
export async function get(user, id) {
  return open(user, await read("entries", (rows) => rows.get(id)));
}

/** Everybody whose records wait on this device; ids only. @returns {Promise<string[]>} */
export async function people() {
  /** @type {EntryRow[]} */
  const rows = (await read("entries", (all) => all.getAll())) ?? [];
  return [...new Set(rows.filter((r) => r.state === "waiting").map((r) => r.user))];
}

/**
 * Keep a record.
 * @param {string} user
 * @param {Entry} entry
 * @returns {Promise<Entry & { rev: number }>} the record as it is kept
 * @throws {Stale} when the stored one is newer than what was read (`rev`), or another person's
 */
export async function put(user, entry) {
  const rev = (entry.rev ?? 0) + 1;
  const clear = /** @type {readonly string[]} */ (CLEAR);
  const content = Object.fromEntries(Object.entries(entry).filter(([k]) => !clear.includes(k)));
  const row = {
    id: entry.id,
    user,
    state: entry.state,
    at: entry.at,
    rev,
    ...(await seal(user, entry.id, new TextEncoder().encode(JSON.stringify(content)))),
  };
  const work = await writing("entries");
  const rows = work.objectStore("entries");
  const before = await done(rows.get(entry.id));
  if (before && (before.rev !== (entry.rev ?? 0) || before.user !== user)) {
    work.abort();
    throw new Stale();
  }
  rows.put(row);
  await finished(work);
  tell();
  return { ...entry, user, rev };
}

/**
 * Keep a file of a record, sealed like it.
 * @param {string} user
 * @param {string} entry id of the record
 * @param {string} id
 * @param {BufferSource} data
 */
export async function putFile(user, entry, id, data) {
  const row = { id, entry, user, ...(await seal(user, id, data)) };
  const work = await writing("files");
  work.objectStore("files").put(row);
  await finished(work);
}

/** A file's bytes, or null. @param {string} user @param {string} id */
export async function file(user, id) {
  /** @type {FileRow | undefined} */
  const row = await read("files", (rows) => rows.get(id));
  return row ? unseal(user, row).catch(() => null) : null;
}

/** @param {string} id */
export async function dropFile(id) {
  const work = await taking("files");
  if (!work) return;
  work.objectStore("files").delete(id);
  await finished(work);
}

/** @param {IDBObjectStore} rows @param {string} index @param {string} value */
async function deleteAll(rows, index, value) {
  for (const key of await done(rows.index(index).getAllKeys(value))) rows.delete(key);
}

/** Take the files of a record away; with `whole` the record too. @param {string} id */
export async function drop(id, whole = true) {
  const work = await taking("entries", "files");
  if (!work) return;
  if (whole) work.objectStore("entries").delete(id);
  await deleteAll(work.objectStore("files"), "entry", id);
  await finished(work);
  tell();
}

/** Nothing of this person stays on the device, the key first of all. @param {string} user */
export async function wipe(user) {
  const work = await taking("keys", "entries", "files");
  if (!work) return;
  work.objectStore("keys").delete(user);
  await deleteAll(work.objectStore("entries"), "user", user);
  await deleteAll(work.objectStore("files"), "user", user);
  await finished(work);
  tell();
}

/** The database itself, for as long as this page lives. @returns {Promise<void>} */
function remove() {
  gone = true;
  return new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(NAME);
    request.onsuccess = request.onerror = request.onblocked = () => resolve();
  });
}

/** The whole store, everybody's: keys first, then the database itself, here and in every other page. */
export async function destroy() {
  if (!globalThis.indexedDB) return;
  const db = usable && (await database(false));
  if (db) {
    /** @type {Store[]} */
    const names = ["keys", "entries", "files"];
    const work = transaction(db, names);
    for (const name of names) work.objectStore(name).clear();
    await finished(work);
    db.close();
    opened = null;
  }
  await remove();
  told?.postMessage("destroyed");
}
