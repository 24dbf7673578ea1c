// Drafts save themselves: a form with data-autosave="<address>" is posted there two seconds after the last change.
// The answer is any 2xx; the words come from data-saving, data-saved and data-unsaved of [data-autosave-status].
const timers = new WeakMap();
const say = (form, name) => {
  const status = form.querySelector("[data-autosave-status]");
  if (!status) return;
  const now = new Date().toLocaleTimeString(document.documentElement.lang || "vi", { hour: "2-digit", minute: "2-digit" });
  status.textContent = (status.dataset[name] || "").replace("{time}", now);
};
const save = async (form) => {
  say(form, "saving");
  const body = new FormData(form);
  for (const input of form.querySelectorAll("input[type=file]")) body.delete(input.name);
  try {
    const answer = await fetch(form.dataset.autosave, { method: "POST", body, headers: { "X-Autosave": "1" }, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    delete form.dataset.dirty;
    say(form, "saved");
  } catch {
    say(form, "unsaved");
    timers.set(form, setTimeout(() => save(form), 15000));
  }
};
document.addEventListener("input", (event) => {
  const form = event.target instanceof Element && event.target.closest("form[data-autosave]");
  if (!form) return;
  form.dataset.dirty = "";
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => save(form), 2000));
});
document.addEventListener("submit", (event) => clearTimeout(timers.get(event.target)));
addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "hidden") return;
  for (const form of document.querySelectorAll("form[data-autosave][data-dirty]")) {
    const body = new FormData(form);
    for (const input of form.querySelectorAll("input[type=file]")) body.delete(input.name);
    navigator.sendBeacon(form.dataset.autosave, body);
  }
});
// Who signs out leaves no draft behind on this device (pages/report-draft.js).
document.addEventListener("submit", (event) => {
  if (!(event.target instanceof HTMLFormElement) || !/\/dang-xuat\/$/.test(new URL(event.target.action, location.href).pathname)) return;
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith("khcn.draft.")) localStorage.removeItem(key);
  } catch {
    // storage is switched off: there is nothing to clear
  }
});
