// Maps: the community's own outline and grids, points, and a picker. Tiles only where a setting names them.
import L from "leaflet";
import { need, texts } from "./page.js";

/**
 * What the template lays beside a map, as JSON. Places are WGS-84, in degrees.
 * @typedef {object} Data
 * @property {boolean} pick whether a place can be chosen
 * @property {boolean} shift whether the base map wants GCJ-02
 * @property {string} [tiles] address of a base map
 * @property {string} [attribution]
 * @property {number | null} [lat]
 * @property {number | null} [lon]
 * @property {{ kind: string, name: string, outline: import("geojson").GeoJsonObject }[]} areas
 * @property {{ lat: number, lon: number, tone?: string, title?: string, url?: string }[]} points
 */

/** WGS-84 to GCJ-02, for base maps that need it; shown only, never stored (domain.md §10).
 * @param {number} lat @param {number} lon @returns {[number, number]} */
function shifted(lat, lon) {
  const a = 6378245,
    ee = 0.006693421622965943,
    x = lon - 105,
    y = lat - 35,
    p = Math.PI,
    s = Math.sin,
    r = Math.sqrt(Math.abs(x));
  const waves = ((20 * s(6 * x * p) + 20 * s(2 * x * p)) * 2) / 3;
  let dLat =
    -100 +
    2 * x +
    3 * y +
    0.2 * y * y +
    0.1 * x * y +
    0.2 * r +
    waves +
    ((20 * s(y * p) + 40 * s((y / 3) * p)) * 2) / 3 +
    ((160 * s((y / 12) * p) + 320 * s((y * p) / 30)) * 2) / 3;
  let dLon =
    300 +
    x +
    2 * y +
    0.1 * x * x +
    0.1 * x * y +
    0.1 * r +
    waves +
    ((20 * s(x * p) + 40 * s((x / 3) * p)) * 2) / 3 +
    ((150 * s((x / 12) * p) + 300 * s((x / 30) * p)) * 2) / 3;
  const rad = (lat / 180) * p,
    magic = 1 - ee * s(rad) ** 2;
  dLat = (dLat * 180) / (((a * (1 - ee)) / (magic * Math.sqrt(magic))) * p);
  dLon = (dLon * 180) / ((a / Math.sqrt(magic)) * Math.cos(rad) * p);
  return [lat + dLat, lon + dLon];
}

/** @param {number} lat @param {number} lon @param {string} [tone] @param {string} [title] */
const pin = (lat, lon, tone = "", title = "") =>
  L.marker([lat, lon], {
    title,
    alt: title,
    icon: L.divIcon({
      className: "",
      html: `<span class="lb-pin ${/^[a-z]*$/.test(tone) && tone ? "lb-" + tone : ""}"></span>`,
      iconSize: [0, 0],
    }),
  });

/** The areas and points. @param {L.Map} map @param {Data} data @param {(lat: number, lon: number) => [number, number]} at */
function draw(map, data, at) {
  const bounds = L.latLngBounds([]);
  for (const area of data.areas) {
    const community = area.kind === "community";
    const layer = L.geoJSON(area.outline, {
      coordsToLatLng: ([lon, lat]) => L.latLng(...at(lat, lon)),
      style: {
        color: "#0f5f66",
        weight: community ? 2.5 : 1.2,
        dashArray: community ? undefined : "4 4",
        fillColor: "#ffffff",
        fillOpacity: community ? 0.6 : 0.15,
      },
      interactive: false,
    }).addTo(map);
    if (!community) layer.bindTooltip(area.name, { permanent: true, direction: "center", className: "lb-grid-name" });
    bounds.extend(layer.getBounds());
  }
  for (const point of data.points) {
    const marker = pin(...at(point.lat, point.lon), point.tone, point.title ?? "").addTo(map);
    const label = document.createElement(point.url ? "a" : "span");
    label.textContent = point.title ?? "";
    if (point.url) label.setAttribute("href", point.url);
    marker.bindPopup(label);
    bounds.extend(marker.getLatLng());
  }
  if (bounds.isValid())
    map.fitBounds(bounds.pad(0.06), { maxZoom: 17 }); // a single point has no extent
  else map.setView(at(data.lat ?? 35, data.lon ?? 105), data.lat ? 16 : 4);
}

/**
 * Choose a place by a tap or by where the phone is.
 * @param {Element} box
 * @param {L.Map} map
 * @param {Data} data
 * @param {(lat: number, lon: number) => [number, number]} at
 */
function picker(box, map, data, at) {
  const lat = need("[data-lat]", HTMLInputElement, box);
  const lon = need("[data-lon]", HTMLInputElement, box);
  const state = need("[data-map-words]", HTMLElement, box);
  /** @type {L.Marker | null} */
  let chosen = null;
  /** @param {number} la @param {number} lo @param {boolean} move */
  function choose(la, lo, move) {
    chosen?.remove();
    chosen = pin(...at(la, lo)).addTo(map);
    lat.value = la.toFixed(6);
    lon.value = lo.toFixed(6);
    lat.dispatchEvent(new Event("change", { bubbles: true }));
    state.textContent = texts.placed ?? "";
    if (move) map.setView(at(la, lo), Math.max(map.getZoom(), 16));
  }
  if (data.lat != null && data.lon != null) choose(data.lat, data.lon, true);
  map.on("click", (e) => {
    // The inverse of the shift, near enough for a finger.
    const [a, b] = at(e.latlng.lat, e.latlng.lng);
    choose(2 * e.latlng.lat - a, 2 * e.latlng.lng - b, false);
  });
  need("[data-locate]", HTMLElement, box).addEventListener("click", () =>
    navigator.geolocation.getCurrentPosition(
      (p) => choose(p.coords.latitude, p.coords.longitude, true),
      () => {
        state.textContent = texts.noPlace ?? "";
      },
      { enableHighAccuracy: true, timeout: 10_000 },
    ),
  );
  need("[data-unpick]", HTMLElement, box).addEventListener("click", () => {
    chosen?.remove();
    lat.value = lon.value = "";
    state.textContent = "";
  });
}

for (const box of document.querySelectorAll("[data-map]")) {
  const id = box.getAttribute("data-map");
  /** @type {Data} */
  const data = JSON.parse(need(`#${id}`, HTMLElement).textContent ?? "");
  /** @param {number} lat @param {number} lon @returns {[number, number]} */
  const at = (lat, lon) => (data.shift ? shifted(lat, lon) : [lat, lon]);
  const map = L.map(`${id}-view`, {
    scrollWheelZoom: data.pick,
    zoomSnap: 0.5,
    maxZoom: 19,
    attributionControl: Boolean(data.tiles),
  });
  if (data.tiles) L.tileLayer(data.tiles, { attribution: data.attribution, maxZoom: 19 }).addTo(map);
  draw(map, data, at);
  if (data.pick) picker(box, map, data, at);
}
