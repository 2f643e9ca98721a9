/* The editor works without this. While points are typed, the weights beside them follow: those of the
   criteria together, and those of each group of stakeholders (data-of) by itself. */
"use strict";
(function () {
  const together = new Map();
  const written = document.querySelector("[data-nothing]").dataset.nothing; // 0 as a share in the page's language
  document.querySelectorAll("output.w-share").forEach(function (share) {
    const of = share.dataset.of || "";
    const box = document.getElementById(share.htmlFor[0]);
    if (box) { together.set(of, (together.get(of) || []).concat([{ share: share, box: box }])); }
  });
  function points(box) {
    const value = Number(box.value.trim().replace(",", "."));
    return value > 0 && isFinite(value) ? value : 0;
  }
  /* In whole hundredths that add up to 100, by largest remainder: as the server counts them. */
  function hundredths(given) {
    const total = given.reduce(function (sum, one) { return sum + one; }, 0);
    if (!total) { return given.map(function () { return null; }); }
    const due = given.map(function (one) { return 100 * one / total; });
    const parts = due.map(function (one) { return Math.floor(one + 1e-9); });
    const left = 100 - parts.reduce(function (sum, one) { return sum + one; }, 0);
    due.map(function (one, place) { return { place: place, rest: one - parts[place] }; })
      .sort(function (a, b) { return Math.abs(b.rest - a.rest) > 1e-9 ? b.rest - a.rest : a.place - b.place; })
      .slice(0, left).forEach(function (one) { parts[one.place] += 1; });
    return parts;
  }
  together.forEach(function (all) {
    function show() {
      const shares = hundredths(all.map(function (one) { return points(one.box); }));
      all.forEach(function (one, place) {
        one.share.value = shares[place] === null ? "–" : written.replace("0", shares[place]);
      });
    }
    all.forEach(function (one) { one.box.addEventListener("input", show); });
  });
})();
