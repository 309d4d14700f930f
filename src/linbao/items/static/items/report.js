// The report form: saves itself, takes photos at once, knows where it is, and goes on without a network.
// Without this script the same form posts as it is.
import { start } from "./common.js";
import { showErrors } from "./contract.js";
import { Local, digest, newId } from "./offline.js";

const form = document.getElementById("report");
const local = new Local(form);
const reopened = await local.begin();
start();
const words = form.dataset;
const state = form.querySelector("[data-state]");
// The person for whom the page was made: the server refuses it from anybody else who signed in since.
const headers = {
  Accept: "application/json",
  "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]").value,
  "X-Linbao-User": document.body.dataset.user,
};
const field = (name) => form.elements[name];

function say(text, bad = false) {
  state.textContent = text;
  state.classList.toggle("rp-state-bad", bad);
}

// --- saving by itself ---------------------------------------------------------------------------

let dirty = false,
  stopped = false,
  leaving = false,
  sure = false,
  unreachable = false,
  lost = false,
  timer = 0,
  saving = null;

function body() {
  const data = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") data.append(name, value);
  return data;
}

/** Send what is typed so far; resolves to whether the server has it. */
async function save() {
  if (stopped) return false;
  if (local.on) return keep();
  if (saving) {
    await saving;
    if (!dirty) return true;
  }
  dirty = false;
  say(words.saving);
  saving = send();
  const done = await saving;
  saving = null;
  return done;
}

/** Without a network: on the phone. */
async function keep() {
  dirty = false;
  try {
    await local.keep();
    say(words.kept);
    return true;
  } catch {
    dirty = true;
    say(words.offline, true);
    return false;
  }
}

/** The server cannot be reached: the phone keeps the form from now on. */
function goLocal() {
  return local.enter(field("version").value !== "0", lost ? null : Number(field("version").value));
}

async function send() {
  unreachable = false;
  try {
    const answer = await fetch(words.draft, {
      method: "POST",
      body: body(),
      headers,
      signal: AbortSignal.timeout?.(15000),
    });
    const told = await answer.json().catch(() => ({}));
    if (answer.ok) {
      field("version").value = told.version;
      lost = false;
      say(`${words.saved} ${told.saved_at}`);
      if (location.pathname !== words.edit) history.replaceState(null, "", words.edit);
      return true;
    }
    if (answer.status === 409) {
      stopped = true;
      say(words.stale, true);
      return false;
    }
    say(`${words.failed}：${told.detail || answer.status}`, true);
  } catch {
    dirty = unreachable = lost = true; // perhaps it arrived, and only the answer did not
    if (goLocal()) return keep().then(() => false);
    say(words.offline, true);
    later(15000);
  }
  return false;
}

function later(pause) {
  clearTimeout(timer);
  timer = setTimeout(() => dirty && save(), local.on ? Math.min(pause, 400) : pause);
}

form.addEventListener("input", () => {
  dirty = true;
  later(2500);
});
form.addEventListener("change", () => {
  dirty = true;
  later(2500);
});
addEventListener("online", () => dirty && save());
addEventListener("pagehide", flush);
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && flush());

/** On leaving: the request outlives the page. */
function flush() {
  if (!dirty || stopped || leaving) return;
  if (local.on) return keep();
  dirty = false;
  fetch(words.draft, { method: "POST", body: body(), keepalive: true, headers })
    .then((a) => a.json())
    .then((told) => told.version && (field("version").value = told.version))
    .catch(() => (dirty = lost = true));
}

form.addEventListener("submit", async (e) => {
  if (sure) return;
  e.preventDefault();
  if (leaving) return;
  if (uploads) return say(words.waitfiles, true);
  clearTimeout(timer);
  leaving = true;
  const button = e.submitter;
  say(words.sending);
  if (!local.on) {
    // Saving first brings the version that this form must carry, and shows whether the server is there:
    // a form that a browser posts into nothing would be lost with its page.
    await save();
    if (!local.on && unreachable) {
      leaving = false;
      return say(words.offline, true);
    }
  }
  if (!local.on) {
    sure = true;
    say(words.sending);
    return form.requestSubmit(button);
  }
  button?.setAttribute("aria-busy", "true");
  const gone = await local.queue(button?.value === "save" ? "save" : "submit").catch(() => false);
  button?.removeAttribute("aria-busy");
  if (gone) return;
  leaving = false;
  say(gone === null ? words.queued : "");
});
addEventListener("pageshow", () => (leaving = sure = false));

