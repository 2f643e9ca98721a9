// Reporting a problem: services are filtered as one types, open reports near the place are shown before one
// sends. Without this file the search is a form, and the reports are asked about on a page of their own.
(() => {
  "use strict";

  const fold = (text) => text.normalize("NFKD").toLowerCase().replace(/[\u0300-\u036f]/g, "")
    .replace(/œ/g, "oe").replace(/æ/g, "ae").replace(/[^a-z0-9\s]+/g, " ").trim();

  const search = document.querySelector("[data-filter-services]");
  const told = document.querySelector("[data-filter-told]");
  if (search && told) {
    const field = search.querySelector("input");
    const rows = [...document.querySelectorAll("[data-words]")];
    let timer;
    const filter = () => {
      const asked = fold(field.value).split(/\s+/).filter(Boolean);
      let count = 0;
      rows.forEach((row) => {
        const fits = asked.every((word) => row.dataset.words.includes(word));
        row.hidden = !fits;
        count += fits;
      });
      document.querySelectorAll("[data-service-group]").forEach((group) => {
        group.hidden = !group.querySelector("[data-words]:not([hidden])");
      });
      clearTimeout(timer);
      timer = setTimeout(() => {
        const words = search.dataset;
        const text = count === 0 ? words.wordNone : count === 1 ? words.wordOne : words.wordSome;
        told.textContent = asked.length ? text.replace("{n}", count) : "";
      }, 500);
    };
    field.addEventListener("input", filter);
  }

  const near = document.querySelector("[data-similar]");
  if (near) {
    const form = near.closest("form");
    const [status, box] = near.children;
    const seen = document.getElementById(near.dataset.seen);
    const places = ["where", "address", "latitude", "longitude"];
    let asked = "";
    const look = async () => {
      const query = new URLSearchParams(places.map((name) => [name, form.elements[name]?.value ?? ""])).toString();
      if (query === asked) return;
      asked = query;
      try {
        const answer = await fetch(`${near.dataset.similar}?${query}`);
        const text = answer.ok ? await answer.text() : "";
        if (query !== asked) return;
        box.innerHTML = text;
      } catch {
        return;
      }
      const count = Number(box.querySelector("[data-similar-count]")?.dataset.similarCount ?? 0);
      // Who has seen them here is not asked again on sending.
      seen.value = count ? "1" : "";
      status.textContent = count === 0 ? "" : (count === 1 ? near.dataset.wordOne : near.dataset.wordSome).replace("{n}", count);
    };
    form.addEventListener("change", (event) => { if (places.includes(event.target.name)) look(); });
    look();
  }
})();
