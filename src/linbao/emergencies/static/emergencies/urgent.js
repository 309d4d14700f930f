// Three taps: what was typed stays on this phone, sealed, until it is sent; the moment of the call is noted, whatever is
// empty yet. Without a network the call goes through all the same, and the record follows when there is one.
const form = document.querySelector("[data-urgent]");
const phone = window.linbaoQueue; // absent where the browser cannot keep a secret: then nothing is kept
const FRESH = 12 * 3600e3,
  AGAIN = 10_000;
const NAMES = [
  "id",
  "kind",
  "place",
  "narrative",
  "level",
  "seen_at",
  "called_at",
  "called_number",
  "lat",
  "lon",
  "community",
];

for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
for (const choice of document.querySelectorAll("[data-submit]"))
  choice.addEventListener("change", () => choice.form.requestSubmit());

/** Where the phone is, into the form's two fields. */
function locate(target, told = () => {}) {
  const lat = target.elements.namedItem("lat"),
    lon = target.elements.namedItem("lon");
  if (!navigator.geolocation || !lat || lat.value) return;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      lat.value = coords.latitude.toFixed(6);
      lon.value = coords.longitude.toFixed(6);
      told(coords);
    },
    () => {},
    { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 },
  );
}
for (const here of document.querySelectorAll("form[data-here]")) locate(here);

