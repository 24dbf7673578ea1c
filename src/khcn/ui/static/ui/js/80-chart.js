// An interactive chart only when asked for: the Vega bundle is large, so the page carries a still picture and a table.
let vega;
const load = (address) => {
  vega ||= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", () => resolve(window.khcnVega));
    script.addEventListener("error", () => {
      vega = undefined;
      reject(new Error("bundle"));
    });
    document.head.append(script);
  });
  return vega;
};
document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element && event.target.closest("[data-chart-live]");
  if (!button) return;
  const figure = button.closest("[data-chart]");
  const target = figure.querySelector("[data-chart-target]");
  button.setAttribute("aria-disabled", "true");
  try {
    let text = document.getElementById(button.dataset.chartLive).textContent;
    const tokens = getComputedStyle(document.documentElement);
    for (const [colour, token] of JSON.parse(text).colours) {
      text = text.replaceAll(`"${colour}"`, `"${tokens.getPropertyValue(`--${token}`).trim()}"`);
    }
    const data = JSON.parse(text);
    const embed = await load(button.dataset.bundle);
    target.hidden = false;
    await embed(target, { ...data.spec, width: "container", autosize: { type: "fit-x", contains: "padding" } }, {
      ast: true,
      actions: false,
      renderer: "canvas",
      defaultStyle: false,
      tooltip: { disableDefaultStyle: true, theme: "khcn" },
      formatLocale: data.number,
      timeFormatLocale: data.time,
    });
    for (const still of figure.querySelectorAll("[data-chart-still]")) still.hidden = true;
    button.hidden = true;
  } catch {
    target.hidden = true;
    button.removeAttribute("aria-disabled");
    figure.querySelector("[data-chart-status]").textContent = button.dataset.failed;
  }
});
