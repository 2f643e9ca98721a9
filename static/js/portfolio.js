// The builder counts what is ticked while one ticks; without script the page counts after saving.
"use strict";
const form = document.querySelector("[data-portfolio]");
const told = form && form.querySelector("[data-portfolio-sum]");
if (told) {
  const boxes = [...form.querySelectorAll("input[type=checkbox][name=selected]")];
  const hidden = form.querySelectorAll("input[type=hidden][name=selected]").length;
  const tenths = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  const count = () => {
    const ticked = boxes.filter((box) => box.checked);
    const points = ticked.reduce((sum, box) => sum + Number(box.dataset.points), 0);
    const n = ticked.length + hidden;
    told.textContent = told.dataset.words.replace("{n}", n).replace("{p}", hidden ? "…" : points.toLocaleString(document.documentElement.lang, tenths));
    told.hidden = false;
  };
  form.addEventListener("change", count);
  count();
}
