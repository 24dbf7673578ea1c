// Light, dark or as the device: the form works alone; here the change happens without loading the page again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-theme-switch]") || !event.submitter) return;
  event.preventDefault();
  const choice = event.submitter.value;
  const secure = location.protocol === "https:" ? ";Secure" : "";
  document.cookie = `khcn_theme=${choice};path=/;max-age=31536000;SameSite=Lax${secure}`;
  if (choice === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
  for (const button of document.querySelectorAll("form[data-theme-switch] button")) {
    button.setAttribute("aria-pressed", String(button.value === choice));
  }
});
