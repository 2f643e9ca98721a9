// Sliders for the weights of "what if": one is moved, the others keep their proportions, and the list follows.
// Without this file the number fields and the button do the same.
(() => {
  "use strict";
  const form = document.querySelector("form[data-what-if]");
  if (!form) return;
  const fields = [...form.querySelectorAll("input[type=number][name^=w_]")];
  const one = (value) => Math.round(value * 10) / 10;
  const sliders = fields.map((field) => {
    const slider = document.createElement("input");
    slider.type = "range";
    for (const [name, value] of [["min", 0], ["max", 100], ["step", 0.5]]) slider.setAttribute(name, value);
    slider.setAttribute("aria-label", field.labels[0].textContent.trim());
    slider.value = field.value;
    field.after(slider);
    return slider;
  });
  // in tenths that add up to what is left, by largest remainder: as the server counts them
  const tenths = (given, whole) => {
    const sum = given.reduce((total, value) => total + value, 0);
    const due = given.map((value) => (sum > 0 ? (whole * value) / sum : whole / given.length));
    const parts = due.map((value) => Math.floor(value + 1e-9));
    const left = whole - parts.reduce((total, part) => total + part, 0);
    due.map((value, place) => ({ place, rest: value - parts[place] })).sort((a, b) => b.rest - a.rest || a.place - b.place)
      .slice(0, left).forEach((late) => { parts[late.place] += 1; });
    return parts.map((part) => part / 10);
  };
  const share = (moved) => {
    const value = one(Number(fields[moved].value) || 0);
    if (value < 0 || value > 100) return; // a slip takes nothing from the others: the server says what is wrong
    const others = fields.filter((_field, place) => place !== moved);
    const parts = tenths(others.map((field) => Number(field.value) || 0), Math.round(10 * (100 - value)));
    others.forEach((field, place) => { field.value = parts[place]; });
    fields.forEach((field, place) => { sliders[place].value = field.value; });
  };
  sliders.forEach((slider, place) => {
    slider.addEventListener("input", () => { fields[place].value = slider.value; share(place); });
  });
  fields.forEach((field, place) => field.addEventListener("change", () => share(place)));
})();
