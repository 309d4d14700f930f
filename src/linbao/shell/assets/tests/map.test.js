import { beforeEach, expect, test, vi } from "vitest";

// The component of shell/templates/components/map.html, with its data beside it.
const component = (data) => `<div class="lb-map-box" data-map="place">
  <script id="place" type="application/json">${JSON.stringify(data).replaceAll("<", "\\u003C")}</script><div id="place-view"></div>
  <input data-lat><input data-lon><button data-locate></button><button data-unpick></button><p data-map-words></p></div>
  <template id="lb-words" data-placed="已标出" data-no-place="不能定位"></template>`;
const outline = {
  type: "Polygon",
  coordinates: [
    [
      [116.39, 39.9],
      [116.4, 39.9],
      [116.4, 39.91],
      [116.39, 39.9],
    ],
  ],
};

let here;
beforeEach(() => {
  vi.resetModules();
  here = null;
  Object.defineProperty(navigator, "geolocation", {
    configurable: true,
    value: { getCurrentPosition: (yes, no) => (here ? yes({ coords: here }) : no()) },
  });
});
async function show(data) {
  document.body.innerHTML = component({ pick: false, shift: false, areas: [], points: [], ...data });
  await import("../js/map.js");
}
const value = (name) => document.querySelector(`[data-${name}]`).value;

test("areas and points are drawn, a point's tone only where it is a plain word", async () => {
  await show({
    areas: [{ kind: "grid", name: "一网格", outline }],
    points: [
      { lat: 39.9, lon: 116.39, tone: "bad", title: "漏水", url: "/items/1/" },
      { lat: 39.9, lon: 116.4, tone: '"><b' },
    ],
  });
  expect(document.querySelectorAll(".leaflet-overlay-pane path").length).toBe(1);
  expect([...document.querySelectorAll(".lb-pin")].map((pin) => pin.className.trim())).toEqual([
    "lb-pin lb-bad",
    "lb-pin",
  ]);
});

test("where the phone is fills the two fields, and is taken away again", async () => {
  await show({ pick: true, lat: 39.9, lon: 116.39 });
  expect([value("lat"), value("lon")]).toEqual(["39.900000", "116.390000"]);
  here = { latitude: 39.91234567, longitude: 116.4 };
  document.querySelector("[data-locate]").click();
  expect([value("lat"), value("lon")]).toEqual(["39.912346", "116.400000"]);
  expect(document.querySelectorAll(".lb-pin").length).toBe(1);
  document.querySelector("[data-unpick]").click();
  expect([value("lat"), value("lon")]).toEqual(["", ""]);
  expect(document.querySelectorAll(".lb-pin").length).toBe(0);
});

test("a phone that does not say where it is is told so, and nothing is filled in", async () => {
  await show({ pick: true });
  document.querySelector("[data-locate]").click();
  expect(document.querySelector("[data-map-words]").textContent).toBe("不能定位");
  expect(value("lat")).toBe("");
});

// domain.md §10: base maps in GCJ-02 are shown shifted; what is stored stays WGS-84
test("a shifted base map changes what is shown, not what is filled in", async () => {
  await show({ pick: true, shift: true, lat: 39.9, lon: 116.39 });
  expect([value("lat"), value("lon")]).toEqual(["39.900000", "116.390000"]);
});
