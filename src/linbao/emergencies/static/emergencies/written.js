// The written report saves itself: on the server while it can be reached, sealed on this phone while not. Opened again
// without a network it is the phone's own copy of the form with what was typed; sent without one it waits in the queue.
import { answers, refill } from "../items/contract.js";

const form = document.getElementById("written");
const queue = window.linbaoQueue;
const words = form.dataset;
const at = (name) => form.elements.namedItem(name);
const state = form.querySelector("[data-state]");
const report = words.report || location.pathname.split("/")[3];
const KEY = `written-${report}`;
const possible = Boolean(queue) && queue?.person === document.body.dataset.user;
const blank = words.blank !== undefined;

let dirty = false,
  saving = null,
  stopped = false,
  leaving = false,
  sure = false,
  local = 0,
  remote = 0,
  entry = null,
  turn = Promise.resolve();

function say(text, bad = false) {
  state.textContent = text;
  state.classList.toggle("ur-state-bad", bad);
}

// --- people, and what depends on others ---------------------------------------------------------

form.querySelector("[data-add]").addEventListener("click", () => {
  const rows = form.querySelector("[data-rows]"),
    row = rows.lastElementChild.cloneNode(true);
  row.querySelectorAll("input").forEach((i) => (i.value = ""));
  rows.append(row);
  row.querySelector("input").focus();
});
form.querySelector("[data-nobody]").addEventListener("click", () => {
  for (const name of ["dead", "injured", "missing"]) at(name).value = "0";
  changed();
});
function further() {
  const block = form.querySelector("[data-further]");
  if (block && blank) block.hidden = at("stage").value === "first";
}
at("stage").addEventListener("change", further);

// --- keeping it ------------------------------------------------------------------------------------

const typed = () => answers(form).filter(([name]) => name !== "password");

/** The body of `POST /api/v1/emergencies/{id}/written`. */
function body() {
  const told = new Map();
  for (const [name, value] of typed()) told.set(name, [...(told.get(name) ?? []), value]);
  const one = (name) => told.get(name)?.[0]?.trim() ?? "",
    column = (name) => told.get(`parties.${name}`) ?? [];
  const whole = (name) => (/^\d{1,9}$/.test(one(name)) ? Number(one(name)) : null);
  const made = { none_involved: told.has("none_involved"), reported_to: told.get("reported_to") ?? [] };
  for (const name of ["place", "course", "impact", "measures", "present", "help", "present_state"])
    made[name] = one(name);
  for (const name of ["level", "kind", "subcategory", "grid", "source"]) if (one(name)) made[name] = one(name);
  made.occurred_at = one("occurred_at") ? one("occurred_at") : null;
  made.casualties = Object.fromEntries(["dead", "injured", "missing"].map((n) => [n, whole(n)]));
  made.scope = Object.fromEntries(["persons", "households", "area"].map((n) => [n, whole(n)]));
  made.loss = whole("loss");
  const names = column("name"),
    phones = column("phone");
  made.parties = column("role")
    .map((role, i) => ({ role, name: names[i] ?? "", phone: phones[i] ?? "" }))
    .filter((p) => p.name.trim() || p.phone.trim());
  if (one("version")) made.version = Number(one("version"));
  const stage = one("stage") || "first";
  if (stage === "first") made.version = 1;
  if (stage !== "first") made.changed = one("changed");
  if (stage === "correction") made.stage = stage;
  return { made, path: { first: "written", final: "final" }[stage] ?? "follow-up" };
}

/** On the phone, as it is now. */
function keep(status = "writing") {
  turn = turn
    .catch(() => {})
    .then(async () => {
      if (!possible) throw new Error("nothing is kept here");
      const { made, path } = body();
      entry = await queue.put({
        ...(entry ?? { id: KEY, files: [] }),
        id: KEY,
        state: status,
        at: Date.now(),
        action: "submit",
        category: "event",
        title: `${words.name} ${words.title || entry?.heading || ""}`.trim(),
        heading: words.title || entry?.heading || "",
        report,
        values: typed(),
        body: made,
        path,
        page: `/report/urgent/${report}/write`,
        fields: {},
        detail: "",
      });
    });
  return turn;
}

/** What the server has leaves the phone. */
function forget() {
  turn = turn
    .catch(() => {})
    .then(async () => {
      if (possible && entry) await queue.drop(KEY);
      entry = null;
    });
  return turn;
}

const sent = () =>
  new URLSearchParams(
    [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "password"),
  );
const headers = { Accept: "application/json", "X-Linbao-User": document.body.dataset.user };

