// What a person sees of the queue: the mark in the top bar, the list, toasts; and when it is sent.
import { forget, keep } from "./blank_forms.js";
import { ask, fill, need, one, signedIn, texts, token } from "./page.js";
import * as queue from "./queue.js";
import { send as sendQueue } from "./sending.js";

/** @typedef {import("./queue.js").Entry} Entry */

const PERSON = "linbao-person";
const PAUSES = [5, 15, 30, 60, 120]; // seconds before the next try
const TONES = { writing: "neutral", waiting: "wait", sending: "work", amend: "bad", delivered: "done" };

// The page for when there is no network belongs to nobody: it shows the records of whoever signed in last.
export const person = signedIn || ("offlinePage" in document.body.dataset ? (localStorage.getItem(PERSON) ?? "") : "");

/** @param {string | undefined} text @param {string} [tone] */
export function toast(text, tone = "neutral") {
  const box = element("div", `lb-toast lb-${tone}`, "");
  element("span", "", text, box);
  document.querySelector("[data-toasts]")?.append(box);
  setTimeout(() => box.remove(), 8000);
}

// --- sending ---------------------------------------------------------------------------------------

let tries = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let sending = false;
let locked = false;

/** Send what waits; `wait`: not beside another page that is at it, but after it. */
export async function send(wait = false) {
  if (!queue.usable || !signedIn) return null;
  clearTimeout(timer);
  sending = true;
  show();
  const outcome = await sendQueue({ user: signedIn, token, wait }).catch(() => ({
    delivered: 0,
    amend: 0,
    locked,
    later: true,
  }));
  sending = false;
  locked = outcome?.locked ?? locked;
  if (outcome?.delivered) tries = 0;
  if (outcome?.amend) toast(texts.amendTold, "bad");
  // Later again; also when another page or the worker was at it, for it may fail.
  if (!outcome || outcome.later) {
    clearTimeout(timer);
    timer = setTimeout(() => send(), PAUSES[Math.min(tries++, PAUSES.length - 1)] * 1000);
    navigator.serviceWorker
      ?.getRegistration()
      .then((r) => r?.sync?.register("linbao-queue"))
      .catch(() => {});
  }
  show();
  return outcome;
}

// --- showing ---------------------------------------------------------------------------------------

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} css
 * @param {string | undefined} text
 * @param {Element} [parent]
 */
function element(tag, css, text, parent) {
  const made = document.createElement(tag);
  if (css) made.className = css;
  if (text) made.textContent = text;
  parent?.append(made);
  return made;
}
/** @param {string | undefined} text @param {Element} parent @param {() => void} act @param {string} [css] */
function button(text, parent, act, css = "btn") {
  const made = element("button", css, text, parent);
  made.type = "button";
  made.addEventListener("click", act);
}
const clock = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short" });

/** The messages of a refusal, each once. @param {Entry} entry */
function messages({ fields = {}, detail = "" }) {
  return new Set(Object.keys(fields).length ? Object.values(fields).flat() : [detail]);
}

/** What can be done with a record. @param {Entry} entry @param {Element} line */
function actions(entry, line) {
  const box = element("div", "lb-queued-acts", "", line);
  if (entry.state === "delivered") {
    element("a", "btn", texts.look, box).href = entry.link ?? `/items/${entry.id}/`;
    button(texts.close, box, () => queue.drop(entry.id), "btn btn-link");
  } else if (entry.state !== "waiting" || !sending) {
    element("a", "btn", texts.open, box).href = entry.page ?? `/report/new/${entry.category}#kept=${entry.id}`;
    button(texts.remove, box, () => ask(texts.removeSure ?? "", () => queue.drop(entry.id)), "btn btn-link");
  }
}

/** @param {Entry} entry */
function row(entry) {
  const line = element("li", "lb-queued", "");
  const state = entry.state === "waiting" && sending ? "sending" : entry.state;
  line.dataset.state = entry.state;
  const head = element("div", "lb-queued-head", "", line);
  element("strong", "", entry.title || texts.untitled, head);
  element("span", `lb-badge lb-${TONES[state]}`, texts[state === "writing" ? "draft" : state], head);
  const facts = [
    clock.format(entry.at),
    entry.number,
    entry.files?.length && fill(texts.photos, { n: entry.files.length }),
    entry.action === "save" && state !== "writing" && texts.draft,
  ];
  element("small", "text-secondary", facts.filter(Boolean).join(" · "), line);
  if (state === "amend") {
    const list = element("ul", "lb-queued-told", "", line);
    for (const text of messages(entry)) element("li", "", text, list);
  }
  if (state === "waiting" && locked) element("p", "lb-help", texts.locked, line);
  for (const notice of entry.notices ?? []) element("p", "lb-help", notice, line);
  actions(entry, line);
  return line;
}

