// Three taps: what was typed stays on this phone, sealed, until it is sent; the place is filled in; the moment of the
// call is noted. Without a network the call goes through all the same, and the record follows when there is one.
const form = document.querySelector("[data-urgent]");
const phone = window.linbaoQueue;  // absent where the browser cannot keep a secret: then nothing is kept
const KEPT = phone ? `urgent-${phone.person}` : "", FRESH = 12 * 3600e3;
const NAMES = ["id", "kind", "place", "words", "level", "seen_at", "called_at", "called_number", "lat", "lon"];

for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());

if (form) {
  const at = (name) => form.elements.namedItem(name);
  const starts = Boolean(at("place"));
  const offline = document.querySelector("[data-offline]");
  let waiting = "";  // the button that was pressed without a network

  const fill = (name, value) => { const field = at(name); if (field) field.value = value; };
  const told = () => ({ ...Object.fromEntries(NAMES.map((n) => [n, at(n)?.value ?? ""])), waiting });
  const keep = () => phone?.putFile(KEPT, KEPT, new TextEncoder().encode(JSON.stringify(told()))).catch(() => {});

  async function restore() {
    const data = await phone?.file(KEPT).catch(() => null);
    const kept = data ? JSON.parse(new TextDecoder().decode(data)) : null;
    if (kept && Date.now() - Date.parse(kept.seen_at) < FRESH && !at("place").value) {
      for (const name of NAMES) if (kept[name]) at(name).value = kept[name];
      waiting = kept.waiting ?? "";
    }
    // The copy that the phone keeps for times without a network has neither id nor moment yet.
    if (!at("id").value) fill("id", crypto.randomUUID());
    if (!at("seen_at").value) fill("seen_at", new Date().toISOString());
    goOn();
  }

  /** Send what was pressed without a network, now that there is one. */
  function goOn() {
    if (waiting && navigator.onLine) form.requestSubmit(form.querySelector(`[value=${waiting}]`));
  }

  if (starts) {
    restore();
    form.addEventListener("input", keep);
    if (navigator.geolocation && !at("lat").value) {
      navigator.geolocation.getCurrentPosition((found) => {
        fill("lat", found.coords.latitude.toFixed(6));
        fill("lon", found.coords.longitude.toFixed(6));
        const where = document.querySelector("[data-where]");
        where.hidden = false;
        where.querySelector("span").textContent = `${found.coords.latitude.toFixed(5)}, ${found.coords.longitude.toFixed(5)} (±${Math.round(found.coords.accuracy)} m)`;
      }, () => {}, { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 });
    }
    const show = () => { offline.hidden = navigator.onLine; };
    addEventListener("online", () => { show(); goOn(); });
    addEventListener("offline", show);
    show();
    const sms = document.querySelector("[data-sms]");
    sms?.addEventListener("click", () => {
      const kind = form.querySelector("[name=kind]:checked")?.parentElement.textContent.trim() || "";
      const body = [kind, at("place").value, at("words").value].filter(Boolean).join("，");
      sms.href = `${sms.getAttribute("href").split("?")[0]}?body=${encodeURIComponent(body)}`;
    });
  }

  // The call goes through whatever becomes of the network; its moment is noted, and the record begins.
  for (const link of document.querySelectorAll("[data-call]")) {
    link.addEventListener("click", () => {
      if (!at("called_at").value) fill("called_at", new Date().toISOString());
      fill("called_number", link.dataset.call);
      if (!form.checkValidity()) return void (starts && keep());
      setTimeout(() => form.requestSubmit(form.querySelector("[value=called]") || undefined), 400);
    });
  }

  form.addEventListener("submit", (event) => {
    const button = event.submitter?.value ?? "";
    if (starts && button === "called" && !at("called_at").value) fill("called_at", new Date().toISOString());
    if (starts && !navigator.onLine) {
      event.preventDefault();
      waiting = button || "called";
      keep();
      offline.hidden = false;
      offline.scrollIntoView({ block: "center" });
      return;
    }
    fill("phone_now", new Date().toISOString());
    if (starts) phone?.dropFile(KEPT).catch(() => {});
  });
}
