// The report form as the API's body of an item (design §6): what `forms.read` makes of a posted form,
// made on the phone, so that a form filled in without a network can be sent later.

/**
 * @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Field
 * @typedef {Map<string, string[]>} Answers values by field name, in the order of the form
 */

/** The fields of a form that can hold an answer. @param {HTMLFormElement} form */
function fieldsOf(form) {
  const fields = /** @type {Field[]} */ ([...form.elements].filter((e) => e.tagName !== "BUTTON"));
  return fields.filter((field) => field.name && field.type !== "file");
}

/** @param {Field} field @returns {field is HTMLInputElement} whether it is ticked rather than filled in */
const ticked = (field) => field.type === "checkbox" || field.type === "radio";

/** Whether an element stands in a block of another subcategory than the chosen one. @param {Element} element @param {string} chosen */
function elsewhere(element, chosen) {
  const block = element.closest("[data-only]");
  return block !== null && block.getAttribute("data-only") !== chosen;
}

/** @param {[string, string][]} values @returns {Answers} */
function grouped(values) {
  const groups = new Map();
  for (const [name, value] of values) groups.set(name, [...(groups.get(name) ?? []), value]);
  return groups;
}

/**
 * What is filled in: `[name, value]` of every answer, those of other subcategories' questions left out.
 * @param {HTMLFormElement} form
 */
export function answers(form) {
  const chosen = /** @type {HTMLInputElement | null} */ (form.querySelector("[name=subcategory]:checked"))?.value ?? "";
  /** @type {[string, string][]} */
  const values = [];
  for (const field of fieldsOf(form)) {
    if (elsewhere(field, chosen) || (ticked(field) && !field.checked)) continue;
    if (field.name !== "csrfmiddlewaretoken") values.push([field.name, field.value]);
  }
  return values;
}

/**
 * Put answers back into the form; rows are added as needed.
 * @param {HTMLFormElement} form
 * @param {[string, string][]} values as `answers` gave them
 */
export function refill(form, values) {
  const groups = grouped(values);
  for (const rows of form.querySelectorAll("[data-rows]")) {
    const first = rows.querySelector("[name]")?.getAttribute("name") ?? "";
    const wanted = groups.get(first)?.length ?? 1;
    while (rows.lastElementChild && rows.children.length < wanted) rows.append(rows.lastElementChild.cloneNode(true));
  }
  const next = new Map();
  for (const field of fieldsOf(form)) {
    if (["csrfmiddlewaretoken", "version", "category"].includes(field.name)) continue;
    const group = groups.get(field.name) ?? [];
    if (ticked(field)) field.checked = group.includes(field.value);
    else if (group.length) {
      const at = next.get(field.name) ?? 0;
      next.set(field.name, at + 1);
      field.value = group[at] ?? "";
    }
  }
}

/** @param {string} text @returns {number | null} */
const number = (text) => (text.trim() === "" || !Number.isFinite(Number(text)) ? null : Number(text));

/** The persons of the rows that name one or have a phone. @param {Answers} groups */
function parties(groups) {
  /** @param {string} name */
  const column = (name) => groups.get(`parties.${name}`) ?? [];
  const names = column("name");
  const phones = column("phone");
  return column("role")
    .map((role, i) => ({ role, name: names[i] ?? "", phone: phones[i] ?? "" }))
    .filter((party) => party.name.trim() || party.phone.trim());
}

/** Answers to the catalogue's own questions. @param {HTMLFormElement} form @param {Answers} groups */
function detailsOf(form, groups) {
  /** @type {Record<string, any>} */
  const details = {};
  for (const name of groups.keys()) {
    const [head, code, part] = name.split(".");
    if (head !== "details") continue;
    const many = form.querySelector(`[type=checkbox][value][name="details.${code}"]`);
    const group = groups.get(`details.${code}`);
    if (part === "asked") details[code] = many ? (group ?? []) : group !== undefined;
    else if (part) details[code] = { ...details[code], [part]: groups.get(name)?.[0] ?? "" };
    else if (!groups.has(`${name}.asked`)) details[code] = groups.get(name)?.[0] ?? "";
  }
  return details;
}

/**
 * A fact that was written once and answers a second question goes into both.
 * @param {HTMLFormElement} form
 * @param {Record<string, any>} item changed in place
 * @param {(name: string) => string} one
 */
