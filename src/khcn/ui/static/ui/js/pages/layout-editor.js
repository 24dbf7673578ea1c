// Drawing on a picture. The fields of the form are the truth: what is drawn is written into them, and a field that is
// typed into is drawn at once. So the page saves the same thing with and without this script.
const SVG = "http://www.w3.org/2000/svg";
const LEAST = { gate: 2, zone: 3, exclusion: 3, ground: 4 };
const MOST = { gate: 64, zone: 64, exclusion: 64, ground: 4 };
const TOUCH = 24;

function node(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
  made.append(...children);
  return made;
}
function readPoints(text) {
  const points = [];
  for (const part of text.split(/[;\n]+/)) {
    const numbers = part.trim().split(/\s+/).filter(Boolean);
    if (!numbers.length) continue;
    const pair = numbers.map((number) => Number(number.replace(",", ".")));
    if (pair.length !== 2 || pair.some((number) => !Number.isFinite(number))) return null;
    points.push(pair);
  }
  return points;
}
const writePoints = (points) => points.map(([x, y]) => `${Math.round(x)} ${Math.round(y)}`).join("; ");
const turn = (a, b, c) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
function crossesItself(points, closed) {
  const ring = closed ? [...points, points[0]] : points;
  for (let i = 0; i + 1 < ring.length; i += 1) {
    for (let j = i + 2; j + 1 < ring.length; j += 1) {
      if (closed && i === 0 && j === ring.length - 2) continue;
      const [a, b, c, d] = [ring[i], ring[i + 1], ring[j], ring[j + 1]];
      if (turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0) return true;
    }
  }
  return false;
}