// --- questions that depend on others -------------------------------------------------------------

function dependants() {
  const chosen = form.querySelector("[name=subcategory]:checked")?.value || "";
  form.querySelectorAll("[data-only]").forEach((q) => (q.hidden = q.dataset.only !== chosen));
}
form.querySelectorAll("[name=subcategory]").forEach((r) =>
  r.addEventListener("change", () => {
    dependants();
    // An emergency starts as urgent; what a person has switched themselves stays.
    const urgent = field("urgent");
    if (urgent && !urgent.dataset.touched) urgent.checked = r.dataset.emergency !== undefined;
    const by = urgent?.checked && !urgent.dataset.touched;
    urgency(by ? (r.closest("label")?.textContent.trim() ?? r.value) : "");
  }),
);
/** What urgent means, seen where it is ticked: by itself for an emergency, and whom to call. */
function urgency(kind = "") {
  const box = form.querySelector("[data-urgent-call]"),
    why = box?.querySelector("[data-urgent-why]");
  if (!box) return;
  box.hidden = !field("urgent").checked;
  why.textContent = kind ? why.dataset.ticked.replace("{kind}", kind) : "";
  if (kind) say(why.textContent);
}
field("urgent")?.addEventListener("change", (e) => {
  e.target.dataset.touched = "1";
  urgency();
});
if (field("urgent")) urgency();
// A call that is made from here: its moment goes along, to be recorded as soon as the emergency stands (4.2.1).
for (const link of form.querySelectorAll("[data-urgent-call] [data-call]")) {
  link.addEventListener("click", () => {
    if (form.dataset.called) return;
    form.dataset.called = JSON.stringify({ called_at: new Date().toISOString(), called_number: link.dataset.call });
    try {
      localStorage.setItem(`linbao-called-${form.dataset.item}`, form.dataset.called);
    } catch {
      /* nothing is kept here */
    }
    if (local.on) keep();
  });
}
if (field("urgent")?.checked) field("urgent").dataset.touched = "1";
if (form.querySelector("[name=subcategory]")) dependants();

form.querySelectorAll("[data-same]").forEach((box) => {
  const target = document.getElementById(box.dataset.same);
  const turn = () => (target.hidden = box.checked);
  box.addEventListener("change", () => {
    turn();
    if (!box.checked) target.querySelector("input:not([type=hidden]),textarea")?.focus();
  });
  turn();
});
form.querySelectorAll("[data-hides]").forEach((box) => {
  const turn = () => {
    document.getElementById(box.dataset.hides).hidden = box.checked;
    const shows = box.dataset.shows && document.getElementById(box.dataset.shows);
    if (shows) shows.hidden = !box.checked;
  };
  box.addEventListener("change", turn);
  turn();
});
const named = form.querySelector("[data-named]");
const level = () => {
  const chosen = form.querySelector("[name=sensitivity]:checked");
  if (!chosen) return;
  if (named) named.hidden = chosen.value !== "confidential";
  const words = form.querySelector("[data-level]");
  if (words) words.textContent = chosen.parentElement.querySelector("strong").textContent;
};
form.querySelectorAll("[name=sensitivity]").forEach((r) => r.addEventListener("change", level));
level();
// Seen cannot be before it happened: choosing an earlier time of seeing takes the other along.
field("seen_at")?.addEventListener("change", () => {
  const happened = field("occurred_at");
  if (happened?.value && field("seen_at").value && happened.value > field("seen_at").value)
    happened.value = field("seen_at").value;
});

// --- rows ----------------------------------------------------------------------------------------

