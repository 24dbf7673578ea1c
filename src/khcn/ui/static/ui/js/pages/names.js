// A box below a list of names (one a line): type a few letters, choose a name that the library knows, and it becomes a
// line of the list. Keys as in the editable combobox of the ARIA practices. Without this script the list is typed by hand.
const shape = document.querySelector("template[data-name-box]");
for (const [number, lines] of document.querySelectorAll("textarea[data-names]").entries()) {
  if (!shape) break;
  const box = shape.content.firstElementChild.cloneNode(true);
  const find = (name) => box.querySelector(`[data-${name}]`);
  const input = find("name-input");
  const list = find("name-list");
  const status = find("name-status");
  input.id = `ten-${number}`;
  list.id = `ten-${number}-ds`;
  find("name-label").htmlFor = input.id;
  find("name-hint").id = `ten-${number}-gy`;
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-describedby", `ten-${number}-gy`);
  lines.closest(".field__control").after(box);

  let wait = 0;
  let asked = 0;
  let at = -1;
  const options = () => [...list.children];
  const say = (key, values = {}) => {
    status.textContent = Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, value), status.dataset[key] || "");
  };
  const close = () => {
    clearTimeout(wait);
    asked += 1;
    at = -1;
    list.hidden = true;
    list.replaceChildren();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const point = (index) => {
    const all = options();
    if (!all.length) return;
    at = (index + all.length) % all.length;
    all.forEach((option, place) => option.setAttribute("aria-selected", String(place === at)));
    input.setAttribute("aria-activedescendant", all[at].id);
    all[at].scrollIntoView({ block: "nearest" });
  };
  const nameOf = (line) => line.split("|")[0].trim().normalize("NFC").toLocaleLowerCase("vi");
  const add = (name, orcid) => {
    const text = name.replaceAll("|", " ").trim();
    if (!text) return;
    const held = lines.value.split("\n").map((line) => line.trim()).filter(Boolean);
    const known = held.some((line) => nameOf(line) === nameOf(text));
    if (!known) {
      lines.value = [...held, orcid ? `${text} | ${orcid}` : text].join("\n");
      lines.dispatchEvent(new Event("input", { bubbles: true }));
    }
    input.value = "";
    close();
    say(known ? "held" : "added", { name: text });
  };
  const show = (items) => {
    list.replaceChildren(...items.map((item, place) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${place}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.append(item.text);
      if (item.about) {
        const about = document.createElement("span");
        about.className = "muted";
        about.textContent = item.about;
        option.append(" ", about);
      }
      option.addEventListener("click", () => add(item.text, item.orcid));
      return option;
    }));
    at = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = items.length === 0;
    input.setAttribute("aria-expanded", String(items.length > 0));
    say(items.length ? "found" : "none", { n: String(items.length) });
  };
  const ask = async () => {
    const typed = input.value.trim();
    const turn = ++asked;
    if (typed.length < 2) return;
    try {
      const answer = await fetch(`${lines.dataset.names}?q=${encodeURIComponent(typed)}`);
      if (!answer.ok || turn !== asked) return;
      const { items } = await answer.json();
      if (turn === asked && document.activeElement === input) show(items);
    } catch { /* no line: the list is typed by hand */ }
  };
  input.addEventListener("input", () => {
    close();
    status.textContent = "";
    wait = setTimeout(ask, 180);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // a Vietnamese input method is at work
    const all = options();
    if (event.key === "Enter") {
      event.preventDefault(); // the form is sent by its button, not from here
      if (at >= 0) all[at].click();
      else add(input.value, "");
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!all.length) ask();
      else point(event.key === "ArrowDown" ? at + 1 : at < 0 ? -1 : at - 1);
    } else if (event.key === "Escape") {
      if (list.hidden) input.value = "";
      close();
    }
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus in the box
  input.addEventListener("blur", close);
  find("name-add").addEventListener("click", () => { add(input.value, ""); input.focus(); });
}
