// Choosing a unit narrows the persons; copying the message. Everything works without this file.
(() => {
  for (const box of document.querySelectorAll("[data-receiver]")) {
    const unit = box.querySelector("[data-unit]"),
      handler = box.querySelector("[data-handler]");
    const all = [...handler.options];
    const narrow = () => {
      const chosen = handler.value;
      handler.replaceChildren(...all.filter((o) => !o.value || !unit.value || o.dataset.unit === unit.value));
      handler.value = [...handler.options].some((o) => o.value === chosen) ? chosen : "";
    };
    unit.addEventListener("change", narrow);
    narrow();
  }
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const source = document.querySelector(button.dataset.copy);
      try {
        await navigator.clipboard.writeText(source.value);
      } catch {
        source.select();
        document.execCommand("copy");
      }
      button.querySelector("[data-copy-words]").textContent = "✓";
    });
  }
})();
