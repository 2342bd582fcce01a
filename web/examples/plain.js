// @ts-check
/** What a page does with the widget: pass what the assistant may know, ask in the visitor's name, hear what happens. */
const { Omotenashi } = /** @type {any} */ (window);

Omotenashi.context({ url: location.pathname, order: "A-1024" });
document.getElementById("help")?.addEventListener("click", () => Omotenashi.ask("この注文はいつ届きますか"));
Omotenashi.on("handoff", (/** @type {{state: string}} */ { state }) => document.body.classList.toggle("talking-to-staff", state === "agent"));
