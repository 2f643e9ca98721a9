// Shows the mail without leaving the form. Without this file the button shows it on the same page.
(() => {
  "use strict";
  const part = document.querySelector("[data-mail]");
  const form = part?.closest("form");
  if (!form) return;
  const find = (name) => part.querySelector("[data-mail-" + name + "]");
  const shown = find("shown"), stale = find("stale"), notYet = find("not-yet");
  const button = part.querySelector("button[name=_preview]");
  let asked = 0;

  const typed = () => {
    const data = new FormData(form);
    data.set("_preview", "part");
    return data;
  };
  const look = async () => {
    const mine = ++asked;
    const answer = await fetch(form.getAttribute("action") || location.href, { method: "POST", body: typed(), redirect: "error" });
    const words = answer.ok ? await answer.text() : "";
    if (mine !== asked) return true; // something newer was asked meanwhile
    stale.hidden = true;
    notYet.hidden = answer.ok;
    shown.hidden = !answer.ok;
    if (answer.ok) shown.innerHTML = words;
    return answer.ok;
  };

  // Pressed: what is missing is said by the page itself, with everything typed kept.
  const whole = () => {
    button.dataset.plain = "1";
    button.click();
  };
  button.addEventListener("click", (event) => {
    if (button.dataset.plain) return;
    event.preventDefault();
    // Errors of an earlier try go with the page they stand on: it is made anew.
    const clean = !document.querySelector(".error-summary");
    look().then((there) => (there && clean ? part.querySelector("h2").focus() : whole()), whole);
  });

  // A single one's mail follows what is typed; for many at a time it would be too much.
  const auto = part.hasAttribute("data-auto");
  let timer = 0;
  const changed = () => {
    asked += 1;
    clearTimeout(timer);
    if (auto) timer = setTimeout(() => look().catch(() => { stale.hidden = false; }), 700);
    else if (shown.querySelector(".w-mail, .w-notice")) stale.hidden = false;
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  if (auto && !shown.querySelector(".w-mail, .w-notice")) changed();
})();
