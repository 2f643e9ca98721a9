// Lines of a meeting stay in this browser until the city has them. Without this file the form sends them.
(() => {
  "use strict";
  const form = document.querySelector("[data-kit]");
  if (!form || !window.localStorage) return;
  const name = `winnow-kit-${form.dataset.kit}`;
  const words = form.dataset;
  const area = form.elements.lines;
  const status = form.querySelector("[data-kit-status]");
  const list = form.querySelector("[data-kit-waiting]");
  const read = () => { try { return JSON.parse(localStorage.getItem(name)) || []; } catch { return []; } };
  const keep = (lines) => localStorage.setItem(name, JSON.stringify(lines));
  let sent = 0;
  let busy = false;
  form.querySelector("[data-kit-help]").hidden = false;

  const show = (text) => {
    const waiting = read();
    list.replaceChildren(...waiting.map((line) => {
      const row = document.createElement("li");
      row.textContent = line.refused ? `${line.text} (${words.wordRefused} ${line.refused})` : line.text;
      return row;
    }));
    list.hidden = !waiting.length;
    const parts = [];
    if (text) parts.push(text);
    if (sent) parts.push(words.wordSent.replace("{n}", sent));
    if (waiting.length) parts.push(words.wordWaiting.replace("{n}", waiting.length));
    status.textContent = parts.join(" · ");
  };

  const post = async (line) => {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.set("do", "lines");
    body.set("lines", line.text);
    body.set("language", line.language);
    body.set("key", line.key);
    return fetch(location.pathname, { method: "POST", body, headers: { Accept: "application/json" } });
  };

  // One after the other, the oldest first. What has no answer stays for the next try.
  const send = async () => {
    if (busy) return;
    busy = true;
    try {
      for (const line of read().filter((one) => !one.refused)) {
        const answer = await post(line);
        if (answer.status === 404) { show(words.wordEnded); return; }
        if (answer.status === 422) {
          const told = await answer.json();
          keep(read().map((one) => one.key === line.key ? { ...one, refused: told.refused.join(" ") } : one));
        } else if (answer.ok) {
          keep(read().filter((one) => one.key !== line.key));
          sent += 1;
        } else return;
        show();
      }
    } catch {
      // No network: the lines wait.
    } finally {
      busy = false;
      show();
    }
  };

  const take = () => {
    const lines = area.value.split("\n").map((line) => line.trim()).filter(Boolean);
    if (!lines.length) return false;
    const made = lines.map((text) => ({ text, language: form.elements.language.value, key: crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}` }));
    keep([...read(), ...made]);
    area.value = "";
    area.dispatchEvent(new Event("input"));
    show();
    send();
    return true;
  };

  form.addEventListener("submit", (event) => {
    if (take()) event.preventDefault();
  });
  area.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    take();
  });
  window.addEventListener("online", send);
  setInterval(send, 15000);
  show();
  send();
})();
