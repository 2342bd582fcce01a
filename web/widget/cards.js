// @ts-check
/** What may stand below the newest message: things to tap instead of typing, and the offer of a person. */
import { h } from "../shared/dom.js";
import { icon } from "./icons.js";

/** @typedef {import("./frame.js").App} App */

/** @param {string} words @param {string} kind class of the button @param {() => void} onclick @param {string} [picture] */
export function button(words, kind, onclick, picture) {
  return h("button", { type: "button", class: kind, onclick }, picture ? icon(picture) : null, words);
}

/** @param {App} app */
export function offerCard(app) {
  const { t, actions } = app;
  return h("section", { class: "card offer", "aria-label": t("offer") }, h("p", { class: "title" }, icon("person"), t("offer")), h("p", null, t("offerKept")),
    h("div", { class: "row" }, button(t("yes"), "solid", actions.person), button(t("no"), "ghost", actions.notNow)));
}

/** @param {App} app @param {string[]} replies */
export function quickReplies(app, replies) {
  return h("div", { class: "quick" }, ...replies.slice(0, 6).map((text) => button(text, "chip", () => app.actions.send(text))));
}
