// What every page can do. Each part finds its elements by data attributes and works without the others;
// pages work without any of it.
import "htmx.org";
import { start as startDevice } from "./device.js";
import { ask, fill, need, one, signedIn, texts, token } from "./page.js";
import { start as startQueue } from "./queue_view.js";
import { start as startUploads } from "./uploads.js";

/**
 * Act when an event reaches an element of the selector, whenever that came into the page.
 * @template {keyof DocumentEventMap} E
 * @param {string} selector
 * @param {E} event
 * @param {(element: HTMLElement, e: DocumentEventMap[E]) => void} act
 */
const on = (selector, event, act) =>
  document.addEventListener(event, (e) => {
    const element = e.target instanceof Element ? e.target.closest(selector) : null;
    if (element instanceof HTMLElement) act(element, e);
  });

document.addEventListener("htmx:configRequest", (e) => {
  /** @type {CustomEvent} */ (e).detail.headers["X-CSRFToken"] = token();
});

// --- drawer, menus, dialogs, toasts ----------------------------------------------------------------

/** @param {boolean} open @param {HTMLElement} button @param {HTMLElement} panel */
function drawer(open, button, panel) {
  panel.toggleAttribute("data-open", open);
  button.setAttribute("aria-expanded", String(open));
  document.querySelector(".lb-scrim")?.remove();
  if (!open) return button.focus();
  const scrim = document.createElement("div");
  scrim.className = "lb-scrim";
  scrim.addEventListener("click", () => drawer(false, button, panel));
  document.body.append(scrim);
  panel.querySelector("a")?.focus();
}
/** @param {HTMLElement} button */
const panelOf = (button) => need(button.dataset.drawer ?? "", HTMLElement);
const closeMenus = (/** @type {Event} */ e) =>
  document.querySelectorAll("details.lb-menu[open]").forEach((menu) => {
    if (e.type === "keydown" || !(e.target instanceof Node && menu.contains(e.target))) menu.removeAttribute("open");
  });
on("[data-drawer]", "click", (button) => {
  const panel = panelOf(button);
  drawer(!panel.hasAttribute("data-open"), button, panel);
});
document.addEventListener("keydown", (e) => {
  if (e.key !== "Escape") return;
  closeMenus(e);
  const button = one('[data-drawer][aria-expanded="true"]', HTMLElement);
  if (button) drawer(false, button, panelOf(button));
});
document.addEventListener("click", closeMenus);
on("[data-open]", "click", (button) => {
  const target = button.dataset.open ?? "";
  if (target.startsWith("#")) one(target, HTMLDialogElement)?.showModal();
});
on("[data-close]", "click", (button) => button.closest("dialog")?.close());
on("[data-dismiss]", "click", (button) => button.closest(".lb-toast")?.remove());
document.querySelectorAll(".lb-toast:not([data-stay])").forEach((toast) => setTimeout(() => toast.remove(), 8000));
on("[data-print]", "click", () => window.print());

// --- forms -----------------------------------------------------------------------------------------

on("form[data-autosubmit] select", "change", (select) => select.closest("form")?.requestSubmit());
on("[data-show-password]", "click", (button) => {
  const input = button.parentElement?.querySelector("input");
  if (!input) return;
  input.type = input.type === "password" ? "text" : "password";
  button.setAttribute("aria-pressed", String(input.type === "text"));
});
on("[data-demo-account]", "click", (button) => {
  const form = need("#login", HTMLFormElement);
  need("[name=login]", HTMLInputElement, form).value = button.dataset.demoAccount ?? "";
  need("[name=password]", HTMLInputElement, form).value = button.dataset.demoPassword ?? "";
  form.requestSubmit();
});
// A form is sent once; it comes back usable when the reader returns to the page.
document.addEventListener("submit", (e) => {
  const button = e.submitter;
  const form = /** @type {HTMLFormElement} */ (e.target);
  if (e.defaultPrevented || !(button instanceof HTMLButtonElement) || form.method === "dialog") return;
  setTimeout(() => e.defaultPrevented || button.setAttribute("aria-busy", "true"));
});
addEventListener("pageshow", () =>
  document.querySelectorAll("[aria-busy]").forEach((b) => b.removeAttribute("aria-busy")),
);

// Something final asks first: <button data-confirm="…"> in a form.
on("[data-confirm]", "click", (button, e) => {
  if (button.dataset.sure) {
    delete button.dataset.sure;
    return;
  }
  e.preventDefault();
  ask(button.dataset.confirm ?? "", () => {
    button.dataset.sure = "1";
    button.click();
  });
});

// --- countdowns ------------------------------------------------------------------------------------

/** @param {number} seconds */
function span(seconds) {
  const minutes = Math.floor(Math.abs(seconds) / 60);
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor((minutes % 1440) / 60);
  const rest = minutes % 60;
  if (days) return fill(texts.days, { n: days }) + (hours && days < 10 ? " " + fill(texts.hours, { n: hours }) : "");
  if (hours) return fill(texts.hours, { n: hours }) + (rest ? " " + fill(texts.minutes, { n: rest }) : "");
  return rest ? fill(texts.minutes, { n: rest }) : (texts.soon ?? "");
}
function tick() {
  for (const mark of document.querySelectorAll("[data-countdown]")) {
    const left = (Date.parse(mark.getAttribute("datetime") ?? "") - Date.now()) / 1000;
    need("span", HTMLElement, mark).textContent = fill(left < 0 ? texts.late : texts.left, { t: span(left) });
    mark.classList.toggle("lb-bad", left < 0);
    mark.classList.toggle("lb-warn", left >= 0 && left < 4 * 3600);
  }
}
if (document.querySelector("[data-countdown]")) setInterval(tick, 30_000);

// --- tips: the text of a clause on hover, focus or first tap -------------------------------------------

/** @type {HTMLElement | null} */
let tip = null;
/** @param {HTMLElement} mark */
function showTip(mark) {
  hideTip();
  tip = document.createElement("div");
  tip.className = "lb-tip";
  tip.textContent = mark.dataset.tip ?? "";
  document.body.append(tip);
  const box = mark.getBoundingClientRect();
  const left = Math.max(12, Math.min(box.left, innerWidth - tip.offsetWidth - 12));
  const top = box.bottom + 8 + tip.offsetHeight > innerHeight ? box.top - tip.offsetHeight - 8 : box.bottom + 8;
  // Positions go through the object model: the policy allows no inline style.
  tip.style.left = `${left}px`;
  tip.style.top = `${top}px`;
}
function hideTip() {
  tip?.remove();
  tip = null;
}
on("[data-tip]", "mouseover", showTip);
on("[data-tip]", "focusin", showTip);
document.addEventListener("mouseout", hideTip);
document.addEventListener("focusout", hideTip);

// --- connection ----------------------------------------------------------------------------------------

const mark = document.querySelector("[data-offline-mark]");
const connection = () => mark?.toggleAttribute("hidden", navigator.onLine);
addEventListener("online", connection);
addEventListener("offline", connection);
connection();
startQueue();
startDevice();
startUploads();
if ("serviceWorker" in navigator && signedIn) navigator.serviceWorker.register("/sw.js").catch(() => {});
