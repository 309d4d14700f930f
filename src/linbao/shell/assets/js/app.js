// What every page can do. Each part finds its elements by data attributes and works without the others;
// pages work without any of it.
import "htmx.org";
import { start as startDevice } from "./device.js";
import { start as startQueue } from "./queue_view.js";

const words = document.getElementById("lb-words")?.dataset ?? {};
const fill = (text, values) => (text ?? "").replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
const token = () =>
  document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? document.cookie.match(/csrftoken=([^;]+)/)?.[1] ?? "";
const on = (selector, event, act) =>
  document.addEventListener(event, (e) => {
    const found = e.target instanceof Element && e.target.closest(selector);
    if (found) act(found, e);
  });

document.addEventListener("htmx:configRequest", (e) => {
  e.detail.headers["X-CSRFToken"] = token();
});

// --- drawer, menus, dialogs, toasts ----------------------------------------------------------------

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
on("[data-drawer]", "click", (button) => {
  const panel = document.querySelector(button.dataset.drawer);
  drawer(!panel.hasAttribute("data-open"), button, panel);
});
document.addEventListener("keydown", (e) => {
  if (e.key !== "Escape") return;
  document.querySelectorAll("details.lb-menu[open]").forEach((d) => d.removeAttribute("open"));
  const button = document.querySelector('[data-drawer][aria-expanded="true"]');
  if (button) drawer(false, button, document.querySelector(button.dataset.drawer));
});
document.addEventListener("click", (e) => {
  document.querySelectorAll("details.lb-menu[open]").forEach((d) => d.contains(e.target) || d.removeAttribute("open"));
});
on("[data-open]", "click", (button) => {
  const target = button.dataset.open?.startsWith("#") && document.querySelector(button.dataset.open);
  if (target instanceof HTMLDialogElement) target.showModal();
});
on("[data-close]", "click", (button) => button.closest("dialog")?.close());
on("[data-dismiss]", "click", (button) => button.closest(".lb-toast")?.remove());
document.querySelectorAll(".lb-toast:not([data-stay])").forEach((toast) => setTimeout(() => toast.remove(), 8000));
on("[data-print]", "click", () => window.print());

// --- forms -----------------------------------------------------------------------------------------

on("form[data-autosubmit] select", "change", (select) => select.form.requestSubmit());
on("[data-show-password]", "click", (button) => {
  const input = button.parentElement.querySelector("input");
  input.type = input.type === "password" ? "text" : "password";
  button.setAttribute("aria-pressed", String(input.type === "text"));
});
on("[data-demo-account]", "click", (button) => {
  const form = document.getElementById("login");
  form.elements.login.value = button.dataset.demoAccount;
  form.elements.password.value = button.dataset.demoPassword;
  form.requestSubmit();
});
// A form is sent once; it comes back usable when the reader returns to the page.
document.addEventListener("submit", (e) => {
  const button = e.submitter;
  if (e.defaultPrevented || !(button instanceof HTMLButtonElement) || e.target.method === "dialog") return;
  setTimeout(() => e.defaultPrevented || button.setAttribute("aria-busy", "true"));
});
addEventListener("pageshow", () =>
  document.querySelectorAll("[aria-busy]").forEach((b) => b.removeAttribute("aria-busy")),
);

// Something final asks first: <button data-confirm="…"> in a form.
on("[data-confirm]", "click", (button, e) => {
  if (button.dataset.sure) return delete button.dataset.sure;
  e.preventDefault();
  const dialog = document.getElementById("lb-confirm");
  dialog.querySelector("[data-confirm-text]").textContent = button.dataset.confirm;
  dialog.returnValue = "";
  dialog.addEventListener(
    "close",
    () => {
      if (dialog.returnValue !== "yes") return;
      button.dataset.sure = "1";
      button.click();
    },
    { once: true },
  );
  dialog.showModal();
});

// --- countdowns ------------------------------------------------------------------------------------

