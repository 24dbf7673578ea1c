// Says at once when a chosen file is too large, before it travels. Without this script the server says the same.
const LIMIT = 50 * 1024 * 1024;
for (const input of document.querySelectorAll('input[type="file"][name="files"]')) {
  input.addEventListener("change", () => {
    const heavy = [...input.files].find((file) => file.size > LIMIT);
    input.setCustomValidity(heavy ? `${heavy.name}: ${input.dataset.heavy}` : "");
    if (heavy) input.reportValidity();
  });
  input.form?.addEventListener("submit", (event) => {
    if (!input.checkValidity()) {
      event.preventDefault();
      input.reportValidity();
    }
  });
}
