// "Use my position" for the list of ideas: rounded to about 100 metres before it is sent.
(() => {
  "use strict";
  const place = document.querySelector("[data-here]");
  const near = document.getElementById("id_near");
  const order = document.getElementById("id_order");
  if (!place || !near || !navigator.geolocation) return;
  const status = place.querySelector("[role=status]");
  place.hidden = false;
  place.querySelector("button").addEventListener("click", () => navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      const value = `${coords.latitude.toFixed(3)},${coords.longitude.toFixed(3)}`;
      near.add(new Option(place.dataset.wordHere, value, true, true), 1);
      order.value = "near";
      near.form.requestSubmit();
    },
    () => { status.textContent = place.dataset.wordFailed; },
    { timeout: 10000 },
  ));
})();
