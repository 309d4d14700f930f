// The sign button opens once the text was scrolled to its end. Without this script everything is open, and the
// server asks for the tick or the phrase.
(() => {
  const text = document.querySelector("[data-text]");
  const form = document.querySelector("[data-sign]");
  if (!text || !form) return;
  const button = form.querySelector("[data-sign-button]");
  const tick = form.querySelector("[data-read]");
  const wait = form.querySelector("[data-wait]");
  const shut = (yes) => {
    button.disabled = yes;
    tick.disabled = yes;
    wait.hidden = !yes;
  };
  const read = () => text.scrollTop + text.clientHeight >= text.scrollHeight - 8;
  const look = () => {
    if (!read()) return;
    shut(false);
    text.removeEventListener("scroll", look);
  };
  if (document.querySelector("[data-focus]")) return; // it was read before the mistake
  shut(true);
  text.addEventListener("scroll", look, { passive: true });
  look();
})();
