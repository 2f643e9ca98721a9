/* The editor works without this. While points are typed, the weights beside them follow: those of the
   criteria together, and those of each group of stakeholders (data-of) by itself. */
"use strict";
(function () {
  const together = new Map();
  document.querySelectorAll("output.w-share").forEach(function (share) {
    const of = share.dataset.of || "";
    const box = document.getElementById(share.htmlFor[0]);
    if (box) { together.set(of, (together.get(of) || []).concat([{ share: share, box: box }])); }
  });
  function points(box) {
    const value = Number(box.value.trim().replace(",", "."));
    return value > 0 && isFinite(value) ? value : 0;
  }
  together.forEach(function (all) {
    function show() {
      const total = all.reduce(function (sum, one) { return sum + points(one.box); }, 0);
      all.forEach(function (one) {
        one.share.value = total ? Math.round(100 * points(one.box) / total) + " %" : "–";
      });
    }
    all.forEach(function (one) { one.box.addEventListener("input", show); });
  });
})();
