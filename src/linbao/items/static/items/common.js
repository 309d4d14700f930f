// What the room's pages share: quick chips, times, confirmation. Each page works without this script.

/** `2026-11-20T09:30` shifted: what the server's clock says now, plus the time since the page came. */
const loaded = Date.now();
export function now(base) {
  const at = new Date(base + ":00Z").getTime() + (Date.now() - loaded);
  return new Date(at);
}
export const local = (date) => date.toISOString().slice(0, 16);

function changed(field) {
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Chips that fill a field: a text that is there already is kept, the chip's words follow it. */
function fill(box) {
  box.hidden = false;
  box.addEventListener("click", (e) => {
    const chip = e.target.closest("button");
    const field = chip && document.getElementById(box.dataset.fill);
    if (!field) return;
    const words = chip.textContent.trim();
    const before = field.value.trim();
    if (field.tagName === "TEXTAREA" && before && !before.includes(words))
      field.value = before.replace(/[。；]?$/, "；") + words;
    else if (!before.includes(words)) field.value = words;
    changed(field);
    field.focus();
  });
}

function times(box, base) {
  box.hidden = false;
  box.addEventListener("click", (e) => {
    const chip = e.target.closest("button");
    const field = chip && document.getElementById(box.dataset.times);
    if (!field) return;
    const at = now(base);
    if (chip.dataset.time === "morning") {
      const nine = new Date(at);
      nine.setUTCHours(9, 0, 0, 0);
      if (nine < at) at.setTime(nine.getTime());
    }
    if (chip.dataset.time === "yesterday") at.setTime(at.getTime() - 86400000);
    field.value = local(at);
    changed(field);
  });
}

export function start() {
  document.querySelectorAll("[data-fill]").forEach(fill);
  const base = document.querySelector("[data-now]")?.dataset.now;
  if (base) document.querySelectorAll("[data-times]").forEach((box) => times(box, base));
  document.addEventListener("click", (e) => {
    const asked = e.target.closest("[data-ask]");
    if (asked && !window.confirm(asked.dataset.ask)) e.preventDefault();
  });
  document.querySelector("[data-focus]")?.focus();
}
