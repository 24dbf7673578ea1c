// The viewer beyond what HTML does: zoom and turn, keys, next hit on the page, late boxes, a link to a passage.
const viewer = document.querySelector("[data-viewer]");
if (viewer) {
  const KEYS = "khcn-viewer-keys";
  const find = (name) => viewer.querySelector(`[data-viewer-${name}]`);
  const sheet = find("sheet");
  const status = find("status");
  const remember = (value) => { try { localStorage.setItem(KEYS, value); } catch { /* private mode */ } };
  const keysOn = () => { try { return localStorage.getItem(KEYS) !== "off"; } catch { return true; } };

  // --- zoom and turn ---
  const steps = [1, 1.5, 2, 3, 4];
  let step = 0;
  let turn = 0;
  const layOut = () => {
    const page = sheet.querySelector(".sheet__page");
    const image = page.querySelector("img");
    const free = step > 0 || turn !== 0;
    sheet.classList.toggle("sheet--free", free);
    for (const name of ["width", "left", "top", "transform"]) page.style.removeProperty(name);
    sheet.querySelector(".sheet__room")?.remove();
    if (!free) {
      sheet.removeAttribute("tabindex");
      return;
    }
    if (image.dataset.large && !image.src.endsWith(image.dataset.large)) image.src = image.dataset.large;
    const ratio = Number(image.getAttribute("height")) / Number(image.getAttribute("width"));
    const wide = sheet.clientWidth * steps[step];
    const lying = turn % 180 !== 0;
    const width = lying ? wide / ratio : wide;
    const tall = lying ? width : wide * ratio;
    const room = document.createElement("div");
    room.className = "sheet__room";
    room.style.width = `${wide}px`;
    room.style.height = `${tall}px`;
    sheet.append(room);
    page.style.width = `${width}px`;
    page.style.left = `${(wide - width) / 2}px`;
    page.style.top = `${(tall - width * ratio) / 2}px`;
    page.style.transform = `rotate(${turn}deg)`;
    sheet.tabIndex = 0; // a pane that scrolls is reached by the keyboard
  };
  const acts = {
    in: () => { step = Math.min(step + 1, steps.length - 1); },
    out: () => { step = Math.max(step - 1, 0); },
    fit: () => { step = 0; turn = 0; },
    turn: () => { turn = (turn + 90) % 360; },
  };
  const act = (name) => {
    if (!sheet) return;
    acts[name]();
    layOut();
  };
  if (sheet) {
    const group = find("zoom");
    group.hidden = false;
    group.addEventListener("click", (event) => {
      const button = event.target.closest("[data-act]");
      if (button) act(button.dataset.act);
    });
    addEventListener("resize", layOut);
  }

  // --- pictures that the server had no place to draw yet ---
  for (const image of viewer.querySelectorAll("img")) {
    let left = 4;
    image.addEventListener("error", () => {
      left -= 1;
      if (left > 0) setTimeout(() => { image.src = `${image.src.split("?")[0]}?lan=${left}`; }, (5 - left) * 2000);
    });
  }

  // --- hits of this page, one after the other ---
  let now = 0;
  const show = (number) => {
    for (const old of viewer.querySelectorAll(".is-now")) old.classList.remove("is-now");
    const mark = document.getElementById(`cho-${number}`);
    if (!mark) return false;
    now = number;
    mark.classList.add("is-now");
    mark.tabIndex = -1;
    mark.focus({ preventScroll: true });
    const boxes = viewer.querySelectorAll(`[data-hit="${number}"]`);
    for (const box of boxes) box.classList.add("is-now");
    mark.scrollIntoView({ block: "nearest" });
    boxes[0]?.scrollIntoView({ block: "nearest" });
    return true;
  };
  const hit = (way) => {
    if (show(now + way)) return;
    find(way > 0 ? "hit-after" : "hit-before")?.click();
  };
  const target = /^#cho-(\d+)$/.exec(location.hash);
  if (target) show(Number(target[1]));
  // What a page says from the start is not announced; saying it again is.
  if (status) {
    const said = status.textContent;
    status.textContent = "";
    setTimeout(() => { status.textContent = said; }, 300);
  }

  // --- boxes that were not ready with the page ---
  const marks = find("marks");
  const draw = (boxes) => {
    for (const { x, y, width, height, kind } of boxes) {
      const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      const values = { x, y, width, height, class: `sheet__mark sheet__mark--${kind}` };
      for (const [name, value] of Object.entries(values)) rect.setAttribute(name, value);
      marks.append(rect);
    }
  };
  const ask = async (left) => {
    const answer = await fetch(marks.dataset.viewerMarks + location.search);
    if (!answer.ok) return;
    const { ready, boxes } = await answer.json();
    if (ready) draw(boxes);
    else if (left > 0) setTimeout(() => ask(left - 1).catch(() => {}), 4000);
  };
  if (marks) ask(3).catch(() => {});

  // --- a link to what is selected ---
  const text = find("text");
  const share = find("share");
  if (text && share) {
    const button = share.querySelector("button");
    const told = share.querySelector("[role=status]");
    let passage = "";
    const length = (node, offset) => {
      const range = document.createRange();
      range.selectNodeContents(text);
      range.setEnd(node, offset);
      return [...range.toString()].length; // the server counts characters, not UTF-16 units
    };
    document.addEventListener("selectionchange", () => {
      const chosen = getSelection();
      const range = chosen.rangeCount ? chosen.getRangeAt(0) : null;
      const inside = range && !range.collapsed && text.contains(range.startContainer) && text.contains(range.endContainer);
      if (inside) {
        passage = `${length(range.startContainer, range.startOffset)}-${length(range.endContainer, range.endOffset)}`;
        told.textContent = "";
      }
      if (inside || !share.contains(document.activeElement)) share.hidden = !inside;
    });
    button.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
    button.addEventListener("click", async () => {
      const link = `${text.dataset.share}?doan=${passage}#doan`;
      try {
        await navigator.clipboard.writeText(link);
        told.textContent = button.dataset.done;
      } catch {
        told.textContent = `${button.dataset.failed} ${link}`;
      }
    });
  }

  // --- keys ---
  const help = find("help");
  const open = find("keys");
  const wish = viewer.querySelector("[data-viewer-keys-on]");
  open.hidden = false;
  wish.checked = keysOn();
  wish.addEventListener("change", () => remember(wish.checked ? "on" : "off"));
  open.addEventListener("click", () => help.showModal());
  const keys = {
    ArrowLeft: () => viewer.querySelector("a[rel=prev]")?.click(),
    ArrowRight: () => viewer.querySelector("a[rel=next]")?.click(),
    "+": () => act("in"),
    "=": () => act("in"),
    "-": () => act("out"),
    0: () => act("fit"),
    r: () => act("turn"),
    n: () => hit(1),
    p: () => hit(-1),
    "/": () => { const box = find("search"); box.focus(); box.select(); },
    "?": () => help.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    const at = event.target;
    const typing = at instanceof Element && at.closest("input, textarea, select, dialog, [contenteditable]");
    const scrolling = at === sheet && event.key.startsWith("Arrow");
    if (event.ctrlKey || event.metaKey || event.altKey || typing || scrolling || !keysOn()) return;
    const deed = keys[event.key];
    if (!deed) return;
    event.preventDefault();
    deed();
  });
}
