// Draws boxes on a photo by dragging; the number fields hold them. Without this file they are typed.
(() => {
  "use strict";
  const form = document.querySelector("[data-boxes]");
  if (!form) return;
  const surface = form.querySelector("[data-boxes-surface]");
  const less = form.querySelector("[data-boxes-less]");
  const rows = [...form.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("input")]);
  const isEmpty = (row) => row.every((field) => field.value === "");
  const round = (number) => Math.round(number * 100) / 100;
  form.querySelector("[data-boxes-help]").hidden = false;

  const show = () => {
    surface.querySelectorAll(".w-redact-box").forEach((box) => box.remove());
    for (const row of rows) {
      const [left, top, width, height] = row.map((field) => parseFloat(field.value));
      if (![left, top, width, height].every(Number.isFinite)) continue;
      const box = document.createElement("span");
      box.className = "w-redact-box";
      box.style.left = `${left}%`;
      box.style.top = `${top}%`;
      box.style.width = `${Math.min(width, 100 - left)}%`;
      box.style.height = `${Math.min(height, 100 - top)}%`;
      surface.append(box);
    }
    less.hidden = rows.every(isEmpty);
  };

  const at = (event) => {
    const frame = surface.getBoundingClientRect();
    const part = (value, start, size) => Math.min(100, Math.max(0, ((value - start) / size) * 100));
    return [part(event.clientX, frame.left, frame.width), part(event.clientY, frame.top, frame.height)];
  };

  let start = null;
  let row = null;
  const draw = (event) => {
    const [x, y] = at(event);
    const values = [Math.min(x, start[0]), Math.min(y, start[1]), Math.abs(x - start[0]), Math.abs(y - start[1])];
    row.forEach((field, place) => { field.value = round(values[place]); });
    show();
  };
  surface.addEventListener("pointerdown", (event) => {
    row = event.button === 0 ? rows.find(isEmpty) : null;
    if (!row) return;
    event.preventDefault();
    start = at(event);
    surface.setPointerCapture(event.pointerId);
  });
  surface.addEventListener("pointermove", (event) => { if (start) draw(event); });
  const end = (event) => {
    if (!start) return;
    if (event.type === "pointerup") draw(event);
    // A click, or a slip of the hand, is no box.
    if (!(row[2].value >= 1 && row[3].value >= 1)) row.forEach((field) => { field.value = ""; });
    start = null;
    show();
  };
  surface.addEventListener("pointerup", end);
  surface.addEventListener("pointercancel", end);
  form.addEventListener("input", show);
  less.addEventListener("click", () => {
    const last = rows.filter((one) => !isEmpty(one)).pop();
    if (last) last.forEach((field) => { field.value = ""; });
    show();
  });
  show();
})();