form.querySelectorAll("[data-add]").forEach((button) => {
  const rows = button.parentElement.querySelector("[data-rows]");
  const most = Number(rows.dataset.most);
  const turn = () => (button.hidden = rows.children.length >= most);
  button.addEventListener("click", () => {
    const row = rows.lastElementChild.cloneNode(true);
    row.querySelectorAll("input").forEach((i) => (i.value = ""));
    rows.append(row);
    row.querySelector("input").focus();
    turn();
  });
  turn();
});

// --- where ---------------------------------------------------------------------------------------

const picker = form.querySelector("[data-picker] svg");
const told = form.querySelector("[data-position]");
const marked = form.querySelector("[data-point]");

function point(lat, lon) {
  field("place.lat").value = lat === null ? "" : lat.toFixed(6);
  field("place.lon").value = lon === null ? "" : lon.toFixed(6);
  if (marked) marked.textContent = lat === null ? "" : words.marked;
  dirty = true;
  later(1500);
  if (!picker) return;
  const pin = picker.querySelector(".rp-map-pin");
  if (lat === null) return pin.setAttribute("visibility", "hidden");
  const { west, east, north, south } = picker.dataset;
  const box = picker.viewBox.baseVal;
  const x = ((lon - west) / (east - west)) * box.width,
    y = ((north - lat) / (north - south)) * box.height;
  pin.removeAttribute("visibility");
  pin.setAttribute("transform", `translate(${x} ${y})`);
}
picker?.addEventListener("click", (e) => {
  const box = picker.getBoundingClientRect();
  const { west, east, north, south } = picker.dataset;
  const lon = Number(west) + ((e.clientX - box.left) / box.width) * (east - west);
  const lat = Number(north) - ((e.clientY - box.top) / box.height) * (north - south);
  point(lat, lon);
  const grid = document
    .elementsFromPoint(e.clientX, e.clientY)
    .find((n) => n.dataset?.unit && n.classList.contains("rp-map-grid"));
  if (grid && field("grid") && !field("grid").value) field("grid").value = grid.dataset.unit;
});
form.querySelector("[data-unpin]")?.addEventListener("click", () => point(null, null));
const here = form.querySelector("[data-here]");
if (here && navigator.geolocation && window.isSecureContext) {
  here.hidden = false;
  here.addEventListener("click", () => {
    told.textContent = words.locating;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        point(coords.latitude, coords.longitude);
        told.textContent = `${words.located} ${Math.round(coords.accuracy)} ${words.metre}`;
      },
      () => (told.textContent = words.nowhere),
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
    );
  });
}
field("grid")?.addEventListener("change", () =>
  picker
    ?.querySelectorAll(".rp-map-grid")
    .forEach((p) => p.classList.toggle("rp-map-own", p.dataset.unit === field("grid").value)),
);

// --- photos, audio, documents ---------------------------------------------------------------------

const tiles = form.querySelector("[data-files]");
let uploads = 0;

function tile(file) {
  const figure = document.createElement("figure");
  figure.className = "rp-file";
  figure.innerHTML = '<progress max="1" value="0"></progress><figcaption></figcaption>';
  figure.querySelector("figcaption").textContent = file.name;
  figure.querySelector("progress").setAttribute("aria-label", words.uploading);
  tiles.insertBefore(figure, tiles.querySelector(".rp-file-add"));
  return figure;
}

/** Where the caption of a photo is typed; it is saved with the form. */
function captionOf(id, name, value) {
  const input = document.createElement("input");
  input.className = "form-control rp-file-caption";
  input.name = `caption.${id}`;
  input.value = value ?? "";
  input.maxLength = 80;
  input.autocomplete = "off";
  input.placeholder = words.describe;
  input.setAttribute("aria-label", `${words.describe} ${name}`);
  return input;
}

function wrong(figure, file, id, message) {
  figure.className = "rp-file rp-file-wrong";
  figure.replaceChildren();
  const caption = document.createElement("figcaption");
  caption.setAttribute("role", "alert");
  caption.textContent = `${file.name}：${message}`;
  const again = document.createElement("button");
  again.type = "button";
  again.className = "rp-link";
  again.textContent = words.retry;
  again.addEventListener("click", () => {
    figure.remove();
    upload(file, id);
  });
  figure.append(caption, again, removal(null, figure));
}

