// Counting by hand at a gate. Every tap is kept on this device at once; the network is only needed at the end.
const saved = document.querySelector("[data-clicker-saved]"); // only now, when the server has it, may it go
if (saved) localStorage.removeItem(`khcn-clicker-${saved.dataset.clickerSaved}`);
const box = document.querySelector("[data-clicker]");
if (box) {
  const KEY = `khcn-clicker-${box.dataset.camera}`;
  const MINUTE = 60000;
  const form = document.querySelector("[data-clicker-form]");
  const said = box.querySelector("[data-clicker-system]");
  const gate = box.querySelector("[data-clicker-gate]");
  const find = (name) => box.querySelector(`[data-clicker-${name}]`);
  const offset = Date.parse(box.dataset.now) - Date.now(); // a phone's clock may be wrong, the server's counts
  const now = () => Date.now() + offset;
  let run = null; // {gate, start, clicks: [[ms, "in" | "out"]], stop}
  let system = null;

  const keep = () => {
    try {
      if (run) localStorage.setItem(KEY, JSON.stringify(run));
      else localStorage.removeItem(KEY);
    } catch { /* private mode: counting goes on, only a reload would lose it */ }
  };
  const counted = (until = Infinity) => {
    const inside = run ? run.clicks.filter(([at]) => at >= run.start && at < until) : [];
    return { in: inside.filter(([, way]) => way === "in").length, out: inside.filter(([, way]) => way === "out").length };
  };
  const tell = (name, values = {}) => {
    const text = said.dataset[name].replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);
    if (said.textContent !== text) said.textContent = text;
  };
  const local = (ms) => {
    const parts = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Ho_Chi_Minh", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });
    return parts.format(new Date(ms)).replace(" ", "T");
  };
  const fill = () => {
    const total = counted(run.stop);
    form.elements.gate.value = run.gate;
    form.elements.start.value = local(run.start);
    form.elements.end.value = local(run.stop);
    form.elements.true_in.value = total.in;
    form.elements.true_out.value = total.out;
    form.elements.clicked.value = "1";
    return total;
  };
  const show = () => {
    const going = Boolean(run && !run.stop);
    const begun = going && now() >= run.start;
    const total = counted(run?.stop || Infinity);
    for (const way of ["in", "out"]) {
      box.querySelector(`[data-count=${way}]`).textContent = String(total[way]);
      box.querySelector(`[data-click=${way}]`).disabled = !begun;
    }
    find("start").hidden = going;
    find("stop").hidden = !going;
    find("undo").disabled = !(begun && run.clicks.length);
    gate.disabled = going;
    if (!run) return;
    const minutes = Math.max(0, Math.floor((now() - run.start) / MINUTE));
    if (run.stop) tell("done", { n: Math.round((run.stop - run.start) / MINUTE), ...total });
    else if (!begun) tell("soon", { n: Math.ceil((run.start - now()) / 1000) });
    else if (system) tell("running", { n: minutes, in: system.in, out: system.out });
    else tell("offline", { n: minutes });
  };
  const click = (way) => {
    if (!run || run.stop || now() < run.start) return;
    run.clicks.push([now(), way]);
    keep();
    navigator.vibrate?.(15);
    show();
  };
  const ask = async () => {
    if (!run || run.stop || now() < run.start + MINUTE) return;
    if (!navigator.onLine) {
      system = null;
      return;
    }
    const until = Math.floor(now() / MINUTE) * MINUTE;
    const query = new URLSearchParams({ cua: run.gate, tu: new Date(run.start).toISOString(), den: new Date(until).toISOString() });
    try {
      const answer = await fetch(`${box.dataset.counts}?${query}`, { credentials: "same-origin" });
      system = answer.ok ? await answer.json() : null;
    } catch {
      system = null;
    }
    show();
  };
  find("start").addEventListener("click", () => {
    run = { gate: gate.value, start: Math.ceil((now() + 2000) / MINUTE) * MINUTE, clicks: [], stop: 0 };
    system = { in: 0, out: 0 };
    keep();
    show();
    box.querySelector("[data-click=in]").focus();
  });
  find("stop").addEventListener("click", () => {
    const until = Math.floor(now() / MINUTE) * MINUTE; // whole minutes, as the system counts them
    if (until <= run.start) {
      if (now() < run.start) {
        run = null;
        keep();
        show();
        tell("waiting");
      } else tell("short");
      return;
    }
    run.stop = until;
    keep();
    fill();
    show();
    form.querySelector("button[type=submit], .buttons .button").focus();
  });
  find("undo").addEventListener("click", () => {
    run.clicks.pop();
    keep();
    show();
  });
  box.addEventListener("click", (event) => {
    const pad = event.target.closest("[data-click]");
    if (pad) click(pad.dataset.click);
  });
  document.addEventListener("keydown", (event) => {
    if (event.repeat || event.target.matches?.("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    const way = { v: "in", r: "out" }[event.key.toLowerCase()];
    if (way) click(way);
  });
  try {
    run = JSON.parse(localStorage.getItem(KEY) || "null");
  } catch {
    run = null;
  }
  if (!document.querySelector("[data-error-summary]") && run?.stop) {
    fill();
    tell("kept");
  }
  addEventListener("beforeunload", (event) => { if (run && !run.stop) event.preventDefault(); });
  setInterval(show, 1000);
  setInterval(ask, 15000);
  show();
}
