// @ts-check
/** What this person likes: language, brightness, and which signals may disturb them. */
import { h } from "../shared/dom.js";
import { icon } from "./icons.js";

/** @param {import("./app.js").App} app */
export function makeSettings(app) {
  const { t, settings } = app;
  const open = h("button", { type: "button", class: "plain", "aria-label": t("settings"), title: t("settings"), "aria-expanded": "false", "aria-controls": "settings", onclick: () => toggle() }, icon("gear"));
  const check = (/** @type {"sound" | "title" | "notify"} */ key, /** @type {(on: boolean) => any} */ then = () => {}) => {
    const box = h("input", { type: "checkbox", role: "switch", checked: settings[key] });
    box.checked = settings[key];
    box.addEventListener("change", async () => {
      settings[key] = box.checked;
      await then(box.checked);
      box.checked = settings[key];
      app.dress();
    });
    return h("label", null, t(`set.${key}`), box);
  };
  const choice = (/** @type {string} */ label, /** @type {[string, string][]} */ options, /** @type {string} */ now, /** @type {(v: string) => void} */ pick) => {
    const select = h("select", null, ...options.map(([value, text]) => h("option", { value, selected: value === now }, text)));
    select.addEventListener("change", () => pick(select.value));
    return h("label", null, label, select);
  };
  const menu = h("div", { class: "menu", id: "settings", role: "group", "aria-label": t("settings"), hidden: true },
    choice("言語 / Language", [["ja", "日本語"], ["en", "English"]], app.locale, (v) => void app.speak(v)),
    choice(t("theme"), [["auto", t("themeAuto")], ["light", t("themeLight")], ["dark", t("themeDark")]], settings.theme, (v) => {
      settings.theme = v;
      app.dress();
    }),
    check("sound", (on) => on && app.signals.tone("message")),
    check("title"),
    check("notify", async (on) => {
      if (!on) return;
      settings.notify = "Notification" in window && (await Notification.requestPermission()) === "granted";
      if (!settings.notify) app.toast(t("notifyDenied"), "warn");
    }),
    h("button", { type: "button", class: "ghost", onclick: () => app.actions.signOut() }, t("signOut")));
  const node = h("div", { class: "settings" }, open, menu);

  /** @param {boolean} [to] */
  function toggle(to = menu.hidden) {
    menu.hidden = !to;
    open.setAttribute("aria-expanded", String(to));
    if (to) menu.querySelector("select").focus();
  }

  node.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape" || menu.hidden) return;
    event.stopPropagation();
    toggle(false);
    open.focus();
  });
  node.addEventListener("focusout", (/** @type {FocusEvent} */ event) => {
    if (event.relatedTarget && !node.contains(/** @type {Node} */ (event.relatedTarget))) toggle(false);
  });
  return { node };
}