/** A file that waits on the phone with its form. */
async function heldTile(held, figure = null) {
  figure ??= tile(held);
  const caption = document.createElement("figcaption"),
    source = await local.picture(held),
    mark = document.createElement("span");
  caption.textContent = held.name;
  mark.className = "rp-file-held";
  mark.textContent = words.holding;
  figure.className = `rp-file rp-file-${source ? "photo" : "document"}`;
  figure.replaceChildren();
  if (source) {
    const image = document.createElement("img");
    image.src = source;
    image.alt = held.name;
    figure.append(image);
  }
  figure.append(caption);
  if (source && !held.sent) {
    const input = captionOf(held.id, held.name, held.caption);
    input.addEventListener("input", () => local.describe(held.id, input.value));
    figure.append(input);
  }
  if (held.sent) return;
  figure.append(mark, removal(null, figure));
  figure.querySelector("button").addEventListener("click", () => local.release(held.id));
}

async function hold(file, id, figure) {
  await local.hold(file, id);
  say(words.kept);
  await heldTile(
    local.files.find((f) => f.id === id),
    figure,
  );
}

function removal(url, figure) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "rp-file-remove";
  button.setAttribute("aria-label", words.remove);
  button.textContent = "✕";
  if (url) button.dataset.remove = url;
  else button.addEventListener("click", () => figure.remove());
  return button;
}

async function upload(file, id = newId()) {
  const figure = tile(file);
  uploads++;
  try {
    if (local.on) return await hold(file, id, figure);
    if (field("version").value === "0" && !(await save()))
      return local.on ? await hold(file, id, figure) : wrong(figure, file, id, words.failed);
    const data = new FormData();
    data.append("id", id);
    data.append("sha256", await digest(await file.arrayBuffer()));
    data.append("file", file, file.name);
    const [status, told] = await post(data, (share) => (figure.querySelector("progress").value = share));
    if (status !== 201) return wrong(figure, file, id, told.detail || words.failed);
    figure.className = `rp-file rp-file-${told.kind}`;
    figure.replaceChildren();
    const caption = document.createElement("figcaption");
    caption.textContent = told.name;
    if (told.notice) say(told.notice);
    if (told.thumb) {
      const image = document.createElement("img");
      image.src = told.thumb;
      image.alt = told.name;
      figure.append(image);
    }
    figure.append(caption);
    if (told.thumb) figure.append(captionOf(told.id, told.name, told.caption));
    figure.append(removal(told.remove, figure));
  } catch {
    const held =
      goLocal() &&
      (await hold(file, id, figure).then(
        () => true,
        () => false,
      ));
    if (!held) wrong(figure, file, id, words.offline);
  } finally {
    uploads--;
  }
}

function post(data, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", words.upload);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (e) => e.lengthComputable && progress(e.loaded / e.total));
    request.addEventListener("load", () => {
      let told = {};
      try {
        told = JSON.parse(request.responseText);
      } catch {
        /* a proxy's page */
      }
      resolve([request.status, told]);
    });
    request.addEventListener("error", reject);
    request.send(data);
  });
}

if (tiles) {
  form.querySelector("[data-plain-files]").remove();
  tiles.querySelectorAll("[data-pick]").forEach((label) => {
    label.hidden = false;
    label.querySelector("input").addEventListener("change", async (e) => {
      e.stopPropagation();
      const files = [...e.target.files];
      e.target.value = "";
      for (const file of files) await upload(file);
    });
  });
  tiles.querySelectorAll("[data-remove]").forEach((b) => (b.hidden = false));
  tiles.addEventListener("click", async (e) => {
    const button = e.target.closest("[data-remove]");
    if (!button) return;
    const answer = await fetch(button.dataset.remove, { method: "POST", headers }).catch(() => null);
    if (answer?.ok) button.closest("figure").remove();
    else say((await answer?.json().catch(() => null))?.detail || words.offline, true);
  });
}

if (reopened) {
  for (const held of local.files) await heldTile(held);
  showErrors(form, reopened.fields, reopened.detail, words.mend);
}
