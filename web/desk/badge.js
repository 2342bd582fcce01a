// @ts-check
/** Small marks: severity, language, how charged. */
import { h } from "../shared/dom.js";

const SEVERITIES = new Set(["p1", "p2", "p3", "p4"]);

/** @param {string} severity @param {import("../shared/i18n.js").Translate} t */
export function badge(severity, t) {
  const known = SEVERITIES.has(severity) ? severity : "p4";
  return h("span", { class: `badge ${known}`, title: t(`severity.${known}`) }, h("span", { "aria-hidden": "true" }, known.toUpperCase()), h("span", { class: "unseen" }, t(`severity.${known}`)));
}

/** Five steps instead of a decimal that nobody can compare. @param {number} intensity 0–1 @param {import("../shared/i18n.js").Translate} t */
export function heat(intensity, t) {
  const level = Math.min(5, Math.max(1, Math.ceil(intensity * 5)));
  return h("span", { class: `heat h${level}`, role: "img", "aria-label": t("heat", { n: level }), title: t("heat", { n: level }) }, ...Array.from({ length: 5 }, (_, i) => h("i", { class: i < level ? "on" : null })));
}
