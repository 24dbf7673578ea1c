// A second tap does not send the form twice. After ten seconds, or after "back", the button works again.
const release = (form) => {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[data-guarded]")) {
    button.removeAttribute("aria-disabled");
    delete button.dataset.guarded;
  }
};
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.dataset.guard === "off") return;
  if (form.dataset.sent !== undefined) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "";
  const button = event.submitter;
  if (button) {
    button.setAttribute("aria-disabled", "true");
    button.dataset.guarded = "";
  }
  setTimeout(() => release(form), 10000);
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) release(form);
});
