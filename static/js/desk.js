/* The staff desk works without this. Choosing a reason fills in its standard text, unless it was changed. */
"use strict";
document.querySelectorAll("select[data-fills]").forEach(function (select) {
  const boxes = Array.from(select.form.querySelectorAll("[name^='" + select.dataset.fills + "_']"));
  function standard(box) {
    const option = select.selectedOptions[0];
    return (option && option.getAttribute("data-text-" + box.lang)) || "";
  }
  let filled = boxes.map(function (box) { return Array.from(select.options).some(function (option) {
    return option.getAttribute("data-text-" + box.lang) === box.value; }) ? box.value : ""; });
  select.addEventListener("change", function () {
    boxes.forEach(function (box, place) {
      if (box.value.trim() === "" || box.value === filled[place]) {
        box.value = standard(box);
        filled[place] = box.value;
      }
    });
  });
});
