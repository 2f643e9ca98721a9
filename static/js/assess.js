// The assessor's keys and automatic saving. The page works without this file.
(() => {
  "use strict";
  const form = document.getElementById("assessment");
  document.querySelector("[data-focus]")?.focus();
  document.querySelector(".w-criteria [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
  if (!form || form.dataset.autosave !== "on") return;

  // A page of one initiative is saved as a whole; on a page of one criterion each row is saved alone.
  const byRow = "rows" in form.dataset;
  const criteria = [...form.querySelectorAll("[data-criterion]")];
  const chosen = (criterion) => criterion.querySelector("input[type=radio]:checked");
  const unitOf = (element) => (byRow ? element.closest("[data-row]") : form);
  const statusOf = (unit) => (unit && unit !== form ? unit.querySelector("[data-saved]") : document.getElementById("saved"));
  const tell = (text, unit) => { const status = statusOf(unit); if (status.textContent !== text) status.textContent = text; };
  const fieldsOf = (unit) => {
    if (unit === form) return new FormData(form);
    const data = new FormData();
    data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    data.set("row", unit.dataset.row);
    unit.querySelectorAll("input, textarea").forEach((field) => {
      if (field.type !== "radio" || field.checked) data.set(field.name, field.value);
    });
    return data;
  };
  // What the page now shows is what is saved: a later save of the whole page passes this row over.
  const settle = (unit, data, told) => {
    const version = unit === form ? form.elements.version : unit.querySelector("[name$=-version]");
    version.value = told.version;
    if (unit === form) return;
    unit.querySelectorAll("[name^=initial-]").forEach((field) => { field.value = data.get(field.name.slice(8)) || ""; });
    document.querySelectorAll("[data-progress]").forEach((place) => { place.textContent = told.progress; });
  };

  // --- Automatic saving: one request at a time, a second after the last change.
  let timer = null;
  let running = null;
  let leaving = false;
  const dirty = new Set();
  const stopped = new Set();

  const send = async (unit) => {
    dirty.delete(unit);
    const data = fieldsOf(unit);
    data.set("action", "autosave");
    try {
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body: data, headers: { Accept: "application/json" } });
      if (!(answer.headers.get("Content-Type") || "").includes("application/json")) {
        dirty.add(unit);
        tell(form.dataset.expired, unit);
        return;
      }
      const told = await answer.json();
      if (answer.ok) settle(unit, data, told);
      // A refusal (somebody's other window, a closed round) stays until the person acts on it.
      else if (answer.status === 409) stopped.add(unit);
      tell(told.message, unit);
    } catch {
      dirty.add(unit);
      tell(form.dataset.failed, unit);
      later(10000);
    }
  };
  const sendAll = async () => { for (const unit of [...dirty]) await send(unit); };
  const save = () => { running = (running || Promise.resolve()).then(sendAll); return running; };
  const later = (wait) => { clearTimeout(timer); timer = setTimeout(save, wait); };
  const changed = (event) => {
    const unit = unitOf(event.target);
    if (leaving || !unit || stopped.has(unit)) return;
    dirty.add(unit);
    later(1000);
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  window.addEventListener("beforeunload", (event) => { if (dirty.size && !leaving) event.preventDefault(); });

  // A save that is under way ends first, so that the page's own save follows it and does not meet it.
  let sent = false;
  form.addEventListener("submit", async (event) => {
    if (sent) { event.preventDefault(); return; }
    clearTimeout(timer);
    sent = true;
    leaving = true;
    if (!running) return;
    event.preventDefault();
    const button = event.submitter;
    tell(form.dataset.saving);
    await Promise.race([running, new Promise((go) => setTimeout(go, 5000))]);
    dirty.clear();
    const action = document.createElement("input");
    action.type = "hidden";
    action.name = "action";
    action.value = button ? button.value : "next";
    form.append(action);
    form.submit();
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });

  // --- Notes open at the lowest and the highest level.
  const note = (criterion) => criterion.querySelector("details.w-note");
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-end]")) note(event.target.closest("[data-criterion]")).open = true;
  });

  // --- Keys. A box turns them off, for people whose own tools use single keys.
  const keysOn = document.getElementById("keys-on");
  try { keysOn.checked = localStorage.getItem("winnow-keys") !== "off"; } catch { /* no storage: keys on */ }
  keysOn.addEventListener("change", () => {
    try { localStorage.setItem("winnow-keys", keysOn.checked ? "on" : "off"); } catch { /* for this page only */ }
  });

  let current = criteria.find((criterion) => !chosen(criterion)) || criteria[0];
  const mark = (criterion) => {
    current?.classList.remove("current");
    current = criterion;
    current.classList.add("current");
  };
  mark(current);
  form.addEventListener("focusin", (event) => {
    const criterion = event.target.closest("[data-criterion]");
    if (criterion) mark(criterion);
  });
  const go = (criterion) => {
    mark(criterion);
    (chosen(criterion) || criterion.querySelector("input[type=radio]")).focus({ preventScroll: true });
    criterion.scrollIntoView({ block: "nearest" });
  };
  const step = (by) => {
    const goal = criteria[criteria.indexOf(current) + by];
    if (goal) go(goal);
    else if (by > 0) form.querySelector("button[value=next]").focus();
  };
  const score = (key) => {
    const point = current.querySelector(`[data-key="${key}"]`);
    if (!point) return false;
    if (!point.checked) {
      point.checked = true;
      point.dispatchEvent(new Event("change", { bubbles: true }));
    }
    step(1);
    return true;
  };
  const verbs = {
    c: () => score("c"),
    "-": () => score("c"),
    j: () => step(1),
    k: () => step(-1),
    "?": () => {
      const help = document.getElementById("keys");
      help.open = !help.open;
      help.querySelector("summary").focus();
      if (help.open) help.scrollIntoView({ block: "nearest" });
    },
    n: () => { note(current).open = true; current.querySelector("textarea").focus(); },
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button[value=next]"));
      return;
    }
    if (event.target.matches("textarea, input[type=text]")) {
      if (event.key === "Escape" && event.target.closest("[data-criterion]")) go(current);
      return;
    }
    if (!keysOn.checked || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const inside = event.target.closest("[data-criterion]");
    if (inside && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      step(event.key === "ArrowDown" ? 1 : -1);
    } else if (/^[0-9]$/.test(event.key)) {
      if (score(event.key)) event.preventDefault();
    } else if (verbs[event.key]) {
      event.preventDefault();
      verbs[event.key]();
    }
  });
})();
