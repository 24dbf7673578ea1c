// "Copy" puts the text of its block on the clipboard and says so.
const copyText = async (text) => {
  if (navigator.clipboard && isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("copy refused");
  return undefined;
};
document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element && event.target.closest("[data-copy]");
  if (!button) return;
  const block = button.closest("[data-copy-block]");
  const status = block.querySelector("[data-copy-status]");
  try {
    await copyText(block.querySelector("[data-copy-text]").textContent.trim());
    status.textContent = button.dataset.done;
  } catch {
    status.textContent = button.dataset.failed;
  }
});
