// @ts-check
/** Service clocks: a chip that counts down, warns and turns red; it says when it rests. */
import { h } from "../shared/dom.js";
import { countdown } from "./time.js";

/** @param {any} sla @param {"first" | "next"} which @param {import("./app.js").App} app */
export function clockChip(sla, which, app) {
  const due = sla?.[`${which}_response_due`] ?? sla?.due;
  const state = sla?.state ?? "none";
  if (!due) return state === "paused" ? h("span", { class: "sla paused" }, app.t("sla.paused")) : h("span");
  return h("span", { class: `sla ${state}`, title: app.t(`sla.${which}`) }, h("span", { class: "unseen" }, app.t(`sla.${which}`)),
    state === "paused" ? app.t("sla.paused") : h("time", { "data-due": due, role: "timer" }, countdown(new Date(due).getTime() - Date.now())));
}

/** Moves every clock below a node on. @param {HTMLElement} node */
export function runClock(node) {
  for (const one of node.querySelectorAll("[data-due]")) {
    const left = new Date(/** @type {HTMLElement} */ (one).dataset.due ?? "").getTime() - Date.now();
    one.textContent = countdown(left);
    if (left < 0) one.parentElement?.classList.replace("ok", "breached");
  }
}
