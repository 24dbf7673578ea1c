// Many files by drag and drop onto a plain file input; files of several drops add up, each can be taken out.
const formatSize = (bytes, locale) => {
  const units = ["B", "kB", "MB", "GB"];
  let step = 0;
  let value = bytes;
  while (value >= 1000 && step < units.length - 1) {
    value /= 1000;
    step += 1;
  }
  return `${value.toLocaleString(locale, { maximumFractionDigits: step > 1 ? 1 : 0 })} ${units[step]}`;
};
const same = (a, b) => a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;
const kept = new WeakMap();

const show = (zone, input) => {
  const list = zone.querySelector("[data-filedrop-list]");
  const locale = document.documentElement.lang || "vi";
  list.replaceChildren(
    ...[...input.files].map((file, index) => {
      const item = document.createElement("li");
      const name = document.createElement("span");
      name.className = "filedrop__name";
      name.textContent = file.name;
      const size = document.createElement("span");
      size.className = "filedrop__size";
      size.textContent = formatSize(file.size, locale);
      const remove = document.createElement("button");
      remove.type = "button";
      remove.className = "button button--quiet button--small";
      remove.textContent = zone.dataset.removeLabel;
      remove.setAttribute("aria-label", `${zone.dataset.removeLabel} ${file.name}`);
      remove.dataset.filedropRemove = String(index);
      item.append(name, size, remove);
      return item;
    }),
  );
};

const assign = (zone, input, files) => {
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  input.files = transfer.files;
  kept.set(input, [...input.files]);
  show(zone, input);
};

const add = (zone, input, incoming) => {
  const before = input.multiple ? kept.get(input) || [] : [];
  const fresh = [...incoming].filter((file) => !before.some((old) => same(old, file)));
  assign(zone, input, input.multiple ? [...before, ...fresh] : fresh.slice(0, 1));
};

const zoneOf = (event) => event.target instanceof Element && event.target.closest("[data-filedrop]");
for (const name of ["dragenter", "dragover"]) {
  document.addEventListener(name, (event) => {
    const zone = zoneOf(event);
    if (!zone) return;
    event.preventDefault();
    zone.dataset.over = "";
  });
}
document.addEventListener("dragleave", (event) => {
  const zone = zoneOf(event);
  if (zone && !zone.contains(event.relatedTarget)) delete zone.dataset.over;
});
document.addEventListener("drop", (event) => {
  const zone = zoneOf(event);
  if (!zone) return;
  event.preventDefault();
  delete zone.dataset.over;
  add(zone, zone.querySelector("input[type=file]"), event.dataTransfer.files);
});
document.addEventListener("change", (event) => {
  const zone = zoneOf(event);
  if (zone && event.target.type === "file") add(zone, event.target, event.target.files);
});
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest("[data-filedrop-remove]");
  if (!button) return;
  const zone = button.closest("[data-filedrop]");
  const input = zone.querySelector("input[type=file]");
  const index = Number(button.dataset.filedropRemove);
  assign(zone, input, [...input.files].filter((_, position) => position !== index));
  input.focus();
});
