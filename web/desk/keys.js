// @ts-check
/** The keyboard: single letters outside of text fields, Escape everywhere. */
import { help } from "./help.js";

/** @param {import("./app.js").App} app @param {AbortSignal} signal */
export function listenKeys(app, signal) {
  /** @type {Record<string, () => any>} */
  const keys = {
    j: () => app.shell.line.move(1),
    k: () => app.shell.line.move(-1),
    Enter: () => app.shell.line.openChosen(),
    a: () => app.actions.accept(),
    d: () => [...app.store.ringing.values()].slice(0, 1).map((r) => app.actions.decline(r.ticket)),
    n: () => app.shell.composer.mode("note"),
    r: () => app.shell.composer.mode("reply"),
    s: () => app.actions.suggest(),
    "/": () => app.shell.search(),
    "?": () => help(app),
    Escape: () => app.actions.shut(),
  };
  for (let n = 1; n <= 9; n += 1) keys[n] = () => app.shell.mineOpen(n - 1);

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.closest("dialog[open]")) return;
    const writing = target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (writing) {
      // Escape leaves the field, not the conversation.
      if (event.key === "Escape") target.blur();
      return;
    }
    if (event.key === "Enter" && target.matches("button, a, summary")) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }, { signal });
}