function copySameFacts(form, item, one) {
  for (const element of form.querySelectorAll("[data-same-as]:checked")) {
    const box = /** @type {HTMLInputElement} */ (element);
    const target = box.name.replace(/^same\./, "");
    const origin = box.dataset.sameAs ?? "";
    if (elsewhere(box, item.subcategory)) continue;
    const answer = origin.startsWith("details.") ? String(item.details[origin.slice(8)] ?? "") : one(origin);
    const text = answer.trim();
    if (target === "key_points") item.key_points = text ? [text.slice(0, 200)] : [];
    else if (target.startsWith("details."))
      item.details[target.slice(8)] = text.slice(0, ["details.area", "details.project"].includes(target) ? 200 : 5000);
    else item[target] = text.slice(0, 5000);
  }
}

/**
 * The body of `POST /api/v1/items`, without its id.
 * @param {HTMLFormElement} form
 * @returns {Record<string, any>}
 */
export function body(form) {
  const groups = grouped(answers(form));
  /** @param {string} name */
  const one = (name) => groups.get(name)?.[0] ?? "";
  /** @param {string} name */
  const on = (name) => groups.has(name);
  /** @type {Record<string, any>} */
  const item = { category: one("category") };
  for (const name of ["subcategory", "title", "narrative", "analysis", "suggestion", "grid"])
    if (on(name)) item[name] = one(name);
  for (const name of ["occurred_at", "seen_at"]) item[name] = one(name) || null;
  item.sensitivity = one("sensitivity") || "internal";
  if (on("named.asked")) item.named = item.sensitivity === "confidential" ? (groups.get("named") ?? []) : [];
  if (on("urgent.asked")) item.urgent = on("urgent");
  item.place = { text: one("place.text"), lat: number(one("place.lat")), lon: number(one("place.lon")) };
  item.source = { method: one("source.method"), activity: one("source.activity") || null };
  item.key_points = (groups.get("key_points") ?? []).filter((point) => point.trim());
  if (on("parties.asked")) item.parties = parties(groups);
  if (on("notice.asked")) item.notice = { basis: one("notice.basis"), informed: on("notice.informed") };
  item.details = detailsOf(form, groups);
  // What the switch says goes: no name is kept of somebody who wished none (1.3.4).
  if (item.parties && (item.details.anonymous || item.details.none_involved)) item.parties = [];
  copySameFacts(form, item, one);
  return item;
}

/**
 * Put messages beside their questions and name them at the head, like the server's own page.
 * @param {HTMLFormElement} form
 * @param {Record<string, string[]>} fields messages by the path of the answer
 * @param {string} detail message of the whole
 * @param {string} heading text with `{n}`
 */
export function showErrors(form, fields, detail, heading) {
  form.querySelectorAll(".rp-error").forEach((p) => p.remove());
  form.querySelectorAll(".rp-bad").forEach((q) => q.classList.remove("rp-bad"));
  form.querySelectorAll("[aria-invalid]").forEach((i) => {
    i.removeAttribute("aria-invalid");
    i.removeAttribute("aria-describedby");
  });
  document.querySelector("[data-wrong]")?.remove();
  if (!detail && !Object.keys(fields).length) return;
  const box = document.createElement("div");
  const message = document.createElement("strong");
  const list = document.createElement("ul");
  const loose = [];
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
    const block = [...form.querySelectorAll("[data-name]")].find((question) => {
      const name = question.getAttribute("data-name");
      return path === name || path.startsWith(`${name}.`) || (name === "parties" && switches.includes(path));
    });
    if (!block) {
      loose.push(...messages);
      continue;
    }
    block.classList.add("rp-bad");
    block.closest("details")?.setAttribute("open", "");
    const text = document.createElement("p");
    const link = document.createElement("a");
    const input = block.querySelector("input:not([type=hidden]),textarea,select");
    text.className = "rp-error";
    text.id = `${block.id}-error-${list.childElementCount}`;
    text.textContent = messages.join(" ");
    block.append(text);
    input?.setAttribute("aria-invalid", "true");
    input?.setAttribute("aria-describedby", text.id);
    link.href = `#${block.id}`;
    link.textContent = block.querySelector(".rp-label")?.textContent.replace("*", "") || path;
    const line = document.createElement("li");
    line.append(link);
    list.append(line);
  }
  message.textContent = list.childElementCount ? heading.replace("{n}", String(list.childElementCount)) : detail;
  box.append(message, loose.length ? ` ${loose.join(" ")}` : "", list);
  form.before(box);
  box.focus();
  box.scrollIntoView({ block: "center" });
}
