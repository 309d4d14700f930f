// The report form without a network: kept on the phone while it is filled in, queued when it is sent.
// A form is local when it was opened from the phone's own copy, when it is a queued one opened again,
// or from the moment that the server could not be reached.
import { answers, body, refill, showErrors } from "./contract.js";

/**
 * @typedef {import("../../../shell/assets/js/queue.js").Entry} Entry
 * @typedef {import("../../../shell/assets/js/queue.js").HeldFile} HeldFile
 */

/** The shell's queue; absent where the browser cannot keep a secret. */
const available = window.linbaoQueue;
/** @returns {NonNullable<typeof available>} */
function phone() {
  if (!available) throw new Error("nothing can be kept on this phone");
  return available;
}

/** UUIDv7: the phone chooses it, so that what is sent twice is the same thing. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let at = Date.now();
  for (let i = 5; i >= 0; i--) {
    bytes[i] = at % 256;
    at = Math.floor(at / 256);
  }
  bytes[6] = (bytes[6] & 15) | 112;
  bytes[8] = (bytes[8] & 63) | 128;
  return [...bytes].map((b, i) => ([4, 6, 8, 10].includes(i) ? "-" : "") + b.toString(16).padStart(2, "0")).join("");
}

/** SHA-256 in hexadecimal, or "" where the browser has none. @param {ArrayBuffer} data */
export async function digest(data) {
  if (!crypto.subtle) return "";
  return [...new Uint8Array(await crypto.subtle.digest("SHA-256", data))]
    .map((b) => b.toString(16).padStart(2, "0"))
    .join("");
}

/** The wall clock of the unit, as a date field takes it. @param {string | undefined} zone of IANA */
function wall(zone, at = new Date()) {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat("en", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
    })
      .formatToParts(at)
      .map((p) => [p.type, p.value]),
  );
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

