// Proposals under a search box: the browser's own list, filled from the address in data-suggest.
const waits = new WeakMap();
document.addEventListener("input", (event) => {
  const box = event.target;
  if (!(box instanceof HTMLInputElement) || !box.dataset.suggest || !box.list) return;
  clearTimeout(waits.get(box));
  const typed = box.value.trim();
  if (typed.length < 2) return;
  waits.set(box, setTimeout(async () => {
    try {
      const answer = await fetch(`${box.dataset.suggest}?q=${encodeURIComponent(typed)}`);
      if (!answer.ok || box.value.trim() !== typed) return;
      const { items } = await answer.json();
      box.list.replaceChildren(...items.map(({ text }) => new Option("", text)));
    } catch { /* no proposals: the search itself still works */ }
  }, 180));
});