/** On the server. Resolves to whether it has it; false without a network. */
async function save() {
  if (blank || stopped) return false;
  if (saving) await saving;
  dirty = false;
  saving = (async () => {
    try {
      const token = queue?.token?.() || at("csrfmiddlewaretoken").value;
      const answer = await fetch(words.draft, {
        method: "POST",
        body: sent(),
        headers: { ...headers, "X-CSRFToken": token },
        signal: AbortSignal.timeout?.(15000),
      });
      const told = await answer.json().catch(() => null);
      if (answer.ok && told) {
        say(`${words.saved} ${told.saved_at}`);
        if (!dirty) await forget();
        return true;
      }
      if (answer.status === 409) {
        stopped = true;
        say(words.stale, true);
        return true;
      }
    } catch {
      /* no network */
    }
    dirty = true;
    return false;
  })();
  const done = await saving;
  saving = null;
  return done;
}

async function keepOrSay() {
  await keep().then(
    () => say(words.kept),
    () => say(words.lost, true),
  );
  if (!blank) later(15000);
}

function later(pause) {
  clearTimeout(remote);
  remote = setTimeout(async () => dirty && !leaving && !(await save()) && !stopped && keepOrSay(), pause);
}

function changed() {
  dirty = true;
  clearTimeout(local);
  // Each stroke soon on the phone, then on the server.
  local = setTimeout(
    () =>
      keep().then(
        () => blank && say(words.kept),
        () => {},
      ),
    300,
  );
  if (!blank) later(1500);
}
form.addEventListener("input", changed);
form.addEventListener("change", changed);
addEventListener("online", () => (blank ? dirty || location.reload() : dirty && save()));
document.addEventListener(
  "visibilitychange",
  () => document.visibilityState === "hidden" && dirty && !leaving && keep().catch(() => {}),
);
addEventListener("pagehide", () => dirty && !leaving && keep().catch(() => {}));

// --- opening ---------------------------------------------------------------------------------------

if (blank && !report) say("");
// Loaded again after a refusal the page is asked for anew, with what was typed since, not the old form posted once more.
if (words.refused) history.replaceState(null, "", location.href);
if (possible) {
  const kept = await queue.get(KEY);
  const since = Number(words.at) * 1000; // what the phone kept later than the server stands
  if (kept && kept.state !== "delivered" && kept.at > since + 1000) {
    const rows = form.querySelector("[data-rows]"),
      wanted = kept.values.filter(([n]) => n === "parties.name").length;
    while (rows.children.length < wanted) rows.append(rows.lastElementChild.cloneNode(true));
    const version = at("version").value;
    refill(form, kept.values);
    if (!blank && version) at("version").value = version;
    entry = kept.state === "writing" ? kept : await queue.put({ ...kept, state: "writing" });
    say(words.restored);
    dirty = true;
    if (!blank) later(500);
    if (kept.state === "amend") showRefusal(kept);
  } else if (kept) entry = kept;
  if (blank && entry?.values) {
    const version = new Map(entry.values).get("version");
    if (version) at("version").value = version;
  }
}
further();

function showRefusal(kept) {
  const box = document.createElement("div"),
    inner = document.createElement("div");
  box.className = "lb-alert lb-bad";
  box.tabIndex = -1;
  box.setAttribute("role", "alert");
  const messages = Object.values(kept.fields ?? {}).flat();
  for (const text of messages.length ? messages : [kept.detail]) {
    const line = document.createElement("p");
    line.textContent = text;
    inner.append(line);
  }
  box.append(inner);
  form.before(box);
  box.focus();
}

// --- sending ---------------------------------------------------------------------------------------

form.addEventListener("submit", async (event) => {
  if (sure) return;
  event.preventDefault();
  if (leaving) return;
  leaving = true;
  clearTimeout(remote);
  clearTimeout(local);
  const button = event.submitter;
  button?.setAttribute("aria-busy", "true");
  say(words.saving);
  if (!blank && (await save())) {
    sure = true;
    button?.removeAttribute("aria-busy");
    return form.requestSubmit(button);
  }
  try {
    await keep("waiting");
    await queue.send(true);
    const now = await queue.get(KEY);
    if (now?.state === "delivered") return location.assign(`${words.there}${report}/`);
    entry = now;
    if (now?.state === "amend") showRefusal(now);
    say(now?.state === "amend" ? "" : words.queued);
  } catch {
    say(words.lost, true);
  }
  button?.removeAttribute("aria-busy");
  leaving = false;
});
addEventListener("pageshow", () => (leaving = sure = false));
