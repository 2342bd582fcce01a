// @ts-check
/** The keys, on one sheet. */
import { h } from "../shared/dom.js";
import { sheet } from "./sheet.js";

const KEYS = ["j", "k", "Enter", "a", "d", "1–9", "r", "n", "s", "/", "Esc", "?"];
const WRITING = ["Enter", "Shift+Enter", "Alt+1–3", "/"];

/** @param {import("./app.js").App} app */
export function help(app) {
  const { t } = app;
  const rows = (/** @type {string[]} */ keys, /** @type {string} */ prefix) => h("dl", { class: "keys" }, ...keys.flatMap((k) => [h("dt", null, h("kbd", null, k)), h("dd", null, t(`${prefix}.${k}`))]));
  sheet(app, t("keys"), [h("h3", null, t("keysAnywhere")), rows(KEYS, "key"), h("h3", null, t("keysWriting")), rows(WRITING, "write")]);
}
