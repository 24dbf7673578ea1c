// Questions that do not apply are hidden; the server checks only those that do. Without this script all are shown, each
// with its condition in words.
const given = (form, name) => new FormData(form).getAll(name);
for (const form of document.querySelectorAll("form")) {
  const asked = [...form.querySelectorAll("[data-when], [data-for]")];
  if (!asked.length) continue;
  const follow = () => {
    for (const input of asked) {
      const { when, for: audiences } = input.dataset;
      const [name, value] = (when || "").split(/=(.*)/s);
      const field = input.closest(".field");
      const before = when ? form.elements[name] : null;
      const shown = !before || !(before.length && !before.tagName ? before[0] : before).closest(".field").hidden;
      const fits = !when || (shown && given(form, name).includes(value));
      const meant = !audiences || audiences.split(" ").some((one) => given(form, "audience").includes(one));
      field.hidden = !(fits && meant);
    }
  };
  form.addEventListener("change", follow);
  follow();
}
