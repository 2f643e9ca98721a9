// The desk's keys and small comforts. Every page works without this file, by its buttons and links.
(() => {
  "use strict";
  const each = (selector, act) => document.querySelectorAll(selector).forEach(act);

  // --- What is read or chosen first has the focus: an error, else the first choice or field of a form.
  const form = document.querySelector("form[data-verb]");
  const radios = form ? [...form.querySelectorAll("input[type=radio]")] : [];
  const first = form?.querySelector(
    "select, input[type=radio], input[type=search], input[type=datetime-local], textarea");
  (document.querySelector("[data-focus]")
    || (first?.matches("select") ? first : radios.find((radio) => radio.checked) || radios[0] || first))?.focus();

  // --- Choosing a reason fills in its standard text, unless it was changed.
  const standard = (choice, box) => choice?.getAttribute("data-text-" + box.lang) || "";
  const filling = (owner, name, options, chosen) => {
    const boxes = [...owner.querySelectorAll("[name^='" + name + "_']")];
    const filled = boxes.map((box) => (options.some((one) => standard(one, box) === box.value) ? box.value : ""));
    return () => boxes.forEach((box, place) => {
      if (box.value.trim() === "" || box.value === filled[place]) {
        box.value = standard(chosen(), box);
        filled[place] = box.value;
      }
    });
  };
  each("select[data-fills]", (select) => select.addEventListener("change",
    filling(select.form, select.dataset.fills, [...select.options], () => select.selectedOptions[0])));
  const reasons = radios.filter((radio) => radio.dataset.fills);
  if (reasons.length) {
    const fill = filling(form, reasons[0].dataset.fills, reasons, () => reasons.find((radio) => radio.checked));
    reasons.forEach((radio) => radio.addEventListener("change", fill));
  }

  // --- Keys. A switch turns single letters off, for people whose own tools use them.
  const help = document.getElementById("keys");
  const box = document.getElementById("keys-on");
  const buttons = [...document.querySelectorAll("[data-key]")];
  if (!help && !form && !buttons.length) return;
  let on = true;
  try { on = localStorage.getItem("winnow-keys") !== "off"; } catch { /* no storage: keys on */ }
  const show = () => document.documentElement.classList.toggle("w-keys-on", on);
  show();
  if (help) {
    help.hidden = false;
    box.checked = on;
    box.addEventListener("change", () => {
      on = box.checked;
      show();
      try { localStorage.setItem("winnow-keys", on ? "on" : "off"); } catch { /* for this page only */ }
    });
  }

  let leaving = false;
  window.addEventListener("pageshow", () => { leaving = false; });
  const press = (control) => {
    leaving = true; // one key, one step: what is typed while the next page comes is not for this one
    control.click();
  };
  const pick = (digit) => {
    const radio = radios[digit - 1];
    if (!radio) return false;
    radio.checked = true;
    radio.focus();
    radio.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  };
  const typing = (target) => target.isContentEditable
    || target.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=submit], [type=button])");

  document.addEventListener("keydown", (event) => {
    if (leaving || event.isComposing || event.defaultPrevented) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const send = form?.querySelector("[data-send]");
      if (send) { event.preventDefault(); press(send); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.key === "Escape") {
      if (typing(event.target)) { event.target.blur(); return; }
      if (help?.open) { help.open = false; return; }
    } else if (typing(event.target) || !on) return;
    if (event.key === "?" && help) {
      event.preventDefault();
      help.open = !help.open;
      help.querySelector("summary").focus();
      if (help.open) help.scrollIntoView({ block: "nearest" });
      return;
    }
    if (form?.hasAttribute("data-digits") && /^[1-9]$/.test(event.key)) {
      if (pick(Number(event.key))) event.preventDefault();
      return;
    }
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const control = buttons.find((button) => button.dataset.key === key && button.offsetParent !== null);
    if (control) {
      event.preventDefault();
      press(control);
    }
  });
})();
