// The review desk by keyboard: J/K next and previous, 1–4 the checks, A approve, R return, ? help.
// What was typed is kept on this device until the decision is taken, so that nothing is lost.
(() => {
  const form = document.querySelector("[data-review]");
  document.documentElement.classList.add("js");
  const follow = (key) => document.querySelector(`[data-key="${key}"]`)?.click();
  document.addEventListener("keydown", (e) => {
    if (
      e.ctrlKey ||
      e.metaKey ||
      e.altKey ||
      e.target.closest("input:not([type=radio]), textarea, select, dialog[open]")
    )
      return;
    const key = e.key.toLowerCase();
    if (key === "j" || key === "k") follow(key);
    else if (e.key === "?") document.querySelector("#keys")?.showModal();
    else if (form && "1234".includes(key)) turn(Number(key));
    else if (form && key === "a") approve();
    else if (form && key === "r") sendBack();
    else return;
    e.preventDefault();
  });
  if (!form) return;
  form.querySelectorAll("[hidden]").forEach((n) => {
    n.hidden = false;
  });
  document.querySelectorAll(".rv-flag").forEach((n) => {
    n.hidden = false;
  });
  const list = form.querySelector("[data-findings]");
  const template = form.querySelector("template[data-finding]");
  const said = form.querySelector("[data-said]");
  const spare = list.querySelector("[data-spare]");
  spare?.querySelectorAll("select, input").forEach((n) => {
    n.disabled = true;
  });
  const checks = [...form.querySelectorAll("[data-check][data-number]")];
  const radio = (check, value) => form.querySelector(`[name="check-${check}"][value="${value}"]`);
  const findings = () => [...list.querySelectorAll(".rv-finding:not([data-spare])")];

  function turn(number) {
    const box = checks.find((c) => Number(c.dataset.number) === number);
    const pass = radio(box.dataset.check, "pass");
    const to = pass.checked ? radio(box.dataset.check, "fail") : pass;
    to.checked = true;
    to.dispatchEvent(new Event("change", { bubbles: true }));
    box.scrollIntoView({ block: "nearest" });
  }
  function allPass() {
    for (const c of checks)
      if (!radio(c.dataset.check, "pass").checked && !radio(c.dataset.check, "fail").checked)
        radio(c.dataset.check, "pass").checked = true;
    save();
  }
  function approve() {
    allPass();
    form.querySelector("[data-approve]").click();
  }
  function sendBack() {
    if (findings().length) form.querySelector("[data-send-back]").click();
    else form.querySelector("[data-return]").scrollIntoView({ block: "start", behavior: "instant" });
  }
  function add({ field = "", check = "", reason = "", note = "" }) {
    const row = template.content.firstElementChild.cloneNode(true);
    row.querySelectorAll("[hidden]").forEach((n) => {
      n.hidden = false;
    });
    const set = (name, value) => {
      const control = row.querySelector(`[name="finding-${name}"]`);
      if (control.tagName === "SELECT" && value && ![...control.options].some((o) => o.value === value))
        control.add(new Option(value, value));
      control.value = value;
    };
    set("field", field);
    set("check", check);
    set("reason", reason);
    set("note", note);
    list.append(row);
    if (check) radio(check, "fail").checked = true;
    mark();
    save();
    row.scrollIntoView({ block: "nearest" });
    if (!reason && !note) row.querySelector('[name="finding-note"]').focus();
    if (!field) row.querySelector('[name="finding-field"]').focus();
    said.textContent = "";
  }
  function mark() {
    const named = new Set(findings().map((f) => f.querySelector('[name="finding-field"]').value));
    document.querySelectorAll(".rv-field[data-name]").forEach((f) => {
      f.classList.toggle("rv-flagged", named.has(f.dataset.name));
      f.querySelector(".rv-flag")?.setAttribute("aria-pressed", named.has(f.dataset.name));
    });
  }
  document.addEventListener("click", (e) => {
    const flag = e.target.closest("[data-flag]");
    if (flag) return add({ field: flag.dataset.flag, note: flag.dataset.note || "", check: flag.dataset.for || "" });
    const reason = e.target.closest("[data-reason]");
    if (reason) {
      const open = findings().find(
        (f) => !f.querySelector('[name="finding-reason"]').value && !f.querySelector('[name="finding-note"]').value,
      );
      if (!open)
        return add({ field: reason.dataset.field, check: reason.dataset.check, reason: reason.dataset.reason });
      open.querySelector('[name="finding-reason"]').value = reason.dataset.reason;
      open.querySelector('[name="finding-check"]').value = reason.dataset.check;
      radio(reason.dataset.check, "fail").checked = true;
      return save();
    }
    const drop = e.target.closest("[data-drop]");
    if (drop) {
      drop.closest(".rv-finding").remove();
      mark();
      return save();
    }
    const fill = e.target.closest("[data-fill]");
    if (fill) {
      form.querySelector(fill.dataset.fill).value = fill.textContent;
      return save();
    }
    if (e.target.closest("[data-all-pass]")) allPass();
  });
  form.addEventListener("change", (e) => {
    if (e.target.name === "finding-reason" && e.target.value) {
      const source = form.querySelector(`[data-reason="${e.target.value}"]`);
      const row = e.target.closest(".rv-finding");
      if (source) row.querySelector('[name="finding-check"]').value ||= source.dataset.check;
      if (source) row.querySelector('[name="finding-field"]').value ||= source.dataset.field;
    }
    mark();
    save();
  });

  // Kept on the device: a lost connection or a stale answer costs nothing that was typed.
  const key = form.dataset.keep;
  function save() {
    const fields = [...new FormData(form)].filter(([n]) => n !== "csrfmiddlewaretoken" && n !== "version");
    try {
      sessionStorage.setItem(key, JSON.stringify(fields));
    } catch {
      /* private mode: nothing is kept */
    }
  }
  form.addEventListener("input", save);
  form.addEventListener("submit", () => {
    try {
      sessionStorage.removeItem(key);
    } catch {
      /* nothing was kept */
    }
  });
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(key));
  } catch {
    /* nothing was kept */
  }
  if (kept && !document.querySelector("[data-focus]")) {
    const rows = [];
    for (const [name, value] of kept) {
      if (name.startsWith("finding-")) {
        if (name === "finding-field") rows.push({});
        if (rows.length) rows[rows.length - 1][name.slice(8)] = value;
        continue;
      }
      const control = form.elements[name];
      if (control) control.value = value;
    }
    rows.forEach(add);
    document.activeElement?.blur();
    window.scrollTo(0, 0);
  }
  mark();
})();
