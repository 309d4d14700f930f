// Three taps: keeps what was typed on this phone until it is sent, fills in the place, notes the moment of the call.
const form = document.querySelector("[data-urgent]");
const KEPT = "linbao.urgent";

for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());

if (form) {
  const at = (name) => form.elements.namedItem(name);
  const starts = Boolean(at("place"));

  const fill = (name, value) => { const field = at(name); if (field) field.value = value; };

  if (starts) {
    if (!at("seen_at").value) fill("seen_at", new Date().toISOString());
    try {
      const kept = JSON.parse(localStorage.getItem(KEPT) || "null");
      if (kept && Date.now() - Date.parse(kept.seen_at) < 12 * 3600e3 && !at("place").value) {
        for (const [name, value] of Object.entries(kept)) {
          const field = at(name);
          if (field instanceof RadioNodeList) field.value = value;
          else if (field && value) field.value = value;
        }
      }
    } catch { localStorage.removeItem(KEPT); }
    form.addEventListener("input", keep);
    if (navigator.geolocation && !at("lat").value) {
      navigator.geolocation.getCurrentPosition((found) => {
        fill("lat", found.coords.latitude.toFixed(6));
        fill("lon", found.coords.longitude.toFixed(6));
        const told = document.querySelector("[data-where]");
        told.hidden = false;
        told.querySelector("span").textContent = `${found.coords.latitude.toFixed(5)}, ${found.coords.longitude.toFixed(5)} (±${Math.round(found.coords.accuracy)} m)`;
      }, () => {}, { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 });
    }
    const offline = () => { document.querySelector("[data-offline]").hidden = navigator.onLine; };
    addEventListener("online", offline);
    addEventListener("offline", offline);
    offline();
    const sms = document.querySelector("[data-sms]");
    sms?.addEventListener("click", () => {
      const kind = form.querySelector("[name=kind]:checked")?.parentElement.textContent.trim() || "";
      const body = [kind, at("place").value, at("words").value].filter(Boolean).join("，");
      sms.href = `${sms.getAttribute("href").split("?")[0]}?body=${encodeURIComponent(body)}`;
    });
  }

  function keep() {
    const kept = {};
    for (const name of ["id", "kind", "place", "words", "level", "seen_at", "called_at", "called_number", "lat", "lon"]) {
      const field = at(name);
      kept[name] = field instanceof RadioNodeList ? field.value : field?.value;
    }
    localStorage.setItem(KEPT, JSON.stringify(kept));
  }

  // The call goes through whatever becomes of the network; its moment is noted, and the record begins.
  for (const link of document.querySelectorAll("[data-call]")) {
    link.addEventListener("click", () => {
      if (!at("called_at").value) fill("called_at", new Date().toISOString());
      fill("called_number", link.dataset.call);
      if (starts) keep();
      if (navigator.onLine && form.checkValidity()) {
        setTimeout(() => form.requestSubmit(form.querySelector("[value=called]") || undefined), 400);
      }
    });
  }

  form.addEventListener("submit", (event) => {
    if (!navigator.onLine && starts) {
      event.preventDefault();
      keep();
      document.querySelector("[data-offline]").hidden = false;
      return;
    }
    fill("phone_now", new Date().toISOString());
    if (starts) localStorage.removeItem(KEPT);
  });
}
