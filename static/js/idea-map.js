// Ideas or problem reports on a map, loaded when it is opened: hexagons with numbers from afar, points from near.
(() => {
  "use strict";
  const root = document.querySelector("[data-idea-map]");
  if (!root) return;
  const words = root.dataset;
  const opener = root.querySelector("[data-map-open]");
  const box = root.querySelector("[data-map]");
  const status = root.querySelector("[data-map-status]");
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const NEAR = 15;
  const FINE_FROM = 13;

  const get = (address) => fetch(address).then((answer) => (answer.ok ? answer.json() : Promise.reject(answer)));
  const load = () => Promise.all([
    get(words.districts),
    get(words.ideas),
    ...words.styles.split(" ").map((href) => new Promise((done, failed) => {
      document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload: done, onerror: failed }));
    })),
    new Promise((done, failed) => {
      document.head.append(Object.assign(document.createElement("script"), { src: words.script, onload: done, onerror: failed }));
    }),
  ]);

  const named = (place, title, className, size, text) => L.marker(place, {
    title,
    alt: title,
    icon: L.divIcon({ className, iconSize: [size, size], html: Object.assign(document.createElement("span"), { textContent: text }) }),
  });

  // Leaflet makes a marker a button, but of keys only popups hear.
  const pressed = ({ type, originalEvent }) => {
    if (type === "click") return true;
    if (!["Enter", " "].includes(originalEvent.key)) return false;
    originalEvent.preventDefault();
    return true;
  };

  const draw = (districts, hexagons) => {
    box.hidden = false;
    box.setAttribute("role", "application");
    box.setAttribute("aria-label", words.wordMap);
    const map = L.map(box, { zoomControl: false, attributionControl: Boolean(words.tiles), maxZoom: 18, zoomSnap: .25, zoomAnimation: !still, fadeAnimation: !still });
    L.control.zoom({ zoomInTitle: words.wordIn, zoomOutTitle: words.wordOut }).addTo(map);
    if (words.tiles) L.tileLayer(words.tiles, { attribution: words.credit, maxZoom: 18 }).addTo(map);
    const outlines = L.geoJSON(districts, { style: { className: "map-district" }, interactive: false }).addTo(map);
    const layer = L.layerGroup().addTo(map);
    const all = L.geoJSON(hexagons, { pointToLayer: (_one, place) => L.circleMarker(place) });
    const bounds = outlines.getBounds().extend(all.getBounds());
    let asked = 0;

    const far = (resolution) => hexagons.features.filter((one) => [0, resolution].includes(one.properties.r)).forEach((one) => {
      const { n, at, r, district } = one.properties;
      if (r) L.geoJSON(one, { style: { className: "map-hexagon" }, interactive: false }).addTo(layer);
      named(at, words.wordIdeas.replace("{n}", n), r ? "map-number" : "map-number map-around", 28, n)
        .on("click keydown", (event) => {
          if (!pressed(event)) return;
          if (!r) {
            const list = new URL(words.list, location.href);
            list.searchParams.set("district", district);
            location.assign(list);
            return;
          }
          map.setView(at, resolution === 7 ? FINE_FROM : NEAR); box.focus();
        })
        .addTo(layer);
    });

    const near = async (turn) => {
      const address = new URL(words.ideas, location.href);
      address.searchParams.set("box", map.getBounds().pad(.2).toBBoxString());
      const points = await get(address).catch(() => ({ features: [] }));
      if (turn !== asked) return;
      layer.clearLayers();
      points.features.forEach(({ properties, geometry }) => {
        const link = Object.assign(document.createElement("a"), {
          href: properties.path, textContent: properties.title, lang: properties.language,
        });
        const told = document.createElement("div");
        told.append(link);
        if (properties.sent) {
          const sent = Object.assign(document.createElement("span"), { textContent: properties.sent, lang: properties.sent_language, dir: "auto" });
          const beside = Object.assign(document.createElement("p"), { className: "meta" });
          beside.append(`${words.wordSent} `, sent);
          told.append(beside);
        }
        const [longitude, latitude] = geometry.coordinates;
        named([latitude, longitude], properties.title, "map-idea", 24, "").bindPopup(told, { maxWidth: Math.min(300, box.clientWidth - 130), autoPanPaddingTopLeft: [66, 10], autoPanPaddingBottomRight: [10, 10] })
          .on("popupopen", ({ popup }) => {
            popup.getElement().querySelector(".leaflet-popup-close-button").setAttribute("aria-label", words.wordClose);
            link.focus();
          }).addTo(layer);
      });
    };

    const show = () => {
      asked += 1;
      if (map.getZoom() >= NEAR) { near(asked); return; }
      layer.clearLayers();
      far(map.getZoom() >= FINE_FROM ? 8 : 7);
    };

    if (bounds.isValid()) map.fitBounds(bounds, { padding: [10, 10], animate: false });
    else map.setView([20, 0], 2);
    map.on("zoomend", show);
    map.on("dragend", () => { if (map.getZoom() >= NEAR) show(); });
    show();
    box.focus();
  };

  opener.hidden = false;
  opener.querySelector("button").addEventListener("click", async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    try {
      const [districts, hexagons] = await load();
      opener.hidden = true;
      draw(districts, hexagons);
    } catch {
      button.disabled = false;
      status.textContent = words.wordFailed;
    }
  });
})();
