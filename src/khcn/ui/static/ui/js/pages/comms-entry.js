// An entry of communication work that cannot be sent (no line) is kept on this device and sent later. The form carries a
// key made by the server ("client_key"); the server takes the same key once, so sending twice is once. Photos are not
// kept: they are added later on the entry's own page. Signing out clears what waits (60-autosave.js clears "khcn.draft.").
const form = document.querySelector("form[data-queue]");
const PREFIX = form && `khcn.draft.outreach.${form.dataset.queue}`;
const load = () => {
  try {
    const found = JSON.parse(localStorage.getItem(PREFIX) || "[]");
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
};
const save = (rows) => {
  try {
    if (rows.length) localStorage.setItem(PREFIX, JSON.stringify(rows));
    else localStorage.removeItem(PREFIX);
    return true;
  } catch {
    return false;
  }
};

if (form instanceof HTMLFormElement) {
  const notice = document.querySelector("[data-queue-notice]");
  const words = notice && notice.querySelector("[data-queue-words]");
  const show = (key) => {
    const rows = load();
    notice.hidden = rows.length === 0 && key !== "sent";
    if (notice.hidden) return;
    words.textContent = words.dataset[rows.length ? key || "waiting" : "sent"].replace("{n}", String(rows.length));
    notice.querySelector("[data-queue-send]").hidden = rows.length === 0;
  };
  const fresh = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  const send = async (row) => {
    const body = new FormData();
    for (const [name, value] of row.fields) body.append(name, value);
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    return fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "queue" }, redirect: "follow" });
  };
  let busy = false;
  const sendAll = async () => {
    if (busy) return;
    busy = true;
    let refused = 0;
    let rows = load();
    for (const row of [...rows]) {
      let answer;
      try {
        answer = await send(row);
      } catch {
        break; // still no line
      }
      const signedOut = answer.redirected && new URL(answer.url).pathname.startsWith("/tai-khoan/");
      if (answer.ok && !signedOut) {
        rows = load().filter((one) => one.key !== row.key);
        save(rows);
      } else {
        refused += 1;
      }
    }
    busy = false;
    show(refused ? "refused" : rows.length ? "waiting" : "sent");
  };
  const keep = () => {
    const fields = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken");
    const key = form.elements.client_key.value;
    const rows = load().filter((row) => row.key !== key);
    if (!save([...rows, { key, at: Date.now(), fields }])) return false;
    form.reset();
    form.elements.client_key.value = fresh();
    show("kept");
    notice.scrollIntoView({ block: "start" });
    return true;
  };
  form.addEventListener("submit", (event) => {
    if (navigator.onLine || !form.checkValidity()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    keep();
  }, true);
  notice.querySelector("[data-queue-send]").addEventListener("click", sendAll);
  addEventListener("online", sendAll);
  show();
  if (load().length && navigator.onLine) sendAll();
}