function span(seconds) {
  const minutes = Math.floor(Math.abs(seconds) / 60),
    days = Math.floor(minutes / 1440),
    hours = Math.floor((minutes % 1440) / 60),
    rest = minutes % 60;
  if (days) return fill(words.days, { n: days }) + (hours && days < 10 ? " " + fill(words.hours, { n: hours }) : "");
  if (hours) return fill(words.hours, { n: hours }) + (rest ? " " + fill(words.minutes, { n: rest }) : "");
  return rest ? fill(words.minutes, { n: rest }) : words.soon;
}
function tick() {
  for (const mark of document.querySelectorAll("[data-countdown]")) {
    const left = (Date.parse(mark.getAttribute("datetime")) - Date.now()) / 1000;
    mark.querySelector("span").textContent = fill(left < 0 ? words.late : words.left, { t: span(left) });
    mark.classList.toggle("lb-bad", left < 0);
    mark.classList.toggle("lb-warn", left >= 0 && left < 4 * 3600);
  }
}
if (document.querySelector("[data-countdown]")) setInterval(tick, 30_000);

// --- tips: the text of a clause on hover, focus or first tap -------------------------------------------

let tip = null;
function showTip(mark) {
  hideTip();
  tip = document.createElement("div");
  tip.className = "lb-tip";
  tip.textContent = mark.dataset.tip;
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

// --- uploads -----------------------------------------------------------------------------------------

function uploader(box) {
  const list = box.querySelector("[data-thumbs]"),
    template = box.querySelector("template"),
    told = box.querySelector("[data-upload-words]");
  let running = 0,
    failed = 0;
  const tell = () => {
    told.textContent = running
      ? fill(words.uploading, { n: running })
      : failed
        ? fill(words.uploadFailed, { n: failed })
        : words.uploaded;
  };
  function send(file, tile, id) {
    const bar = tile.querySelector("progress"),
      retry = tile.querySelector(".lb-thumb-retry"),
      request = new XMLHttpRequest(),
      data = new FormData();
    data.append("id", id);
    for (const name of ["item", "stage"]) if (box.dataset[name]) data.append(name, box.dataset[name]);
    data.append(box.dataset.name, file);
    tile.dataset.state = "sending";
    retry.hidden = true;
    running += 1;
    request.upload.onprogress = (e) => {
      if (e.lengthComputable) bar.value = (100 * e.loaded) / e.total;
    };
    request.onloadend = () => {
      running -= 1;
      const ok = request.status >= 200 && request.status < 300;
      tile.dataset.state = ok ? "done" : "failed";
      if (!ok) {
        failed += 1;
        retry.hidden = false;
        retry.onclick = () => {
          failed -= 1;
          send(file, tile, id);
        };
      }
      tell();
      if (request.status)
        try {
          const answer = JSON.parse(request.responseText);
          told.textContent = (ok ? answer.notice : answer.detail) || told.textContent;
        } catch {
          /* not JSON */
        }
    };
    request.open("POST", box.dataset.upload);
    request.setRequestHeader("X-CSRFToken", token());
    request.send(data);
    tell();
  }
  box.querySelector("[data-files]").addEventListener("change", (e) => {
    for (const file of e.target.files) {
      const tile = template.content.firstElementChild.cloneNode(true),
        picture = tile.querySelector("img"),
        name = tile.querySelector(".lb-thumb-file");
      if (file.type.startsWith("image/")) picture.src = URL.createObjectURL(file);
      else {
        picture.remove();
        name.hidden = false;
        name.querySelector("small").textContent = file.name;
      }
      tile.querySelector(".lb-thumb-x").addEventListener("click", () => tile.remove());
      list.append(tile);
      send(file, tile, crypto.randomUUID());
    }
    e.target.value = "";
  });
  list.addEventListener("click", async (e) => {
    const button = e.target.closest("[data-remove]");
    if (!button) return;
    const answer = await fetch(button.dataset.remove, { method: "POST", headers: { "X-CSRFToken": token() } }).catch(
      () => null,
    );
    if (answer?.ok) button.closest("li").remove();
    else told.textContent = words.failed;
  });
}
document.querySelectorAll(".lb-upload[data-upload]").forEach(uploader);

// --- connection ----------------------------------------------------------------------------------------

const mark = document.querySelector("[data-offline-mark]");
const connection = () => mark?.toggleAttribute("hidden", navigator.onLine);
addEventListener("online", connection);
addEventListener("offline", connection);
connection();
startQueue();
startDevice();
if ("serviceWorker" in navigator && document.body.dataset.user)
  navigator.serviceWorker.register("/sw.js").catch(() => {});
