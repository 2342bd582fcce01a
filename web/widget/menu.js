// @ts-check
/** The visitor's own settings, fetched when they are first opened. */
import { h } from "../shared/dom.js";
import { icon } from "./icons.js";

/** @param {import("./frame.js").App} app @param {() => void} shut @returns {Node[]} */
export function choices(app, shut) {
  const { t, settings, locale, actions } = app;
  const option = (/** @type {string} */ value, /** @type {string} */ words, /** @type {string} */ now) => h("option", { value, selected: value === now }, words);
  const pick = (/** @type {string} */ words, /** @type {any[]} */ options, /** @type {(v: string) => void} */ set_) =>
    h("label", null, h("span", null, words), h("select", { onchange: (/** @type {any} */ e) => set_(e.target.value) }, ...options));
  const tick = (/** @type {string} */ name) =>
    h("label", { class: "switch" }, h("span", null, t(name)), h("input", { type: "checkbox", role: "switch", checked: Boolean(settings[name]), onchange: (/** @type {any} */ e) => actions.set(name, e.target.checked) }));
  return [
    pick(t("language"), [option("ja", "日本語", locale), option("en", "English", locale)], actions.language),
    pick(t("theme"), ["auto", "light", "dark"].map((v) => option(v, t(`theme${v[0].toUpperCase()}${v.slice(1)}`), settings.theme)), (v) => actions.set("theme", v)),
    tick("voice"), tick("captions"), tick("textOnly"),
    h("button", { type: "button", class: "ghost", onclick: () => void (shut(), actions.fresh()) }, icon("again"), t("fresh")),
  ];
}