if (form) {
  const at = (name) => form.elements.namedItem(name);
  const starts = Boolean(at("place")),
    id = () => form.dataset.id || at("id").value;
  const KEPT = phone ? `urgent-${form.dataset.id ?? phone.person}` : "";
  const offline = document.querySelector("[data-offline]");
  let waiting = ""; // the button that was pressed and not answered yet
  let timer = 0,
    busy = false;

  const fill = (name, value) => {
    const field = at(name);
    if (field) field.value = value;
  };
  const values = () => ({ ...Object.fromEntries(NAMES.map((n) => [n, at(n)?.value ?? ""])), waiting });
  const keep = () => phone?.putFile(KEPT, KEPT, new TextEncoder().encode(JSON.stringify(values()))).catch(() => {});
  const drop = () => phone?.dropFile(KEPT).catch(() => {});

  async function restore() {
    const data = await phone?.file(KEPT).catch(() => null);
    const kept = data ? JSON.parse(new TextDecoder().decode(data)) : null;
    const moment = kept && Date.parse(kept.seen_at || kept.called_at);
    if (kept && Date.now() - moment < FRESH && !at("place")?.value) {
      for (const name of NAMES) if (kept[name] && at(name)) at(name).value = kept[name];
      waiting = kept.waiting ?? "";
    }
    // The copy that the phone keeps for times without a network has neither id nor moment yet.
    const made = form.dataset.id && take(`linbao-called-${form.dataset.id}`);
    if (made && !waiting) {
      fill("called_at", made.called_at);
      fill("called_number", made.called_number);
      waiting = "called";
    }
    if (starts && !at("id").value) fill("id", crypto.randomUUID());
    if (starts && !at("seen_at").value) fill("seen_at", new Date().toISOString());
    resume();
  }

  /** The call that was made from the ordinary form, before the emergency stood. */
  function take(key) {
    try {
      const told = JSON.parse(localStorage.getItem(key));
      localStorage.removeItem(key);
      return told;
    } catch {
      return null;
    }
  }

  /** Send what was pressed without a network, now that there may be one. */
  function resume() {
    clearTimeout(timer);
    if (!waiting || busy) return;
    if (navigator.onLine) send(waiting);
    else timer = setTimeout(resume, AGAIN);
  }

  const token = () =>
    phone?.token?.() || document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] || at("csrfmiddlewaretoken").value;
  function call(method, path, body) {
    const headers = {
      Accept: "application/json",
      "Content-Type": "application/json",
      "X-CSRFToken": token(),
      "X-Linbao-User": document.body.dataset.user,
    };
    return fetch(path, {
      method,
      headers,
      body: JSON.stringify(body),
      redirect: "error",
      signal: AbortSignal.timeout?.(15000),
    });
  }

  function record() {
    const told = values(),
      now = new Date().toISOString();
    const made = { called_at: told.called_at || null, called_number: told.called_number, phone_now: now };
    if (!starts) return made;
    const number = (text) => (text === "" ? null : Number(text));
    return {
      ...made,
      id: told.id,
      kind: told.kind,
      words: told.narrative,
      level: told.level,
      community: told.community,
      seen_at: told.seen_at || null,
      place: { text: told.place, lat: number(told.lat), lon: number(told.lon) },
      called_at: waiting === "later" ? null : told.called_at || null,
    };
  }

  /** Send the record through the API: an answer of the server, or it waits. */
  async function send(button) {
    waiting = button;
    busy = true;
    await keep();
    try {
      const body = record();
      let answer = await call("POST", form.dataset.api, body);
      if (starts && answer.status === 409) {
        // It arrived before, with less: what was typed since follows, and the call.
        const { kind, place, words, level } = body;
        if (kind && place.text) await call("PATCH", `${form.dataset.api}/${body.id}`, { kind, place, words, level });
        if (body.called_at)
          answer = await call("POST", `${form.dataset.api}/${body.id}/call`, {
            called_at: body.called_at,
            called_number: body.called_number,
            phone_now: body.phone_now,
          });
      }
      if (answer.ok) {
        waiting = "";
        await drop();
        return location.assign(`${form.dataset.there}${id()}/`);
      }
      if (answer.status < 500 && ![401, 408, 425, 429].includes(answer.status)) {
        waiting = "";
        await keep();
        busy = false;
        return refused(await answer.json().catch(() => ({})));
      }
    } catch {
      /* no network: it waits */
    }
    busy = false;
    if (offline) {
      offline.hidden = false;
      offline.scrollIntoView({ block: "center" });
    }
    timer = setTimeout(resume, AGAIN);
  }

  function refused(told) {
    const messages = Object.values(told.fields ?? {}).flat(),
      box = document.createElement("div"),
      inner = document.createElement("div");
    document.querySelector("[data-refused]")?.remove();
    box.className = "lb-alert lb-bad";
    box.dataset.refused = "";
    box.tabIndex = -1;
    box.setAttribute("role", "alert");
    for (const text of messages.length ? messages : [told.detail ?? ""]) {
      const line = document.createElement("p");
      line.textContent = text;
      inner.append(line);
    }
    box.append(inner);
    form.before(box);
    box.focus();
    box.scrollIntoView({ block: "center" });
  }

  restore();
  addEventListener("online", resume);
  if (starts) {
    form.addEventListener("input", keep);
    locate(form, (coords) => {
      const where = document.querySelector("[data-where]");
      where.hidden = false;
      where.querySelector("span").textContent =
        `${coords.latitude.toFixed(5)}, ${coords.longitude.toFixed(5)} (±${Math.round(coords.accuracy)} m)`;
    });
    const show = () => {
      if (!waiting) offline.hidden = navigator.onLine;
    };
    addEventListener("online", show);
    addEventListener("offline", show);
    show();
    const sms = document.querySelector("[data-sms]");
    sms?.addEventListener("click", () => {
      const kind = form.querySelector("[name=kind]:checked")?.parentElement.textContent.trim() || "";
      const body = [kind, at("place").value, at("narrative").value].filter(Boolean).join("，");
      sms.href = `${sms.getAttribute("href").split("?")[0]}?body=${encodeURIComponent(body)}`;
    });
  }

  // The call goes through whatever becomes of the network; its moment is noted, and the record begins, whatever is empty.
  for (const link of document.querySelectorAll("[data-call]")) {
    link.addEventListener("click", () => {
      if (!at("called_at").value) fill("called_at", new Date().toISOString());
      fill("called_number", link.dataset.call);
      // Whose desk was called says which community it is.
      const choice = form.querySelector(`[name=community][value="${link.dataset.community}"]`);
      if (choice && !form.querySelector("[name=community]:checked")) choice.checked = true;
      setTimeout(() => send("called"), 400);
    });
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter?.value || "called";
    if (button === "called" && !at("called_at").value) fill("called_at", new Date().toISOString());
    send(button);
  });
}
