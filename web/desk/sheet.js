// @ts-check
/** A sheet over the page: a real dialog, so that focus stays in it and comes back. */
import { h } from "../shared/dom.js";
import { icon } from "./icons.js";

let count = 0;

/**
 * @param {import("./app.js").App} app @param {string} title @param {Node[]} body
 * @param {{label: string, run(): Promise<boolean> | boolean, bad?: boolean}} [confirm] gives whether the sheet may close
 */
export function sheet(app, title, body, confirm) {
  const id = `sheet-${(count += 1)}`;
  const submit = confirm && h("button", { type: "submit", class: `solid ${confirm.bad ? "bad" : ""}` }, confirm.label);
  const form = h("form", { method: "dialog" },
    h("div", { class: "top" }, h("h2", { id }, title), h("button", { type: "button", class: "plain", "aria-label": app.t("close"), onclick: () => dialog.close() }, icon("close"))),
    ...body,
    confirm && h("div", { class: "row end" }, h("button", { type: "button", class: "ghost", onclick: () => dialog.close() }, app.t("cancel")), submit));
  const dialog = h("dialog", { class: "sheet", "aria-labelledby": id }, form);
  const before = /** @type {HTMLElement | null} */ (document.activeElement);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before?.isConnected) before.focus({ preventScroll: true });
  });
  dialog.addEventListener("click", (/** @type {Event} */ event) => event.target === dialog && dialog.close());
  form.addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!confirm) return dialog.close();
    submit.disabled = true;
    if (await confirm.run()) dialog.close();
    submit.disabled = false;
  });
  document.body.append(dialog);
  dialog.showModal();
  const first = form.querySelector("select, textarea, input");
  if (first) first.focus();
  return dialog;
}
