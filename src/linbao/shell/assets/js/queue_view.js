// What a person sees of the queue: the mark in the top bar, the list, toasts; and when it is sent.
import { forget, keep } from "./blank_forms.js";
import * as queue from "./queue.js";
import { send as sendQueue } from "./sending.js";

const PERSON = "linbao-person",
  PAUSES = [5, 15, 30, 60, 120];
const words = document.getElementById("lb-words")?.dataset ?? {};
const fill = (text, values) => (text ?? "").replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
const TONES = { writing: "neutral", waiting: "wait", sending: "work", amend: "bad", delivered: "done" };

// The page for when there is no network belongs to nobody: it shows the records of whoever signed in last.
const signedIn = document.body.dataset.user ?? "";
export const person = signedIn || ("offlinePage" in document.body.dataset ? (localStorage.getItem(PERSON) ?? "") : "");

export function toast(text, tone = "neutral") {
  const box = document.createElement("div"),
    said = document.createElement("span");
  box.className = `lb-toast lb-${tone}`;
  said.textContent = text;
  box.append(said);
  document.querySelector("[data-toasts]")?.append(box);
  setTimeout(() => box.remove(), 8000);
}

// --- sending ---------------------------------------------------------------------------------------

let tries = 0,
  timer = 0,
  sending = false,
  locked = false;

/** Send what waits; `wait`: not beside another page that is at it, but after it. */
export async function send(wait = false) {
  if (!queue.usable || !signedIn) return null;
  clearTimeout(timer);
  sending = true;
  show();
  const outcome = await sendQueue({ user: signedIn, token, wait }).catch(() => ({ later: true }));
  sending = false;
  locked = outcome?.locked ?? locked;
  if (outcome?.delivered) tries = 0;
  if (outcome?.amend) toast(words.amendTold, "bad");
  // Later again; also when another page or the worker was at it, for it may fail.
  if (!outcome || outcome.later) {
    clearTimeout(timer);
    timer = setTimeout(send, PAUSES[Math.min(tries++, PAUSES.length - 1)] * 1000);
    navigator.serviceWorker
      ?.getRegistration()
      .then((r) => r?.sync?.register("linbao-queue"))
      .catch(() => {});
  }
  show();
  return outcome;
}

// --- showing ---------------------------------------------------------------------------------------

function element(tag, css, text, parent) {
  const made = document.createElement(tag);
  if (css) made.className = css;
  if (text) made.textContent = text;
  parent?.append(made);
  return made;
}
function button(text, parent, act, css = "btn") {
  const made = element("button", css, text, parent);
  made.type = "button";
  made.addEventListener("click", act);
}
const clock = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short" });

function row(entry) {
  const line = element("li", "lb-queued"),
    state = entry.state === "waiting" && sending ? "sending" : entry.state;
  line.dataset.state = entry.state;
  const head = element("div", "lb-queued-head", "", line);
  element("strong", "", entry.title || words.untitled, head);
  element("span", `lb-badge lb-${TONES[state]}`, words[state === "writing" ? "draft" : state], head);
  const facts = [
    clock.format(entry.at),
    entry.number,
    entry.files?.length && fill(words.photos, { n: entry.files.length }),
    entry.action === "save" && state !== "writing" && words.draft,
  ];
  element("small", "text-secondary", facts.filter(Boolean).join(" · "), line);
  if (state === "amend") {
    const told = element("ul", "lb-queued-told", "", line);
    for (const text of new Set([
      ...Object.values(entry.fields ?? {}).flat(),
      ...(Object.keys(entry.fields ?? {}).length ? [] : [entry.detail]),
    ]))
      element("li", "", text, told);
  }
  if (state === "waiting" && locked) element("p", "lb-help", words.locked, line);
  for (const notice of entry.notices ?? []) element("p", "lb-help", notice, line);
  const acts = element("div", "lb-queued-acts", "", line);
  if (entry.state === "delivered") {
    const link = element("a", "btn", words.look, acts);
    link.href = entry.link ?? `/items/${entry.id}/`;
    button(words.close, acts, () => queue.drop(entry.id), "btn btn-link");
    return line;
  }
  if (state !== "sending") {
    const link = element("a", "btn", words.open, acts);
    link.href = entry.page ?? `/report/new/${entry.category}#kept=${entry.id}`;
    button(words.remove, acts, () => ask(words.removeSure, () => queue.drop(entry.id)), "btn btn-link");
  }
  return line;
}

let drawn = "";
async function show() {
  if (!queue.usable || !person) return;
  const entries = await queue.list(person).catch(() => []),
    open = entries.filter((e) => e.state !== "delivered");
  if (signedIn && !document.hidden) tellArrived(entries.filter((e) => e.state === "delivered" && !e.told));
  const mark = document.querySelector("[data-queue-mark]");
  if (mark) {
    mark.hidden = !open.length;
    mark.querySelector("[data-queue-count]").textContent = open.length;
    mark.setAttribute("aria-label", fill(words.queued, { n: open.length }));
  }
  const box = document.querySelector("[data-queue]"),
    state = JSON.stringify([
      entries.map((e) => [e.id, e.state, e.title, e.files?.length, e.fields, clock.format(e.at)]),
      sending,
      locked,
    ]);
  if (!box || state === drawn) return; // nothing to see has changed: a finger may be on it
  drawn = state;
  box.hidden = !entries.length;
  box.querySelector("[data-queue-list]").replaceChildren(...entries.map(row));
  box.querySelector("[data-queue-send]").hidden = !signedIn || !entries.some((e) => e.state === "waiting");
}

/** Say once what has arrived, whoever sent it: this page, another, or the worker with every page closed. */
async function tellArrived(entries) {
  let n = 0;
  for (const entry of entries)
    n += await queue.put(signedIn, { ...entry, told: true }).then(
      () => 1,
      () => 0,
    );
  if (n) toast(fill(words.sent, { n }), "done");
}

/** Ask before something final, in the page's own dialog. */
function ask(text, act) {
  const dialog = document.getElementById("lb-confirm");
  dialog.querySelector("[data-confirm-text]").textContent = text;
  dialog.returnValue = "";
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && act(), { once: true });
  dialog.showModal();
}

// --- leaving ---------------------------------------------------------------------------------------

/** Signing out takes this person's records and forms off the device; what was not sent is asked about first. */
async function leave(form) {
  if (!navigator.onLine) return toast(words.failed, "bad");
  const waiting = (await queue.list(signedIn)).filter((e) => e.state !== "delivered").length;
  const go = async () => {
    await queue.wipe(signedIn);
    await forget();
    localStorage.removeItem(PERSON);
    form.submit();
  };
  if (waiting) ask(fill(words.leaving, { n: waiting }), go);
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
  document.querySelectorAll('form[action$="/accounts/logout/"]').forEach((form) =>
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      leave(form);
    }),
  );
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
