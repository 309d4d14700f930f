// The report form without a network: kept on the phone while it is filled in, queued when it is sent.
// A form is local when it was opened from the phone's own copy, when it is a queued one opened again,
// or from the moment that the server could not be reached.
import { answers, body, refill, showErrors } from "./contract.js";

const queue = window.linbaoQueue;

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

export async function digest(data) {
  if (!crypto.subtle) return "";
  return [...new Uint8Array(await crypto.subtle.digest("SHA-256", data))]
    .map((b) => b.toString(16).padStart(2, "0"))
    .join("");
}

/** The wall clock of the unit, as a date field takes it. */
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
  constructor(form) {
    this.form = form;
    this.on = false;
    this.entry = null;
    this.files = [];
    this.id = form.dataset.item;
    this.possible =
      Boolean(queue) && queue?.person === document.body.dataset.user && form.dataset.returned === undefined;
  }

  /** Before the page's script looks at the form: an own id and the present time for the phone's copy, the
   * answers of a queued form. Answers what to tell beside the fields. */
  async begin() {
    if (!this.possible) return null;
    const kept = new URLSearchParams(location.hash.slice(1)).get("kept");
    const entry = kept && (await queue.get(kept));
    if (entry && entry.state !== "delivered" && entry.category === this.form.elements.category.value)
      return this.#reopen(entry);
    if (this.form.dataset.blank === undefined) return null;
    this.on = true;
    this.#name(newId());
    const now = wall(this.form.dataset.zone);
    this.form.dataset.now = now;
    for (const name of ["occurred_at", "seen_at"])
      if (this.form.elements[name]) Object.assign(this.form.elements[name], { value: now, max: now });
    return null;
  }

  async #reopen(entry) {
    this.on = true;
    this.#name(entry.id);
    this.files = entry.files;
    const now = wall(this.form.dataset.zone);
    for (const name of ["occurred_at", "seen_at"]) if (this.form.elements[name]) this.form.elements[name].max = now;
    refill(this.form, entry.values);
    // While it is being mended it is not sent; what was refused for its version is now meant.
    this.entry = await queue.put({ ...entry, state: "writing", version: null });
    return { fields: entry.state === "amend" ? entry.fields : {}, detail: entry.state === "amend" ? entry.detail : "" };
  }

  #name(id) {
    for (const name of ["draft", "upload", "edit"])
      this.form.dataset[name] = this.form.dataset[name].replace(this.id, id);
    this.form.setAttribute("action", this.form.getAttribute("action").replace(this.id, id)); // `form.action` is its button
    this.id = id;
  }

  /** From now on the phone keeps it. `version`: the one that the server is known to hold; null when the
   * answer to the last save was lost. */
  enter(known, version) {
    if (!this.possible) return false;
    if (!this.on) [this.on, this.known, this.version] = [true, known, version];
    return true;
  }

  /** Keep the form as it is now. States: writing, waiting. */
  keep(state = "writing", action = "submit") {
    this.turn = (this.turn ?? Promise.resolve()).catch(() => {}).then(() => this.#keep(state, action));
    return this.turn;
  }

  async #keep(state, action) {
    const title =
      this.form.elements.title?.value.trim() || this.form.elements.narrative?.value.trim().slice(0, 30) || "";
    const before = this.entry ?? { id: this.id, known: this.known ?? false, version: this.version ?? null };
    this.entry = await queue.put({
      ...before,
      state,
      action,
      title,
      category: this.form.elements.category.value,
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

  async hold(file, id) {
    const data = await file.arrayBuffer();
    await queue.putFile(this.id, id, data);
    this.files = [
      ...this.files,
      { id, name: file.name, type: file.type, size: file.size, sha256: await digest(data), sent: false },
    ];
    await this.keep();
  }

  async release(id) {
    this.files = this.files.filter((f) => f.id !== id);
    await queue.dropFile(id);
    await this.keep();
  }

  /** The caption of a photo that waits on the phone; it is kept with the form and goes with the photo. */
  describe(id, caption) {
    this.files = this.files.map((f) => (f.id === id ? { ...f, caption } : f));
  }

  async picture(held) {
    const data = held.type.startsWith("image/") && (await queue.file(held.id));
    return data ? URL.createObjectURL(new Blob([data], { type: held.type })) : null;
  }

  /** Queue it, send what can be sent, and go where the outcome is to be seen. Answers false when the
   * reporter has something to mend on this page. */
  async queue(action) {
    await this.keep("waiting", action);
    await queue.send(true);
    const now = await queue.get(this.id);
    if (now?.state === "amend") {
      this.entry = await queue.put({ ...now, state: "writing", version: null });
      this.files = this.entry.files;
      showErrors(this.form, now.fields, now.detail, this.form.dataset.mend);
      return false;
    }
    if (now?.state === "delivered")
      location.assign(
        action !== "submit"
          ? this.form.dataset.edit
          : this.form.elements.urgent?.checked
            ? `/report/urgent/of/${this.id}`
            : `/items/${this.id}/`,
      );
    else if (navigator.serviceWorker?.controller || navigator.onLine) location.assign("/me/#queue");
    else return null;
    return true;
  }
}