let drawn = "";
async function show() {
  if (!queue.usable || !person) return;
  const entries = await queue.list(person).catch(() => /** @type {Entry[]} */ ([]));
  const open = entries.filter((e) => e.state !== "delivered");
  if (signedIn && !document.hidden) tellArrived(entries.filter((e) => e.state === "delivered" && !e.told));
  const mark = one("[data-queue-mark]", HTMLElement);
  if (mark) {
    mark.hidden = !open.length;
    need("[data-queue-count]", HTMLElement, mark).textContent = String(open.length);
    mark.setAttribute("aria-label", fill(texts.queued, { n: open.length }));
  }
  const box = one("[data-queue]", HTMLElement);
  const rows = entries.map((e) => [e.id, e.state, e.title, e.files?.length, e.fields, clock.format(e.at)]);
  const state = JSON.stringify([rows, sending, locked]);
  if (!box || state === drawn) return; // nothing to see has changed: a finger may be on it
  drawn = state;
  box.hidden = !entries.length;
  need("[data-queue-list]", HTMLElement, box).replaceChildren(...entries.map(row));
  need("[data-queue-send]", HTMLElement, box).hidden = !signedIn || !entries.some((e) => e.state === "waiting");
}

/** Say once what has arrived, whoever sent it: this page, another, or the worker with every page closed. @param {Entry[]} entries */
async function tellArrived(entries) {
  let n = 0;
  for (const entry of entries)
    n += await queue.put(signedIn, { ...entry, told: true }).then(
      () => 1,
      () => 0,
    );
  if (n) toast(fill(texts.sent, { n }), "done");
}

// --- leaving ---------------------------------------------------------------------------------------

/** Signing out takes this person's records and forms off the device; what was not sent is asked about first. @param {HTMLFormElement} form */
async function leave(form) {
  if (!navigator.onLine) return toast(texts.failed, "bad");
  const waiting = (await queue.list(signedIn)).filter((e) => e.state !== "delivered").length;
  const go = async () => {
    await queue.wipe(signedIn);
    await forget();
    localStorage.removeItem(PERSON);
    form.submit();
  };
  if (waiting) ask(fill(texts.leaving, { n: waiting }), go);
  else await go();
}

/** The page for no network makes way for the one that was asked for as soon as the server answers: the
 * browser's word that there is a network is not enough. */
function comeBack() {
  const look = () =>
    navigator.onLine &&
    fetch("/healthz", { cache: "no-store" })
      .then((a) => a.ok && location.reload())
      .catch(() => {});
  addEventListener("online", look);
  setInterval(look, 5000);
}

/** Called once by every page. */
export function start() {
  if (!queue.usable) return;
  document.querySelector("[data-queue-send]")?.addEventListener("click", () => send(true));
  queue.watch(show);
  show();
  if ("offlinePage" in document.body.dataset && location.pathname !== "/offline") comeBack();
  if (!signedIn) return;
  localStorage.setItem(PERSON, signedIn);
  for (const form of document.querySelectorAll('form[action$="/accounts/logout/"]'))
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      leave(/** @type {HTMLFormElement} */ (form));
    });
  send();
  addEventListener("online", () => {
    tries = 0;
    send();
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && send());
  // Not while the page is being made: the forms come when it is quiet.
  addEventListener("load", () => setTimeout(() => keep(signedIn).catch(() => {}), 300));
}

// The report form is a script of its own room: this is what it may use.
if (queue.usable && signedIn)
  window.linbaoQueue = {
    person: signedIn,
    send,
    toast,
    token,
    get: (id) => queue.get(signedIn, id),
    put: (entry) => queue.put(signedIn, entry),
    drop: queue.drop,
    putFile: (entry, id, data) => queue.putFile(signedIn, entry, id, data),
    file: (id) => queue.file(signedIn, id),
    dropFile: queue.dropFile,
  };