function start(editor) {
  const words = JSON.parse(document.getElementById("editor-words").textContent);
  const say = (text, values = {}) => text.replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);
  const [width, height] = [Number(editor.dataset.width), Number(editor.dataset.height)];
  const view = editor.querySelector("[data-editor-view]");
  const svg = view.querySelector("svg");
  const status = editor.querySelector("[data-editor-status]");
  const tell = (text) => { status.textContent = text; };
  const rowOf = (element) => element.closest("[data-row]");
  const rows = () => [...editor.querySelectorAll("[data-row]")];
  const field = (row) => row.querySelector("textarea[name$=points], textarea[name$=pixels]");
  const box = (row, name) => row.querySelector(`input[type=checkbox][name$=${name}]`);
  const gone = (row) => Boolean(box(row, "DELETE")?.checked);
  const nameOf = (row) => row.querySelector("input[name$=name]")?.value.trim() || words[row.dataset.row];
  const pointsOf = (row) => readPoints(field(row).value) || [];

  let selected = null; // the row whose points can be moved
  let draft = null; // what is being drawn: {kind, points}
  let cursor = [width / 2, height / 2]; // where the keyboard is
  let zoom = 1;
  let dirty = false;
  const past = [];
  const future = [];

  for (const old of svg.querySelectorAll("g")) old.remove();
  const shapes = svg.appendChild(node("g"));
  const handles = svg.appendChild(node("g"));
  const cross = svg.appendChild(node("g", { class: "drawing__cross", "aria-hidden": "true" }));
  svg.setAttribute("role", "group");
  view.tabIndex = 0;
  view.setAttribute("role", "application");
  view.setAttribute("aria-label", svg.getAttribute("aria-label"));
  view.setAttribute("aria-describedby", "cach-phim");
  for (const row of rows()) {
    if (!row.dataset.prefix || field(row).value.trim()) continue;
    box(row, "DELETE").checked = true; // the empty row for people without scripts
    row.hidden = true;
  }

  const unit = () => width / (svg.getBoundingClientRect().width || width);
  const inside = ([x, y]) => [Math.min(width, Math.max(0, Math.round(x))), Math.min(height, Math.max(0, Math.round(y)))];
  const at = (event) => {
    const area = svg.getBoundingClientRect();
    return inside([((event.clientX - area.left) * width) / area.width, ((event.clientY - area.top) * height) / area.height]);
  };

  // What can be undone: points, direction and removal of every row, and which rows there were.
  const snapshot = () => JSON.stringify(rows().map((row) => [
    row.dataset.prefix || row.dataset.row, field(row).value, box(row, "swap")?.checked, box(row, "DELETE")?.checked,
  ]));
  let present = snapshot();
  const buttons = () => {
    for (const [name, list] of [["undo", past], ["redo", future]]) {
      editor.querySelector(`[data-do=${name}]`).disabled = !list.length;
    }
    for (const name of ["finish", "cancel"]) editor.querySelector(`[data-do=${name}]`).hidden = !draft;
    for (const tool of editor.querySelectorAll("[data-tool]")) {
      tool.setAttribute("aria-pressed", String(draft?.kind === tool.dataset.tool));
    }
  };
  const note = () => {
    const next = snapshot();
    if (next === present) return;
    past.push(present);
    if (past.length > 100) past.shift();
    future.length = 0;
    present = next;
    dirty = true;
    buttons();
  };
  const restore = (text) => {
    const state = new Map(JSON.parse(text).map(([key, ...values]) => [key, values]));
    for (const row of rows()) {
      const values = state.get(row.dataset.prefix || row.dataset.row);
      const [points, swap, removed] = values || [field(row).value, box(row, "swap")?.checked, true];
      field(row).value = points;
      if (box(row, "swap")) box(row, "swap").checked = Boolean(swap);
      if (box(row, "DELETE")) box(row, "DELETE").checked = Boolean(removed);
      showRow(row);
    }
    present = text;
    if (selected && gone(selected)) selected = null;
    dirty = true;
    draw();
    buttons();
  };
  const step = (from, to, word) => {
    if (!from.length) return;
    to.push(present);
    restore(from.pop());
    tell(word);
  };

  function showRow(row) {
    if (!row.dataset.prefix) return;
    row.classList.toggle("shape-row--gone", gone(row));
    row.querySelector("[data-row-name]").textContent = row.querySelector("input[name$=name]")?.value || "";
  }
  function select(row, quiet) {
    selected = row && !gone(row) ? row : null;
    for (const other of rows()) {
      other.classList.toggle("is-picked", other === selected);
      other.querySelector("[data-row-pick]")?.setAttribute("aria-pressed", String(other === selected));
    }
    draw();
    if (selected && !quiet) handles.querySelector("[tabindex]")?.focus();
  }
  function addRow(kind, points) {
    const group = editor.querySelector(`[data-rows=${kind}]`);
    const total = group.querySelector("input[name$=TOTAL_FORMS]");
    const template = group.querySelector("template[data-row-template]");
    const holder = document.createElement("div");
    holder.innerHTML = template.innerHTML.replaceAll("__prefix__", total.value);
    const row = holder.firstElementChild;
    total.value = String(Number(total.value) + 1);
    template.before(row);
    field(row).value = writePoints(points);
    const name = row.querySelector("input[name$=name]");
    if (name) name.value = `${words[kind]} ${group.querySelectorAll("[data-row]:not(.shape-row--gone)").length}`;
    showRow(row);
    return row;
  }
  function setPoints(row, points) {
    field(row).value = writePoints(points);
    draw();
  }

  // --- drawing what is there ---
  function outline(points, closed, kind) {
    const text = points.map((point) => point.join(",")).join(" ");
    const shape = closed && points.length > 2 ? "polygon" : "polyline";
    return kind === "gate" || !closed
      ? [node("polyline", { class: "drawing__casing", points: text }), node("polyline", { class: "drawing__line", points: text })]
      : [node(shape, { class: "drawing__area", points: text })];
  }
  function arrow(points, swap, size) {
    let [p, q, best] = [points[0], points[1], -1];
    points.slice(1).forEach((point, index) => {
      const length = Math.hypot(point[0] - points[index][0], point[1] - points[index][1]);
      if (length > best) [p, q, best] = [points[index], point, length];
    });
    if (!(best > 0)) return [];
    const side = swap ? -1 : 1;
    const [nx, ny] = [(-(q[1] - p[1]) / best) * side, ((q[0] - p[0]) / best) * side];
    const [mx, my] = [(p[0] + q[0]) / 2, (p[1] + q[1]) / 2];
    const reach = 44 * size;
    const [tx, ty] = [mx + nx * reach, my + ny * reach];
    const head = [[tx, ty], [tx - nx * 12 * size - ny * 8 * size, ty - ny * 12 * size + nx * 8 * size], [tx - nx * 12 * size + ny * 8 * size, ty - ny * 12 * size - nx * 8 * size]];
    const line = { x1: mx, y1: my, x2: tx - nx * 8 * size, y2: ty - ny * 8 * size };
    const kept = (value, most) => Math.min(most - 10 * size, Math.max(10 * size, value));
    const word = (x, y, text) => node("text", { class: "drawing__word", x: kept(x, width), y: kept(y, height), "text-anchor": "middle", dy: "0.35em" }, text);
    return [
      node("line", { class: "drawing__casing", ...line }), node("line", { class: "drawing__line", ...line }),
      node("polygon", { class: "drawing__head", points: head.map((point) => point.join(",")).join(" ") }),
      word(tx + nx * 18 * size, ty + ny * 18 * size, words.in), word(mx - nx * 22 * size, my - ny * 22 * size, words.out),
    ];
  }
  function draw() {
    const size = unit();
    svg.setAttribute("font-size", String(Math.min(15, Math.max(11, view.clientWidth / 55)) * size));
    svg.setAttribute("stroke-width", String(3 * size));
    const parts = [];
    for (const row of rows()) {
      const points = pointsOf(row);
      if (!points.length || gone(row)) continue;
      const kind = row.dataset.row;
      const closed = kind !== "gate";
      const wrong = points.length > 2 && crossesItself(points, closed);
      const group = node("g", { class: `shape-${kind}${row === selected ? " is-picked" : ""}${wrong ? " is-wrong" : ""}` });
      group.append(...outline(points, closed, kind));
      if (kind === "gate" && points.length > 1) group.append(...arrow(points, box(row, "swap").checked, size));
      const label = closed
        ? [points.reduce((sum, point) => sum + point[0], 0) / points.length, points.reduce((sum, point) => sum + point[1], 0) / points.length]
        : [points[0], points.at(-1)].sort((a, b) => a[0] - b[0])[0];
      group.append(node("text", { class: "drawing__name", x: label[0], y: label[1], dy: closed ? "0.35em" : "-0.9em", "text-anchor": closed ? "middle" : "start" }, nameOf(row)));
      group.addEventListener("click", () => { if (!draft) select(row, true); });
      parts.push(group);
    }
    if (draft) {
      const group = node("g", { class: `shape-${draft.kind} is-draft` });
      if (draft.points.length) group.append(...outline([...draft.points], false, draft.kind));
      for (const [x, y] of draft.points) group.append(node("circle", { class: "drawing__dot", cx: x, cy: y, r: 6 * size }));
      parts.push(group);
    }
    shapes.replaceChildren(...parts);
    const focus = document.activeElement?.dataset?.handle;
    drawHandles(size);
    if (focus !== undefined) handles.querySelector(`[data-handle="${focus}"]`)?.focus();
    drawCross(size);
  }
  function drawHandles(size) {
    if (!selected || draft) {
      handles.replaceChildren();
      return;
    }
    const points = pointsOf(selected);
    handles.replaceChildren(...points.map(([x, y], index) => {
      const label = say(words.point, { name: nameOf(selected), n: index + 1, of: points.length, x: Math.round(x), y: Math.round(y) });
      return node("g", { class: "drawing__handle", tabindex: "0", role: "button", "aria-label": label, "data-handle": index },
        node("circle", { class: "drawing__reach", cx: x, cy: y, r: TOUCH * size }), node("circle", { class: "drawing__dot", cx: x, cy: y, r: 8 * size }));
    }));
  }
  function drawCross(size) {
    const shown = draft && document.activeElement === view;
    const [x, y] = cursor;
    const arm = 16 * size;
    const d = `M${x - arm} ${y}H${x + arm}M${x} ${y - arm}V${y + arm}`;
    cross.replaceChildren(...(shown ? [node("path", { class: "drawing__casing", d }), node("path", { class: "drawing__line", d })] : []));
  }

  // --- a new shape ---
  function begin(kind) {
    draft = { kind, points: [] };
    selected = null;
    select(null, true);
    buttons();
    tell(say(words.drawing, { name: words[kind] }));
    view.focus({ preventScroll: true });
  }
  function place(point) {
    const last = draft.points.at(-1);
    if (last && last[0] === point[0] && last[1] === point[1]) return;
    draft.points.push(point);
    tell(say(words.placed, { n: draft.points.length, x: point[0], y: point[1] }));
    if (draft.points.length === MOST[draft.kind]) finish();
    draw();
  }
  function finish() {
    const { kind, points } = draft;
    if (points.length < LEAST[kind]) {
      tell(say(words.few, { n: LEAST[kind] }));
      return;
    }
    draft = null;
    const row = kind === "ground" ? editor.querySelector("[data-row=ground]") : addRow(kind, points);
    field(row).value = writePoints(points);
    note();
    buttons();
    select(row, true);
    tell(say(words.done, { name: nameOf(row) }));
    const name = row.querySelector("input[name$=name]");
    (name || row.querySelector("textarea[name$=metres]") || row.querySelector("[data-row-pick]")).focus();
    name?.select();
  }
  function cancel() {
    if (!draft) return;
    draft = null;
    buttons();
    draw();
    tell(words.cancelled);
  }

  // --- pointer: mouse, pen and finger alike ---
  let drag = null;
  const nearest = (point) => {
    if (!selected || draft) return -1;
    const reach = TOUCH * unit();
    const far = pointsOf(selected).map(([x, y]) => Math.hypot(x - point[0], y - point[1]));
    const best = far.indexOf(Math.min(...far));
    return far[best] <= reach ? best : -1;
  };
  svg.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    const index = nearest(at(event));
    if (index < 0) return;
    drag = { index, id: event.pointerId };
    svg.setPointerCapture(event.pointerId);
    event.preventDefault();
    handles.querySelector(`[data-handle="${index}"]`)?.focus({ preventScroll: true });
  });
  svg.addEventListener("pointermove", (event) => {
    if (!drag || drag.id !== event.pointerId) return;
    const points = pointsOf(selected);
    points[drag.index] = at(event);
    drag.moved = true;
    setPoints(selected, points);
  });
  const drop = (event) => {
    if (!drag || drag.id !== event.pointerId) return;
    if (drag.moved) checkShape(selected);
    drag = null;
    note();
  };
  svg.addEventListener("pointerup", drop);
  svg.addEventListener("pointercancel", drop);
  svg.addEventListener("click", (event) => {
    if (!draft) return;
    cursor = at(event);
    place(cursor);
  });
  svg.addEventListener("dblclick", (event) => {
    if (draft) {
      event.preventDefault();
      finish();
    }
  });

  function checkShape(row) {
    const points = pointsOf(row);
    if (points.length > 2 && crossesItself(points, row.dataset.row !== "gate")) tell(say(words.crosses, { name: nameOf(row) }));
  }

  // --- keys ---
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const moved = (point, key, fine) => {
    const pace = fine ? 1 : Math.max(1, Math.round(width / 128));
    return inside([point[0] + ARROWS[key][0] * pace, point[1] + ARROWS[key][1] * pace]);
  };
  function handleKey(event, index) {
    const points = pointsOf(selected);
    if (ARROWS[event.key]) {
      points[index] = moved(points[index], event.key, event.shiftKey);
      setPoints(selected, points);
      tell(say(words.moved, { x: points[index][0], y: points[index][1] }));
    } else if (event.key === "Insert" || event.key === "+") {
      if (points.length >= MOST[selected.dataset.row]) return true;
      const next = points[index + 1] || points[selected.dataset.row === "gate" ? index - 1 : 0];
      points.splice(index + 1, 0, inside([(points[index][0] + next[0]) / 2, (points[index][1] + next[1]) / 2]));
      setPoints(selected, points);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      if (points.length <= LEAST[selected.dataset.row]) tell(say(words.few, { n: LEAST[selected.dataset.row] }));
      else {
        points.splice(index, 1);
        setPoints(selected, points);
        handles.querySelector(`[data-handle="${Math.max(0, index - 1)}"]`)?.focus();
      }
    } else return false;
    checkShape(selected);
    note();
    return true;
  }
  function drawKey(event) {
    if (ARROWS[event.key]) {
      cursor = moved(cursor, event.key, event.shiftKey);
      tell(say(words.cursor, { x: cursor[0], y: cursor[1] }));
      draw();
    } else if (event.key === " ") place(cursor);
    else if (event.key === "Enter") finish();
    else if (event.key === "Backspace") {
      draft.points.pop();
      draw();
    } else return false;
    return true;
  }
  editor.addEventListener("keydown", (event) => {
    const handle = event.target.closest?.("[data-handle]");
    const stage = event.target.closest?.("[data-editor-view]");
    if (event.key === "Escape" && draft) cancel();
    else if ((event.ctrlKey || event.metaKey) && stage && event.key.toLowerCase() === "z") {
      if (event.shiftKey) step(future, past, words.redone);
      else step(past, future, words.undone);
    } else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (handle && selected ? !handleKey(event, Number(handle.dataset.handle)) : !(draft && event.target === view && drawKey(event))) return;
    event.preventDefault();
  });
  for (const name of ["focus", "blur"]) view.addEventListener(name, () => drawCross(unit()));

  // --- buttons and fields ---
  const scale = (factor) => {
    zoom = Math.min(4, Math.max(1, zoom * factor));
    svg.style.width = `${zoom * 100}%`;
    draw();
  };
  const deeds = {
    finish, cancel, undo: () => step(past, future, words.undone), redo: () => step(future, past, words.redone),
    closer: () => scale(1.5), farther: () => scale(1 / 1.5),
  };
  editor.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (!button) return;
    if (button.dataset.tool) begin(button.dataset.tool);
    else if (button.dataset.do) deeds[button.dataset.do]();
    else if (button.dataset.rowPick !== undefined) {
      if (draft) cancel();
      const row = rowOf(button);
      select(row);
      if (selected) view.scrollIntoView({ block: "nearest" });
    }
  });
  editor.addEventListener("input", (event) => {
    const row = rowOf(event.target);
    if (!row) return;
    if (event.target === field(row)) {
      const points = readPoints(event.target.value);
      event.target.toggleAttribute("aria-invalid", points === null);
      if (points === null) tell(words.unreadable);
    }
    showRow(row);
    draw();
  });
  editor.addEventListener("change", (event) => {
    const row = rowOf(event.target);
    if (!row) {
      dirty = true;
      return;
    }
    if (event.target === box(row, "DELETE")) {
      tell(say(event.target.checked ? words.removed : words.restored, { name: nameOf(row) }));
      if (event.target.checked && row === selected) selected = null;
      showRow(row);
    }
    dirty = true;
    draw();
    note();
  });
  editor.addEventListener("submit", () => { dirty = false; });
  addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
  new ResizeObserver(() => draw()).observe(view);
  rows().forEach(showRow);
  draw();
  buttons();
}

const form = document.querySelector("form[data-editor]");
if (form) start(form);