export class Local {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.on = false;
    /** @type {Entry | null} as it is kept */
    this.entry = null;
    /** @type {HeldFile[]} */
    this.files = [];
    this.id = form.dataset.item ?? "";
    this.known = false;
    /** @type {number | null} */
    this.version = null;
    /** @type {Promise<void>} the keeping that is under way: one after the other */
    this.turn = Promise.resolve();
    this.possible =
      available !== undefined && available.person === document.body.dataset.user && form.dataset.returned === undefined;
  }

  /** @param {string} name */
  #field(name) {
    return /** @type {HTMLInputElement | null} */ (this.form.elements.namedItem(name));
  }

  /** Before the page's script looks at the form: an own id and the present time for the phone's copy, the
   * answers of a queued form. Answers what to tell beside the fields.
   * @returns {Promise<{ fields: Record<string, string[]>, detail: string } | null>} */
  async begin() {
    if (!this.possible) return null;
    const kept = new URLSearchParams(location.hash.slice(1)).get("kept");
    const entry = kept && (await phone().get(kept));
    if (entry && entry.state !== "delivered" && entry.category === this.#field("category")?.value)
      return this.#reopen(entry);
    if (this.form.dataset.blank === undefined) return null;
    this.on = true;
    this.#name(newId());
    const now = wall(this.form.dataset.zone);
    this.form.dataset.now = now;
    for (const name of ["occurred_at", "seen_at"]) Object.assign(this.#field(name) ?? {}, { value: now, max: now });
    return null;
  }

  /** @param {Entry} entry */
  async #reopen(entry) {
    this.on = true;
    this.#name(entry.id);
    this.files = entry.files;
    const now = wall(this.form.dataset.zone);
    for (const name of ["occurred_at", "seen_at"]) Object.assign(this.#field(name) ?? {}, { max: now });
    refill(this.form, entry.values ?? []);
    // While it is being mended it is not sent; what was refused for its version is now meant.
    this.entry = await phone().put({ ...entry, state: "writing", version: null });
    return entry.state === "amend"
      ? { fields: entry.fields ?? {}, detail: entry.detail ?? "" }
      : { fields: {}, detail: "" };
  }

  /** @param {string} id */
  #name(id) {
    for (const name of ["draft", "upload", "edit"])
      this.form.dataset[name] = this.form.dataset[name]?.replace(this.id, id);
    // `form.action` is its button
    this.form.setAttribute("action", (this.form.getAttribute("action") ?? "").replace(this.id, id));
    this.id = id;
  }

  /** From now on the phone keeps it. `version`: the one that the server is known to hold; null when the
   * answer to the last save was lost.
   * @param {boolean} known
   * @param {number | null} version */
  enter(known, version) {
    if (!this.possible) return false;
    if (!this.on) [this.on, this.known, this.version] = [true, known, version];
    return true;
  }

  /** Keep the form as it is now. @param {"writing" | "waiting"} state @param {string} action */
  keep(state = "writing", action = "submit") {
    this.turn = this.turn.catch(() => {}).then(() => this.#keep(state, action));
    return this.turn;
  }

  /** @param {"writing" | "waiting"} state @param {string} action */
  async #keep(state, action) {
    const title = this.#field("title")?.value.trim() || this.#field("narrative")?.value.trim().slice(0, 30) || "";
    /** @type {Partial<Entry> & { id: string }} */
    const before = this.entry ?? { id: this.id, known: this.known, version: this.version };
    this.entry = await phone().put({
      ...before,
      state,
      action,
      title,
      category: this.#field("category")?.value,
      at: Date.now(),
      written: false,
      called: this.form.dataset.called ? JSON.parse(this.form.dataset.called) : (before.called ?? null),
      values: answers(this.form),
      body: body(this.form),
      files: this.files,
      fields: {},
      detail: "",
    });
  }

  /** Keep a file with the form. @param {File} file @param {string} id */
  async hold(file, id) {
    const data = await file.arrayBuffer();
    await phone().putFile(this.id, id, data);
    this.files = [
      ...this.files,
      { id, name: file.name, type: file.type, size: file.size, sha256: await digest(data), sent: false },
    ];
    await this.keep();
  }

  /** @param {string} id */
  async release(id) {
    this.files = this.files.filter((f) => f.id !== id);
    await phone().dropFile(id);
    await this.keep();
  }

  /** The caption of a photo that waits on the phone; it is kept with the form and goes with the photo. @param {string} id @param {string} caption */
  describe(id, caption) {
    this.files = this.files.map((f) => (f.id === id ? { ...f, caption } : f));
  }

  /** An address of a photo that waits on the phone, or null. @param {HeldFile} held */
  async picture(held) {
    const data = held.type.startsWith("image/") && (await phone().file(held.id));
    return data ? URL.createObjectURL(new Blob([data], { type: held.type })) : null;
  }

  /** Where an outcome is to be seen. @param {"submit" | "save"} action */
  #after(action) {
    if (action !== "submit") return this.form.dataset.edit ?? "";
    return this.#field("urgent")?.checked ? `/report/urgent/of/${this.id}` : `/items/${this.id}/`;
  }

  /** Queue it, send what can be sent, and go where the outcome is to be seen. Answers false when the
   * reporter has something to mend on this page, null where the record waits and there is nowhere to see it.
   * @param {"submit" | "save"} action */
  async queue(action) {
    await this.keep("waiting", action);
    await phone().send(true);
    const now = await phone().get(this.id);
    if (now?.state === "amend") {
      this.entry = await phone().put({ ...now, state: "writing", version: null });
      this.files = this.entry.files;
      showErrors(this.form, now.fields ?? {}, now.detail ?? "", this.form.dataset.mend ?? "");
      return false;
    }
    if (now?.state === "delivered") location.assign(this.#after(action));
    else if (navigator.serviceWorker?.controller || navigator.onLine) location.assign("/me/#queue");
    else return null;
    return true;
  }
}
