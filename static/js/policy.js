/* The editor works without this. While points are typed, the weights beside the criteria follow. */
"use strict";
(function () {
  const shares = Array.from(document.querySelectorAll("output.w-share"));
  const boxes = shares.map(function (share) { return document.getElementById(share.htmlFor[0]); });
  function points(box) {
    const value = box ? Number(box.value.trim().replace(",", ".")) : 0;
    return value > 0 ? value : 0;
  }
  function show() {
    const total = boxes.reduce(function (sum, box) { return sum + points(box); }, 0);
    shares.forEach(function (share, place) {
      share.value = total ? Math.round(100 * points(boxes[place]) / total) + " %" : "–";
    });
  }
  boxes.forEach(function (box) { if (box) { box.addEventListener("input", show); } });
})();
