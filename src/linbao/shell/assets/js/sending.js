// Sends the queue through the API. Every step may be repeated: ids are the phone's, and what the server has
// already is answered the same again, so each item arrives exactly once.
import * as queue from "./queue.js";

const API = "/api/v1";
// In milliseconds.
const PATIENCE = 20_000;
const PATIENCE_FILE = 120_000;
const KEEP_DELIVERED = 24 * 3600_000;

/**
 * @typedef {import("./queue.js").Entry} Entry
 * @typedef {{ user: string, token: () => string | Promise<string>, wait?: boolean }} Session
 * @typedef {{ delivered: number, amend: number, locked: boolean, later: boolean }} Outcome
 */

/** The network, or a server that is not well: later again. */
class Later extends Error {}
/** Nobody, or somebody else, is signed in. */
class Locked extends Error {}
/** The server will not take it as it is. */
class Refused extends Error {
  /** @param {number} status @param {{ detail?: string, fields?: Record<string, string[]> }} problem */
  constructor(status, problem) {
    super(problem.detail ?? "");
    this.status = status;
    this.fields = problem.fields ?? {};
  }
}

/**
 * One request of the API.
 * @param {Session} session
 * @param {string} method
 * @param {string} path
 * @param {object | FormData} body
 * @param {number} [patience] milliseconds
 * @returns {Promise<any>} the answer's JSON
 * @throws {Later | Locked | Refused}
 */
async function call(session, method, path, body, patience = PATIENCE) {
  // The server compares the person that the record belongs to with the one who is signed in.
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json", "X-CSRFToken": await session.token(), "X-Linbao-User": session.user };
  const file = body instanceof FormData;
  if (!file) headers["Content-Type"] = "application/json";
  let answer, content;
  try {
    answer = await fetch(API + path, {
      method,
      headers,
      body: file ? body : JSON.stringify(body),
      credentials: "same-origin",
      redirect: "error",
      signal: AbortSignal.timeout?.(patience),
    });
    content = await answer.json().catch(() => null);
  } catch {
    throw new Later();
  }
  if (answer.ok && content) return content;
  if (
    answer.status === 401 ||
    (answer.status === 403 && content?.code !== "not_allowed" && content?.type !== "/problems/not_allowed")
  )
    throw new Locked();
  // An answer that is not ours (a portal, a proxy), a busy or a broken server: the record waits.
  if (
    !content ||
    !("status" in content || "code" in content) ||
    answer.status >= 500 ||
    [408, 425, 429].includes(answer.status)
  )
    throw new Later();
  throw new Refused(answer.status, content);
}

/** @param {Session} session @param {Entry} entry */
async function write(session, entry) {
  const changed = { ...(entry.version ? { version: entry.version } : {}), ...entry.body };
  if (!entry.known) {
    try {
      return await call(session, "POST", "/items", { id: entry.id, ...entry.body });
    } catch (e) {
      // The id stands with an earlier state of this very form: bring it up to date.
      if (!(e instanceof Refused) || e.status !== 409) throw e;
    }
  }
  return call(session, "PATCH", `/items/${entry.id}`, changed);
}

/**
 * One record, step by step; each step that the server has taken is noted before the next.
 * @param {Session} session
 * @param {Entry} entry
 */
async function deliver(session, entry) {
  /** @param {Partial<Entry>} change */
  const note = async (change) => {
    entry = await queue.put(session.user, { ...entry, ...change });
  };
  if (!entry.written && !entry.report) {
    await write(session, entry);
    await note({ written: true, known: true, version: null });
  }
  for (const held of entry.files.filter((f) => !f.sent)) {
    const bytes = await queue.file(session.user, held.id);
    if (bytes) {
      const data = new FormData();
      data.append("id", held.id);
      data.append("item", entry.id);
      data.append("sha256", held.sha256);
      if (held.caption) data.append("caption", held.caption);
      data.append("file", new Blob([bytes], { type: held.type }), held.name);
      try {
        const { notice } = await call(session, "POST", "/attachments", data, PATIENCE_FILE);
        if (notice) await note({ notices: [...(entry.notices ?? []), notice] });
      } catch (e) {
        if (e instanceof Refused)
          e.fields = { attachments: [`${held.name}：${Object.values(e.fields).flat().join(" ") || e.message}`] };
        throw e;
      }
    }
    await note({ files: entry.files.map((f) => (f.id === held.id ? { ...f, sent: true } : f)) });
  }
  if (entry.report) {
    // The written report of an emergency: the hour is met when it was sent off (1.3.2, 4.2.1).
    const written_at = entry.path === "written" ? { written_at: new Date(entry.at).toISOString() } : {};
    await call(session, "POST", `/emergencies/${entry.report}/${entry.path}`, { ...entry.body, ...written_at });
    await queue.put(session.user, {
      id: entry.id,
      rev: entry.rev,
      at: entry.at,
      state: "delivered",
      title: entry.title,
      action: entry.action,
      number: null,
      arrived: Date.now(),
      files: [],
      link: `/report/urgent/${entry.report}/`,
    });
    return queue.drop(entry.id, false);
  }
  let number = null;
  if (entry.action === "submit")
    number = (
      await call(session, "POST", `/items/${entry.id}/submit`, { reported_at: new Date(entry.at).toISOString() })
    ).number;
  const urgent = Boolean(entry.action === "submit" && entry.body?.urgent);
  if (urgent && entry.called)
    await call(session, "POST", `/emergencies/${entry.id}/call`, {
      ...entry.called,
      phone_now: new Date().toISOString(),
    });
  // What was typed leaves the phone; that it arrived stays visible for a day.
  await queue.put(session.user, {
    id: entry.id,
    rev: entry.rev,
    at: entry.at,
    state: "delivered",
    title: entry.title,
    action: entry.action,
    number,
    arrived: Date.now(),
    files: [],
    notices: entry.notices,
    ...(urgent ? { link: `/report/urgent/of/${entry.id}` } : {}),
  });
  await queue.drop(entry.id, false);
}

/** @param {Session} session @returns {Promise<Outcome>} */
async function sendInTurn(session) {
  const outcome = { delivered: 0, amend: 0, locked: false, later: false };
  for (const entry of await queue.list(session.user)) {
    if (entry.state === "delivered" && Date.now() - (entry.arrived ?? 0) > KEEP_DELIVERED) await queue.drop(entry.id);
    if (entry.state !== "waiting") continue;
    try {
      await deliver(session, entry);
      outcome.delivered += 1;
    } catch (e) {
      if (e instanceof queue.Stale) continue; // opened or removed meanwhile
      if (e instanceof Locked) {
        outcome.locked = true;
        break;
      }
      if (!(e instanceof Refused)) {
        outcome.later = true;
        break;
      }
      const now = await queue.get(session.user, entry.id);
      if (now?.state === "waiting")
        await queue.put(session.user, { ...now, state: "amend", fields: e.fields, detail: e.message }).catch(() => {});
      outcome.amend += 1;
    }
  }
  return outcome;
}

/**
 * Send everything that waits for `session.user`; one sender at a time on the device.
 * @param {Session} session with `wait`: not beside another sender, but after it
 * @returns {Promise<Outcome | null>} null when another is at it, or nothing can be kept
 */
export async function send(session) {
  if (!queue.usable) return null;
  if (!navigator.locks) return sendInTurn(session);
  return navigator.locks.request("linbao-queue", { ifAvailable: !session.wait }, (lock) =>
    lock ? sendInTurn(session) : null,
  );
}
