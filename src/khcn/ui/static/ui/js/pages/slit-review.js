// Marks on a slit-scan: each click (or V, R at the middle of what is shown) is one person; the two fields follow.
const page = document.querySelector("[data-slit]");
if (page) {
  const sheet = page.querySelector("[data-slit-sheet]");
  const view = page.querySelector("[data-slit-view]");
  const status = page.querySelector("[data-slit-status]");
  const undo = page.querySelector("[data-mark-undo]");
  const fields = { in: page.querySelector("#id_true_in"), out: page.querySelector("#id_true_out") };
  const marks = [];
  let direction = "in";
  const show = () => {
    for (const name of ["in", "out"]) {
      const count = marks.filter((mark) => mark.dataset.direction === name).length;
      fields[name].value = String(count);
      page.querySelector(`[data-mark=${name}]`).setAttribute("aria-pressed", String(direction === name));
    }
    undo.disabled = !marks.length;
    status.textContent = status.dataset.words.replace("{in}", fields.in.value).replace("{out}", fields.out.value);
  };
  const mark = (x, y) => {
    const dot = document.createElement("span");
    dot.className = `slit__mark slit__mark--${direction}`;
    dot.dataset.direction = direction;
    dot.style.left = `${x * 100}%`;
    dot.style.top = `${y * 100}%`;
    sheet.append(dot);
    marks.push(dot);
    show();
  };
  const inSheet = (x, y) => {
    const area = sheet.getBoundingClientRect();
    return [(x - area.left) / area.width, (y - area.top) / area.height];
  };
  sheet.addEventListener("click", (event) => mark(...inSheet(event.clientX, event.clientY)));
  page.addEventListener("click", (event) => {
    const button = event.target.closest("[data-mark]");
    if (button) {
      direction = button.dataset.mark;
      show();
    }
  });
  undo.addEventListener("click", () => {
    marks.pop()?.remove();
    show();
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.matches?.("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    const name = { v: "in", r: "out" }[event.key.toLowerCase()];
    if (!name) return;
    direction = name;
    const area = view.getBoundingClientRect();
    mark(...inSheet(area.left + area.width / 2, area.top + area.height / 2));
  });
}
