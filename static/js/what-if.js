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
  const share = (moved) => {
    const value = Math.min(100, Math.max(0, Number(fields[moved].value) || 0));
    const others = fields.map((field, place) => (place === moved ? 0 : Number(field.value) || 0));
    const sum = others.reduce((total, other) => total + other, 0);
    fields.forEach((field, place) => {
      if (place !== moved) field.value = one(sum > 0 ? (others[place] * (100 - value)) / sum : (100 - value) / (fields.length - 1));
      sliders[place].value = field.value;
    });
  };
  sliders.forEach((slider, place) => {
    slider.addEventListener("input", () => { fields[place].value = slider.value; share(place); });
  });
  fields.forEach((field, place) => field.addEventListener("change", () => share(place)));
})();
