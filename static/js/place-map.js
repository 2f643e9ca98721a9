// A map to choose a point on, loaded when it is opened. The form works without it.
(() => {
  "use strict";
  const root = document.querySelector("[data-place-map]");
  if (!root) return;
  const find = (name) => root.querySelector(`[data-map${name}]`);
  const words = root.dataset;
  const latitude = document.getElementById(words.latitude);
  const longitude = document.getElementById(words.longitude);
  const status = find("-status");
  const opener = find("-open");
  let map;
  let point;

  const say = (text) => { status.textContent = text; };
  const changed = () => latitude.dispatchEvent(new Event("change", { bubbles: true }));
  const tell = () => say(latitude.value
    ? words.wordChosen.replace("{lat}", latitude.value).replace("{lon}", longitude.value)
    : words.wordNone);

  const choose = (place) => {
    const spot = place.wrap();
    latitude.value = spot.lat.toFixed(6);
    longitude.value = spot.lng.toFixed(6);
    if (point) point.setLatLng(spot);
    else point = L.circleMarker(spot, { radius: 11, className: "map-point", interactive: false }).addTo(map);
    tell();
    changed();
  };

  const clear = () => {
    latitude.value = longitude.value = "";
    point?.remove();
    point = undefined;
    tell();
    changed();
  };

  const load = () => Promise.all([
    ...words.styles.split(" ").map((href) => new Promise((done, failed) => {
      const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload: done, onerror: failed });
      document.head.append(link);
    })),
    new Promise((done, failed) => {
      document.head.append(Object.assign(document.createElement("script"), { src: words.script, onload: done, onerror: failed }));
    }),
    fetch(words.districts).then((answer) => answer.json()),
  ]);

  const draw = (districts) => {
    find("-box").hidden = false;
    const box = find("");
    box.setAttribute("role", "application");
    box.setAttribute("aria-label", words.wordMap);
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    map = L.map(box, { zoomControl: false, attributionControl: false, maxZoom: 19, zoomSnap: .25, zoomAnimation: !still, fadeAnimation: !still });
    L.control.zoom({ zoomInTitle: words.wordIn, zoomOutTitle: words.wordOut }).addTo(map);
    const layer = L.geoJSON(districts, {
      style: { className: "map-district" },
      onEachFeature: (feature, shape) => shape.bindTooltip(
        Object.assign(document.createElement("span"), { textContent: feature.properties.name }),
        { className: "map-name", direction: "center", permanent: districts.features.length < 40 },
      ),
    }).addTo(map);
    const fit = () => {
      if (districts.features.length) map.fitBounds(layer.getBounds(), { padding: [10, 10], animate: false });
      else map.setView([20, 0], 2);
    };
    fit();
    // A box that gets its size late, or a phone that is turned: show the whole city until a point is chosen.
    new ResizeObserver(() => { map.invalidateSize({ animate: false }); if (!latitude.value) fit(); }).observe(box);
    if (latitude.value) {
      const kept = L.latLng(latitude.value, longitude.value);
      map.setView(kept, Math.max(map.getZoom(), 14));
      choose(kept);
    }
    map.on("click", (event) => choose(event.latlng));
    map.on("locationfound", (event) => { map.setView(event.latlng, 16); choose(event.latlng); });
    map.on("locationerror", () => say(words.wordNotFound));
    find("-middle").addEventListener("click", () => choose(map.getCenter()));
    find("-here").addEventListener("click", () => map.locate());
    find("-clear").addEventListener("click", clear);
    tell();
    box.focus();
  };

  opener.hidden = false;
  opener.querySelector("button").addEventListener("click", async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    try {
      const loaded = await load();
      button.setAttribute("aria-expanded", "true");
      opener.hidden = true;
      draw(loaded.at(-1));
    } catch {
      button.disabled = false;
      say(words.wordFailed);
    }
  });
})();
