// The check-in page of a phone at the gate. What is tapped or scanned goes into a queue on this phone and from there to the
// server, at once or when there is a line again. Each item has a key made here; the server takes a key once. The phone
// keeps ticket codes and what waits; the page with the names is kept by the service worker of this one address.
const root = document.querySelector("[data-check-in]");
if (root) {
  const STORE = `khcn.check-in.${location.pathname}`;
  const CACHE = `khcn-check-in-${location.pathname}`;
  const words = root.dataset;
  const state = root.querySelector("[data-state]");
  const said = root.querySelector("[data-said]");
  const end = root.querySelector("[data-end]");
  let memory = { queue: [], marks: {}, device: "" };
  try {
    const found = JSON.parse(localStorage.getItem(STORE) || "null");
    if (found && Array.isArray(found.queue)) memory = { ...memory, ...found };
  } catch { /* nothing usable was kept */ }
  const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  memory.device = memory.device || fresh().slice(0, 12);
  const save = () => {
    try { localStorage.setItem(STORE, JSON.stringify(memory)); } catch { /* full or forbidden: kept while the page is open */ }
  };
  const row = (ticket) => root.querySelector(`[data-ticket="${CSS.escape(ticket)}"]`);
  const paint = (ticket) => {
    const line = row(ticket);
    if (!line) return;
    line.querySelector("[data-mark]").textContent = words.wordMarked;
    const button = line.querySelector("button");
    if (button) button.hidden = true;
  };
  const show = () => {
    state.textContent = memory.queue.length ? words.wordWaiting.replace("{n}", String(memory.queue.length)) : words.wordSent;
    end.hidden = memory.queue.length > 0;
  };
  const wipe = async (sentence) => {
    localStorage.removeItem(STORE);
    if ("caches" in self) await caches.delete(CACHE);
    const worker = await navigator.serviceWorker?.getRegistration(location.pathname);
    if (worker) await worker.unregister();
    const words = document.createElement("p");
    words.textContent = sentence;
    root.replaceChildren(words);
  };
  let busy = false;
  const send = async () => {
    if (busy || !memory.queue.length || !navigator.onLine) return;
    busy = true;
    try {
      while (memory.queue.length) {
        const items = memory.queue.slice(0, 100);
        const answer = await fetch(words.sync, {
          method: "POST", credentials: "omit", headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ sent_at: Date.now(), device: memory.device, items }),
        });
        if (answer.status === 404) { await wipe(words.wordLost); return; }
        if (!answer.ok) break;
        const { results } = await answer.json();
        const ended = new Set(results.map((one) => one.key));
        const bad = results.filter((one) => one.outcome === "refused" || one.outcome === "unknown");
        memory.queue = memory.queue.filter((one) => !ended.has(one.key));
        said.textContent = bad.length ? `${words.wordRefused} ${bad.map((one) => one.message).join(" ")}` : results.at(-1)?.message || "";
        save();
        if (!ended.size) break;
      }
    } catch { /* no line: what waits stays */ } finally {
      busy = false;
    }
    if (root.contains(state)) show();
  };
  const put = (item) => {
    memory.queue.push({ key: fresh(), at_phone: Date.now(), ...item });
    if (item.ticket) {
      memory.marks[item.ticket] = 1;
      paint(item.ticket);
    }
    save();
    show();
    send();
  };
  const codeIn = (text) => text.trim().split(/[?#]/)[0].replace(/\/+$/, "").split("/").pop().toUpperCase().replace(/[^A-Z0-9]/g, "").slice(0, 24);
  root.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-gate-form]");
    if (!form) return;
    event.preventDefault();
    const data = new FormData(form, event.submitter);
    const count = /^\d{1,5}$/.test(String(data.get("count") || "")) ? Number(data.get("count")) : null;
    if (data.get("walkin")) put({ deed: "walkin", name: String(data.get("name") || ""), count });
    else if (data.get("deed") === "group") put({ deed: "group", ticket: String(data.get("ticket")), count });
    else {
      const ticket = codeIn(String(data.get("ticket") || data.get("code") || ""));
      if (ticket && !(memory.queue.some((one) => one.ticket === ticket))) put({ deed: "present", ticket });
    }
    form.reset();
  });
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase();
  root.querySelector("[data-find]").addEventListener("input", (event) => {
    const wanted = plain(event.target.value);
    for (const line of root.querySelectorAll("[data-people] > [data-ticket]")) line.hidden = !plain(line.textContent).includes(wanted);
  });
  end.addEventListener("click", () => wipe(words.wordEnded));

  const scan = root.querySelector("[data-scan]");
  if ("BarcodeDetector" in self && navigator.mediaDevices) {
    scan.hidden = false;
    scan.addEventListener("click", async () => {
      const video = root.querySelector("[data-video]");
      const detector = new self.BarcodeDetector({ formats: ["qr_code"] });
      try { video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }); } catch { scan.hidden = true; return; }
      video.hidden = false;
      await video.play();
      let last = "";
      setInterval(async () => {
        const [found] = await detector.detect(video).catch(() => []);
        const ticket = found ? codeIn(found.rawValue) : "";
        if (!ticket || ticket === last) return;
        last = ticket;
        put({ deed: "present", ticket, scanned: true });
      }, 400);
    });
  }
  const skew = memory.skew ?? Date.now() - Number(words.now);
  memory.skew = skew;
  const clock = () => Date.now() - skew;
  const ended = () => {
    // What waits is never thrown away by this phone's clock: the server says when a link takes nothing more (404).
    if (clock() > Number(words.ends) && !memory.queue.length) wipe(words.wordEnded);
  };
  Object.keys(memory.marks).forEach(paint);
  save();
  show();
  addEventListener("online", send);
  setInterval(() => { ended(); send(); }, 20000);
  ended();
  send();
  if ("serviceWorker" in navigator && isSecureContext) {
    const known = navigator.onLine ? navigator.serviceWorker.register(words.worker, { scope: location.pathname }) : Promise.resolve();
    known.then(() => navigator.serviceWorker.ready).then(() => {
      root.dataset.ready = "1";
      if (!memory.queue.length && root.contains(state)) state.textContent = words.wordReady;
    }).catch(() => undefined);
  }
}
