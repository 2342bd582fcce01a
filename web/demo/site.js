// @ts-check
/** The bank's own script: what a site does with the widget is ask it something, open it, and pass a context. */

if (new URLSearchParams(location.search).get("lang") === "en" && !location.pathname.endsWith("en.html")) location.replace(new URL("en.html", location.href));

document.addEventListener("click", (event) => {
  const button = /** @type {Element} */ (event.target).closest("[data-ask], [data-open]");
  const { Omotenashi } = /** @type {any} */ (window);
  if (!button || !Omotenashi) return;
  const words = button.getAttribute("data-ask");
  if (words) Omotenashi.ask(words);
  else Omotenashi.open();
});

// The assistant learns which page is open, nothing else: a site decides what it passes.
document.addEventListener("omotenashi:available", () => /** @type {any} */ (window).Omotenashi.context({ url: location.pathname }));
