// The report form as the API's body of an item (design §6): what `forms.read` makes of a posted form,
// made on the phone, so that a form filled in without a network can be sent later.

/** What is filled in: `[name, value]` of every answer, those of other subcategories' questions left out. */
export function answers(form) {
  const chosen = form.querySelector("[name=subcategory]:checked")?.value ?? "",
    found = [];
  for (const field of form.elements) {
    const block = field.closest("[data-only]");
    if (
      !field.name ||
      field.type === "file" ||
      field.tagName === "BUTTON" ||
      (block && block.dataset.only !== chosen)
    )
      continue;
    if ((field.type === "checkbox" || field.type === "radio") && !field.checked)
      continue;
    if (field.name !== "csrfmiddlewaretoken")
      found.push([field.name, field.value]);
  }
  return found;
}

/** Put answers back into the form; rows are added as needed. */
export function refill(form, values) {
  const told = new Map();
  for (const [name, value] of values)
    told.set(name, [...(told.get(name) ?? []), value]);
  for (const rows of form.querySelectorAll("[data-rows]")) {
    const first = rows.querySelector("[name]"),
      wanted = told.get(first?.name)?.length ?? 1;
    while (rows.children.length < wanted)
      rows.append(rows.lastElementChild.cloneNode(true));
  }
  const next = new Map();
  for (const field of form.elements) {
    if (
      !field.name ||
      field.type === "file" ||
      field.tagName === "BUTTON" ||
      ["csrfmiddlewaretoken", "version", "category"].includes(field.name)
    )
      continue;
    const given = told.get(field.name) ?? [];
    if (field.type === "checkbox" || field.type === "radio")
      field.checked = given.includes(field.value);
    else if (given.length) {
      const at = next.get(field.name) ?? 0;
      next.set(field.name, at + 1);
      field.value = given[at] ?? "";
    }
  }
}

const number = (text) =>
  text === undefined || text.trim() === "" || !Number.isFinite(Number(text))
    ? null
    : Number(text);

/** The body of `POST /api/v1/items`, without its id. */
export function body(form) {
  const values = answers(form),
    told = new Map();
  for (const [name, value] of values)
    told.set(name, [...(told.get(name) ?? []), value]);
  const one = (name) => told.get(name)?.[0] ?? "",
    on = (name) => told.has(name);
  const made = { category: one("category") };
  for (const name of [
    "subcategory",
    "title",
    "narrative",
    "analysis",
    "suggestion",
    "grid",
  ])
    if (on(name)) made[name] = one(name);
  for (const name of ["occurred_at", "seen_at"]) made[name] = one(name) || null;
  made.sensitivity = one("sensitivity") || "internal";
  if (on("named.asked"))
    made.named =
      made.sensitivity === "confidential" ? (told.get("named") ?? []) : [];
  if (on("urgent.asked")) made.urgent = on("urgent");
  made.place = {
    text: one("place.text"),
    lat: number(one("place.lat")),
    lon: number(one("place.lon")),
  };
  made.source = {
    method: one("source.method"),
    activity: one("source.activity") || null,
  };
  made.key_points = (told.get("key_points") ?? []).filter((p) => p.trim());
  const column = (name) => told.get(`parties.${name}`) ?? [],
    roles = column("role"),
    names = column("name"),
    phones = column("phone");
  if (on("parties.asked"))
    made.parties = roles
      .map((role, i) => ({
        role,
        name: names[i] ?? "",
        phone: phones[i] ?? "",
      }))
      .filter((p) => p.name.trim() || p.phone.trim());
  if (on("notice.asked"))
    made.notice = {
      basis: one("notice.basis"),
      informed: on("notice.informed"),
    };
  const details = {};
  for (const name of told.keys()) {
    const [head, code, part] = name.split(".");
    if (head !== "details") continue;
    const many = form.querySelector(
      `[type=checkbox][value][name="details.${code}"]`,
    );
    if (part === "asked")
      details[code] = many
        ? (told.get(`details.${code}`) ?? [])
        : on(`details.${code}`);
    else if (part) details[code] = { ...details[code], [part]: one(name) };
    else if (!on(`${name}.asked`)) details[code] = one(name);
  }
  // What the switch says goes: no name is kept of somebody who wished none (1.3.4).
  if (made.parties && (details.anonymous || details.none_involved))
    made.parties = [];
  // A fact told once answers both.
  for (const box of form.querySelectorAll("[data-same-as]:checked")) {
    const target = box.name.replace(/^same\./, ""),
      origin = box.dataset.sameAs,
      block = box.closest("[data-only]");
    if (block && block.dataset.only !== made.subcategory) continue;
    const text = (
      origin.startsWith("details.")
        ? String(details[origin.slice(8)] ?? "")
        : one(origin)
    ).trim();
    if (target === "key_points")
      made.key_points = text ? [text.slice(0, 200)] : [];
    else if (target.startsWith("details."))
      details[target.slice(8)] = text.slice(
        0,
        ["details.area", "details.project"].includes(target) ? 200 : 5000,
      );
    else made[target] = text.slice(0, 5000);
  }
  return { ...made, details };
}

/** Put messages beside their questions and name them at the head, like the server's own page. */
export function showErrors(form, fields, detail, heading) {
  form.querySelectorAll(".rp-error").forEach((p) => p.remove());
  form.querySelectorAll(".rp-bad").forEach((q) => q.classList.remove("rp-bad"));
  form.querySelectorAll("[aria-invalid]").forEach((i) => {
    i.removeAttribute("aria-invalid");
    i.removeAttribute("aria-describedby");
  });
  document.querySelector("[data-wrong]")?.remove();
  if (!detail && !Object.keys(fields).length) return;
  const box = document.createElement("div"),
    told = document.createElement("strong"),
    list = document.createElement("ul"),
    loose = [];
  Object.assign(box, { className: "alert alert-danger", tabIndex: -1 });
  box.setAttribute("role", "alert");
  box.dataset.wrong = "";
  list.className = "rp-jump";
  const switches = [
    "details.proposer",
    "details.parties",
    "details.anonymous",
    "details.anonymous_reason",
    "details.none_involved",
  ];
  for (const [path, messages] of Object.entries(fields)) {
    const block = [...form.querySelectorAll("[data-name]")].find(
      (q) =>
        path === q.dataset.name ||
        path.startsWith(`${q.dataset.name}.`) ||
        (q.dataset.name === "parties" && switches.includes(path)),
    );
    if (!block) {
      loose.push(...messages);
      continue;
    }
    block.classList.add("rp-bad");
    block.closest("details")?.setAttribute("open", "");
    const words = document.createElement("p"),
      link = document.createElement("a"),
      input = block.querySelector("input:not([type=hidden]),textarea,select");
    words.className = "rp-error";
    words.id = `${block.id}-error-${list.childElementCount}`;
    words.textContent = messages.join(" ");
    block.append(words);
    input?.setAttribute("aria-invalid", "true");
    input?.setAttribute("aria-describedby", words.id);
    link.href = `#${block.id}`;
    link.textContent =
      block.querySelector(".rp-label")?.textContent.replace("*", "") || path;
    list.append(document.createElement("li"));
    list.lastElementChild.append(link);
  }
  told.textContent = list.childElementCount
    ? heading.replace("{n}", list.childElementCount)
    : detail;
  box.append(told, loose.length ? ` ${loose.join(" ")}` : "", list);
  form.before(box);
  box.focus();
  box.scrollIntoView({ block: "center" });
}
