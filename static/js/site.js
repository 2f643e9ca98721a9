// Small comforts only: every page works without this file.
(() => {
  "use strict";
  const words = document.body.dataset;
  const each = (selector, act) => document.querySelectorAll(selector).forEach(act);

  // The error summary is read first.
  document.querySelector("[data-focus]")?.focus();

  // A link of the error summary to a group of choices puts the cursor on its first choice.
  each(".error-summary a", (link) => link.addEventListener("click", (event) => {
    const goal = document.getElementById(link.hash.slice(1));
    const control = goal?.matches("fieldset, div") ? goal.querySelector("input, select, textarea") : goal;
    if (!control) return;
    event.preventDefault();
    control.focus();
    goal.scrollIntoView({ block: "center" });
  }));

  // Long lists are folded on a phone only, and never on paper or around what an address points at.
  const folds = () => document.querySelectorAll("details[data-fold]");
  const unfold = () => folds().forEach((fold) => { fold.open = true; });
  if (window.matchMedia("(min-width: 40rem)").matches) unfold();
  window.addEventListener("beforeprint", () => each("main details", (fold) => { fold.open = true; }));
  const reveal = () => {
    const goal = location.hash ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
    const fold = goal?.closest("details[data-fold]");
    if (fold && !fold.open) {
      fold.open = true;
      goal.scrollIntoView();
    }
  };
  window.addEventListener("hashchange", reveal);
  reveal();

  // Text areas grow with their text, and count when they have a limit.
  each("textarea", (area) => {
    const limit = area.maxLength;
    const count = limit > 0 && words.wordsLeft ? document.createElement("p") : null;
    let timer;
    if (count) {
      count.className = "count";
      area.after(count);
    }
    const update = () => {
      const border = area.offsetHeight - area.clientHeight;
      area.style.height = "auto";
      area.style.height = area.scrollHeight + border + "px";
      if (!count) return;
      const left = limit - area.value.length;
      count.hidden = left > limit / 2;
      count.textContent = words.wordsLeft.replace("{n}", left);
      // Spoken after a pause, and only near the limit, so that it does not talk over the writer.
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (left < limit / 10) count.setAttribute("role", "status");
        else count.removeAttribute("role");
      }, 800);
    };
    area.addEventListener("input", update);
    update();
  });

  // Ask before what cannot be taken back.
  document.addEventListener("submit", (event) => {
    const question = event.submitter?.dataset.confirm || event.target.dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  });

  // What was sent is no draft any more.
  each("[data-draft-sent]", (sent) => {
    try { localStorage.removeItem(`draft-${sent.dataset.draftSent}`); } catch { /* this browser keeps nothing */ }
  });

  // <button type="button" data-copy="text" hidden>: shown only where it can work.
  each("[data-copy]", (button) => {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      const label = button.textContent;
      button.textContent = words.wordsCopied;
      setTimeout(() => { button.textContent = label; }, 2000);
    });
  });

  // <button type="button" data-print hidden>: printing needs script.
  each("[data-print]", (button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
})();
