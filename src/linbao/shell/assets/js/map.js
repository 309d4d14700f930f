// Maps: the community's own outline and grids, points, and a picker. Tiles only where a setting names them.
import L from "leaflet";

const words = document.getElementById("lb-words")?.dataset ?? {};

/** WGS-84 to GCJ-02, for base maps that need it; shown only, never stored (domain.md §10). */
function shifted(lat, lon) {
  const a = 6378245,
    ee = 0.00669342162296594323,
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

for (const box of document.querySelectorAll("[data-map]")) {
  const data = JSON.parse(document.getElementById(box.dataset.map).textContent),
    at = (lat, lon) => (data.shift ? shifted(lat, lon) : [lat, lon]);
  const map = L.map(`${box.dataset.map}-view`, {
    scrollWheelZoom: data.pick,
    zoomSnap: 0.5,
    maxZoom: 19,
    attributionControl: Boolean(data.tiles),
  });
  if (data.tiles) L.tileLayer(data.tiles, { attribution: data.attribution, maxZoom: 19 }).addTo(map);
  const bounds = L.latLngBounds([]);
  for (const area of data.areas) {
    const layer = L.geoJSON(area.outline, {
      coordsToLatLng: ([lon, lat]) => L.latLng(...at(lat, lon)),
      style: {
        color: "#0f5f66",
        weight: area.kind === "community" ? 2.5 : 1.2,
        dashArray: area.kind === "community" ? null : "4 4",
        fillColor: "#ffffff",
        fillOpacity: area.kind === "community" ? 0.6 : 0.15,
      },
      interactive: false,
    }).addTo(map);
    if (area.kind !== "community")
      layer.bindTooltip(area.name, { permanent: true, direction: "center", className: "lb-grid-name" });
    bounds.extend(layer.getBounds());
  }
  const pin = (lat, lon, tone = "", title = "") =>
    L.marker(at(lat, lon), {
      title,
      alt: title,
      icon: L.divIcon({
        className: "",
        html: `<span class="lb-pin ${/^[a-z]*$/.test(tone) && tone ? "lb-" + tone : ""}"></span>`,
        iconSize: [0, 0],
      }),
    });
  for (const point of data.points) {
    const marker = pin(point.lat, point.lon, point.tone, point.title ?? "").addTo(map),
      label = document.createElement(point.url ? "a" : "span");
    label.textContent = point.title ?? "";
    if (point.url) label.href = point.url;
    marker.bindPopup(label);
    bounds.extend(marker.getLatLng());
  }
  let chosen = null;
  const lat = box.querySelector("[data-lat]"),
    lon = box.querySelector("[data-lon]"),
    told = box.querySelector("[data-map-words]");
  function choose(la, lo, move) {
    chosen?.remove();
    chosen = pin(la, lo).addTo(map);
    lat.value = la.toFixed(6);
    lon.value = lo.toFixed(6);
    lat.dispatchEvent(new Event("change", { bubbles: true }));
    told.textContent = words.placed;
    if (move) map.setView(at(la, lo), Math.max(map.getZoom(), 16));
  }
  if (bounds.isValid())
    map.fitBounds(bounds.pad(0.06), { maxZoom: 17 }); // a single point has no extent
  else map.setView(at(data.lat ?? 35, data.lon ?? 105), data.lat ? 16 : 4);
  if (data.pick) {
    if (data.lat != null && data.lon != null) choose(data.lat, data.lon, true);
    map.on("click", (e) => {
      // The inverse of the shift, near enough for a finger.
      const [a, b] = data.shift ? shifted(e.latlng.lat, e.latlng.lng) : [e.latlng.lat, e.latlng.lng];
      choose(2 * e.latlng.lat - a, 2 * e.latlng.lng - b, false);
    });
    box.querySelector("[data-locate]").addEventListener("click", () =>
      navigator.geolocation.getCurrentPosition(
        (p) => choose(p.coords.latitude, p.coords.longitude, true),
        () => {
          told.textContent = words.noPlace;
        },
        { enableHighAccuracy: true, timeout: 10_000 },
      ),
    );
    box.querySelector("[data-unpick]").addEventListener("click", () => {
      chosen?.remove();
      lat.value = lon.value = "";
      told.textContent = "";
    });
  }
}
