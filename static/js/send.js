// Help while an idea is written: ideas like it, a title, a draft in this browser, smaller photos.
// Every part works without this file: on the preview, on the server, or not at all.
(() => {
  "use strict";

  // A photo of many megabytes is made smaller before it leaves; where that fails it goes as it is.
  const shrink = async (input) => {
    const file = input.files[0];
    const most = Number(input.dataset.photo);
    if (!file || !window.createImageBitmap) return;
    try {
      const picture = await createImageBitmap(file);
      const scale = most / Math.max(picture.width, picture.height);
      if (scale >= 1) return;
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", .85); });
      if (!blob || blob.size >= file.size || input.files[0] !== file) return;
      const box = new DataTransfer();
      box.items.add(new File([blob], "photo.jpg", { type: "image/jpeg" }));
      input.files = box.files;
    } catch { /* the server makes it smaller, or says why it cannot */ }
  };
  document.querySelectorAll("input[data-photo]").forEach((input) => {
    input.addEventListener("change", () => { input.dataset.shrunk = "no"; shrink(input).then(() => { input.dataset.shrunk = "yes"; }); });
  });

  const form = document.querySelector("form[data-send]");
  if (!form) return;
  const find = (name) => form.querySelector(`[data-${name}]`);
  const field = (name) => form.elements.namedItem(name);
  const problem = field("problem");
  const title = field("title");

  // The title follows the first line until somebody writes one.
  const suggested = () => {
    const line = problem.value.split("\n").map((one) => one.trim()).find(Boolean) || "";
    const first = line.match(/^(.{15,80}?[.!?])\s/u)?.[1].replace(/\.$/, "") || line;
    const letters = [...first];
    return letters.length <= 80 ? first.replace(/\.$/, "") : `${letters.slice(0, 79).join("").replace(/\s+\S*$/, "")}…`;
  };
  let own = Boolean(title.value);
  title.addEventListener("input", () => { own = Boolean(title.value); });
  const suggest = () => { if (!own) title.value = suggested(); };

  // Ideas like it, half a second after the last letter.
  const box = find("similar");
  const said = find("similar-said");
  const tick = (button) => {
    const wanted = form.querySelector(`input[name=themes][value="${button.dataset.tick}"]`);
    button.hidden = !wanted || wanted.checked;
    button.addEventListener("click", () => { wanted.checked = true; button.hidden = true; });
  };
  const show = (html) => {
    box.innerHTML = html;
    box.hidden = !box.textContent.trim();
    const heading = box.querySelector("h2");
    const words = [box.querySelector(".notice strong"), heading].filter(Boolean).map((one) => one.textContent.trim()).join(" ");
    if (said.textContent !== words) said.textContent = words;
    box.querySelectorAll("[data-tick]").forEach(tick);
  };
  let asked;
  const ask = async () => {
    asked?.abort();
    asked = new AbortController();
    const body = new FormData();
    body.set("csrfmiddlewaretoken", field("csrfmiddlewaretoken").value);
    body.set("problem", problem.value);
    body.set("title", own ? title.value : "");
    try {
      const answer = await fetch(form.dataset.similarUrl, { method: "POST", body, signal: asked.signal, credentials: "same-origin" });
      if (answer.ok) show(await answer.text());
    } catch { /* no network: the form is there all the same */ }
  };
  let pause;
  const later = () => { clearTimeout(pause); pause = setTimeout(ask, 500); };

  // The words, and nothing about the person, stay in this browser until they are sent.
  const key = `draft-${form.dataset.send}`;
  const names = ["problem", "title", "proposal"];
  const note = find("draft-note");
  const tell = find("draft-said");
  const written = () => names.some((name) => field(name).value.trim());
  const keep = () => {
    try {
      if (written()) localStorage.setItem(key, JSON.stringify({ own, ...Object.fromEntries(names.map((name) => [name, field(name).value])) }));
      else localStorage.removeItem(key);
      note.hidden = !written();
    } catch { /* this browser keeps nothing */ }
  };
  const back = () => {
    try {
      const kept = JSON.parse(localStorage.getItem(key) || "null");
      if (kept && !written()) {
        names.forEach((name) => { field(name).value = kept[name] || ""; });
        own = Boolean(kept.own);
        names.forEach((name) => field(name).dispatchEvent(new Event("input")));
        tell.textContent = tell.dataset.wordBack;
      }
    } catch { /* this browser keeps nothing */ }
    note.hidden = !written();
  };
  find("draft-drop").addEventListener("click", () => {
    names.forEach((name) => { field(name).value = ""; field(name).dispatchEvent(new Event("input")); });
    own = false;
    keep();
    tell.textContent = tell.dataset.wordGone;
    problem.focus();
  });

  back();
  form.addEventListener("input", keep);
  problem.addEventListener("input", () => { suggest(); later(); });
  if (problem.value) { suggest(); later(); }
})();
