// The form contract: the API's body that the phone makes of the form (items/static/items/contract.js).
import { beforeEach, expect, test } from "vitest";
import { answers, body, refill, showErrors } from "../../../items/static/items/contract.js";

const FORM = `<form id="report">
  <input type="hidden" name="csrfmiddlewaretoken" value="secret">
  <input type="hidden" name="category" value="event"><input type="hidden" name="version" value="0">
  <input type="radio" name="subcategory" value="fire"><input type="radio" name="subcategory" value="theft" checked>
  <div data-name="title" id="q-title"><label class="rp-label">标题*</label><input name="title" value="  漏水 "></div>
  <textarea name="narrative">三楼漏水</textarea>
  <input name="occurred_at" value="2026-11-20T09:30"><input name="seen_at" value="">
  <select name="sensitivity"><option value="internal">内部</option><option value="confidential">敏感</option></select>
  <input name="place.text" value="三单元"><input name="place.lat" value="39.9"><input name="place.lon" value="">
  <input name="source.method" value="patrol"><input name="source.activity" value="">
  <input type="hidden" name="named.asked" value="1"><input type="checkbox" name="named" value="u1" checked>
  <input type="hidden" name="urgent.asked" value="1"><input type="checkbox" name="urgent" value="1">
  <div data-rows><div><input name="key_points" value="一"></div></div>
  <details data-name="parties" id="q-parties"><input type="hidden" name="parties.asked" value="1">
    <div data-rows><div><input name="parties.role" value="owner"><input name="parties.name" value="王"><input name="parties.phone" value=""></div></div></details>
  <div data-only="theft"><input name="details.goods" value="自行车"></div>
  <div data-only="fire"><input name="details.floors" value="3"></div>
  <input type="hidden" name="details.anonymous.asked" value="1"><input type="checkbox" name="details.anonymous">
  <input type="hidden" name="details.kinds.asked" value="1">
  <input type="checkbox" name="details.kinds" value="a" checked><input type="checkbox" name="details.kinds" value="b" checked>
  <input name="details.span.from" value="1"><input name="details.span.to" value="2">
  <input type="checkbox" name="same.analysis" data-same-as="narrative">
  <input type="file" name="photos"><button name="action" value="submit">提交</button>
</form>`;

let form;
beforeEach(() => {
  document.body.innerHTML = FORM;
  form = document.getElementById("report");
});
const field = (name) => form.querySelector(`[name="${name}"]`);

test("answers leave out the token, files, buttons, open boxes, and questions of other subcategories", () => {
  const names = answers(form).map(([name]) => name);
  for (const left of ["csrfmiddlewaretoken", "photos", "action", "urgent", "details.floors"])
    expect(names).not.toContain(left);
  for (const kept of ["title", "details.goods", "named", "subcategory"]) expect(names).toContain(kept);
});

test("the body has the API's names and types", () => {
  expect(body(form)).toEqual({
    category: "event",
    subcategory: "theft",
    title: "  漏水 ",
    narrative: "三楼漏水",
    occurred_at: "2026-11-20T09:30",
    seen_at: null,
    sensitivity: "internal",
    named: [],
    urgent: false,
    place: { text: "三单元", lat: 39.9, lon: null },
    source: { method: "patrol", activity: null },
    key_points: ["一"],
    parties: [{ role: "owner", name: "王", phone: "" }],
    details: { goods: "自行车", anonymous: false, kinds: ["a", "b"], span: { from: "1", to: "2" } },
  });
});

test("persons are named only for what is confidential", () => {
  field("sensitivity").value = "confidential";
  expect(body(form).named).toEqual(["u1"]);
});

// 1.3.4: who wished no name is not named
test("no name is kept of somebody who wished none", () => {
  field("details.anonymous").checked = true;
  expect(body(form).parties).toEqual([]);
});

test("a fact told once answers both questions", () => {
  field("same.analysis").checked = true;
  expect(body(form).analysis).toBe("三楼漏水");
});

test("an absurd coordinate is none", () => {
  field("place.lat").value = "north";
  expect(body(form).place.lat).toBeNull();
});

test("a form that is filled again gives the same body, with as many rows", () => {
  const rows = form.querySelectorAll("[data-rows]");
  rows[0].insertAdjacentHTML("beforeend", '<div><input name="key_points" value="二"></div>');
  rows[1].insertAdjacentHTML(
    "beforeend",
    '<div><input name="parties.role" value="guest"><input name="parties.name" value="李"><input name="parties.phone" value="1"></div>',
  );
  field("urgent").checked = true;
  const before = body(form);
  const values = answers(form);
  document.body.innerHTML = FORM;
  form = document.getElementById("report");
  for (const name of ["title", "narrative", "place.text"]) field(name).value = "";
  refill(form, values);
  expect(body(form)).toEqual(before);
  expect(before.parties.map((p) => p.name)).toEqual(["王", "李"]);
});

test("refilling keeps the page's own token, version and category", () => {
  refill(form, [
    ["csrfmiddlewaretoken", "old"],
    ["version", "9"],
    ["category", "opinion"],
    ["title", "新"],
  ]);
  expect(["csrfmiddlewaretoken", "version", "category", "title"].map((n) => field(n).value)).toEqual([
    "secret",
    "0",
    "event",
    "新",
  ]);
});

test("messages stand beside their questions and are named at the head", () => {
  showErrors(form, { title: ["太短"], "details.anonymous": ["请选择"], elsewhere: ["别处"] }, "请改", "有 {n} 处");
  const box = document.querySelector("[role=alert]");
  expect(box.querySelector("strong").textContent).toBe("有 2 处");
  expect([...box.querySelectorAll("a")].map((a) => a.getAttribute("href"))).toEqual(["#q-title", "#q-parties"]);
  expect(box.textContent).toContain("别处");
  expect(field("title").getAttribute("aria-invalid")).toBe("true");
  expect(document.getElementById(field("title").getAttribute("aria-describedby")).textContent).toBe("太短");
  expect(document.getElementById("q-parties").hasAttribute("open")).toBe(true);
  showErrors(form, {}, "", "");
  expect(document.querySelector("[role=alert], .rp-error, [aria-invalid]")).toBeNull();
});
