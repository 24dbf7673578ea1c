// What is typed into a form with data-local-draft="<person>.<report>" is kept on this device until it is saved: a closed
// tab or a lost line loses nothing. Only the form's own fields are kept, under that person's number; signing out clears
// them (60-autosave.js). The words come from the page.
const PREFIX = "khcn.draft.";
const place = document.querySelector("[data-local-draft]");
const key = place && PREFIX + place.dataset.localDraft;
const revision = place ? Number(place.dataset.revision) : 0;
const read = () => {
  try {
    return JSON.parse(localStorage.getItem(key) || "null");
  } catch {
    return null;
  }
};
const write = (draft) => {
  try {
    if (draft) localStorage.setItem(key, JSON.stringify(draft));
    else localStorage.removeItem(key);
    return true;
  } catch {
    return false; // storage is full or switched off: saving to the server still works
  }
};
const kept = (form) => {
  const fields = {};
  for (const control of form.elements) {
    const own = /^[ftr]-/.test(control.name || "") && control.type !== "hidden" && control.type !== "file";
    if (own) fields[control.name] = control.value;
  }
  return fields;
};
const clock = (at) =>
  new Date(at).toLocaleString(document.documentElement.lang || "vi", { hour: "2-digit", minute: "2-digit", day: "2-digit", month: "2-digit" });
const differs = (form, fields) => Object.entries(fields).some(([name, value]) => form.elements[name] && form.elements[name].value !== value);

const stored = key ? read() : null;
const landed = stored && stored.sent && revision > stored.revision && !("failed" in place.dataset);
if (landed) write(null);

if (place instanceof HTMLFormElement) {
  const form = place;
  const notice = form.querySelector("[data-local-draft-notice]");
  const status = form.querySelector("[data-local-draft-status]");
  const say = (at) => {
    if (status) status.textContent = status.dataset.words.replace("{time}", clock(at));
  };
  let timer;
  const keep = (sent) => {
    clearTimeout(timer);
    const draft = { at: Date.now(), revision, sent, fields: kept(form) };
    if (write(draft) && !sent) say(draft.at);
  };
  if (stored && !landed && differs(form, stored.fields)) {
    const when = notice.querySelector("[data-local-draft-when]");
    when.textContent = when.dataset.words.replace("{time}", clock(stored.at));
    notice.hidden = false;
    notice.querySelector("[data-local-draft-restore]").addEventListener("click", () => {
      for (const [name, value] of Object.entries(stored.fields)) {
        const control = form.elements[name];
        if (!control || control.value === value) continue;
        control.value = value;
        const folded = control.closest("details");
        if (folded) folded.open = true;
      }
      notice.hidden = true;
      keep(false);
    });
    notice.querySelector("[data-local-draft-drop]").addEventListener("click", () => {
      write(null);
      notice.hidden = true;
    });
  } else if (stored && !landed && !("failed" in form.dataset)) {
    write(null); // the same stands on the server
  }
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => keep(false), 400);
  });
  form.addEventListener("submit", () => keep(true));
  addEventListener("pagehide", () => {
    if (timer && !(read() || {}).sent && differs(form, (read() || { fields: {} }).fields)) keep(false);
  });
}
