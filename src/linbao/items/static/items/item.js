// The item's page, activities, printing: lightbox and small comforts.
import { start } from "./common.js";

start();

const light = document.querySelector("[data-light]");
const photos = [...document.querySelectorAll("[data-photo]")];
let shown = 0;

function show(index) {
  shown = (index + photos.length) % photos.length;
  light.querySelector("img").src = photos[shown].href;
  light.querySelector("img").alt = photos[shown].dataset.caption;
  light.querySelector("p").textContent = `${photos[shown].dataset.caption}  ${shown + 1}/${photos.length}`;
}
if (light && photos.length) {
  photos.forEach((photo, index) =>
    photo.addEventListener("click", (e) => {
      if (e.metaKey || e.ctrlKey) return;
      e.preventDefault();
      show(index);
      light.showModal();
    }),
  );
  light.querySelector("[data-previous]").addEventListener("click", () => show(shown - 1));
  light.querySelector("[data-next]").addEventListener("click", () => show(shown + 1));
  light.querySelector("[data-close]").addEventListener("click", () => light.close());
  light.addEventListener("keydown", (e) => {
    if (e.key === "ArrowLeft") show(shown - 1);
    if (e.key === "ArrowRight") show(shown + 1);
  });
  let from = 0;
  light.addEventListener("touchstart", (e) => (from = e.changedTouches[0].clientX), { passive: true });
  light.addEventListener("touchend", (e) => {
    const way = e.changedTouches[0].clientX - from;
    if (Math.abs(way) > 50) show(shown + (way < 0 ? 1 : -1));
  });
}

document.querySelectorAll("[data-autosubmit]").forEach((form) => {
  form.querySelector("[data-submit]").hidden = true;
  form.addEventListener("change", () => form.requestSubmit());
});
document.querySelectorAll("form[data-once]").forEach((form) =>
  form.addEventListener("submit", (e) => {
    if (form.dataset.sent) e.preventDefault();
    form.dataset.sent = "1";
  }),
);
const print = document.querySelector("[data-print]");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
