// @ts-check
/** The human side, fetched when it is first needed: the place in the line, other ways to be reached, how it went. */
import { h } from "../shared/dom.js";
import { button } from "./cards.js";
import { icon } from "./icons.js";

/** @typedef {import("./frame.js").App} App */

/** @param {[number, number] | null | undefined} wait seconds @param {App["t"]} t */
export function waitWords(wait, t) {
  if (!wait) return t("waitUnknown");
  const lo = Math.max(1, Math.floor(wait[0] / 60));
  const hi = Math.max(lo, Math.ceil(wait[1] / 60));
  return lo === hi ? t("waitOne", { n: lo }) : t("wait", { lo, hi });
}

/** The place in the line, docked above the composer. @param {App} app */
export function queueCard(app) {
  const { t, store, actions, name } = app;
  const { queue, driver } = store;
  const shut = queue?.open === false;
  const title = shut ? t("shut") : t(driver === "ringing" ? "ringing" : "queueTitle");
  const place = queue?.position && !shut
    ? h("p", { class: "place" }, h("strong", null, t("position", { n: queue.position })),
        h("span", null, queue.ahead ? t("ahead", { n: queue.ahead }) : t("next")), h("span", null, waitWords(queue.wait_s, t)))
    : null;
  const others = [["email", "mail", "email"], ["callback", "phone", "callback"]].filter(([choice]) => store.contact !== choice);
  return h("section", { class: `card queue${driver === "ringing" ? " ringing" : ""}`, "aria-label": title },
    h("p", { class: "title", role: "status" }, shut ? icon("person") : h("span", { class: "pulse", "aria-hidden": "true" }), title), place,
    shut && queue.opens ? h("p", null, t("opens", { when: queue.opens })) : null,
    h("p", { class: "small" }, shut ? t("shutHelp") : `${t("kept")} ${t("helps", { name })}`),
    store.contact && store.contact !== "wait" ? h("p", { class: "done" }, icon("check"), t(store.contact === "email" ? "contactEmail" : "contactCallback")) : null,
    h("div", { class: "row" }, ...others.map(([choice, picture, words]) => button(t(words), "ghost", () => app.openContact(choice), picture)),
      shut && !store.contact ? button(t("wait_"), "ghost", () => actions.contact({ choice: "wait" })) : null,
      button(t("leave"), "quiet", actions.leave)));
}

/** @param {App} app @param {string} choice email | callback */
export function contactForm(app, choice) {
  const { t, actions, store } = app;
  const email = choice === "email";
  const windows = store.queue?.windows?.length ? store.queue.windows : ["anyTime", "morning", "afternoon", "evening"].map((k) => t(k));
  const input = h("input", email
    ? { type: "email", autocomplete: "email", inputmode: "email", required: true, id: "reach" }
    : { type: "tel", autocomplete: "tel", inputmode: "tel", required: true, id: "reach", pattern: "[+]?[0-9\\(\\)\\- ]{9,20}" });
  const when = h("select", { id: "when" }, ...windows.map((/** @type {string} */ w) => h("option", { value: w }, w)));
  const wrong = h("p", { class: "why", role: "alert" });
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!input.checkValidity()) {
      wrong.textContent = t(email ? "emailBad" : "phoneBad");
      input.setAttribute("aria-invalid", "true");
      return input.focus();
    }
    actions.contact(email ? { choice, email: input.value.trim() } : { choice, phone: input.value.trim(), window: when.value });
  };
  return h("form", { class: "card contact", novalidate: true, onsubmit: submit }, h("p", { class: "title" }, icon(email ? "mail" : "phone"), t(choice)),
    h("label", { for: "reach" }, t(email ? "emailLabel" : "phoneLabel")), input, email ? null : h("label", { for: "when" }, t("windowLabel")), email ? null : when, wrong,
    h("div", { class: "row" }, h("button", { type: "submit", class: "solid" }, t("submit")), button(t("back_"), "quiet", () => app.openContact(""))));
}

/** One tap each; nothing is required. @param {App} app */
export function feedbackCard(app) {
  const { t, store, actions } = app;
  const { feedback } = store;
  if (feedback.satisfaction && (feedback.comment || app.skipped.comment)) return h("section", { class: "card feedback" }, h("p", { class: "done" }, icon("check"), t("feedbackThanks")));
  if (feedback.satisfaction) return commentForm(app);
  const kind = feedback.effort || app.skipped.effort ? "satisfaction" : "effort";
  const words = kind === "effort" ? ["effortLow", "effortHigh"] : ["satLow", "satHigh"];
  const scale = [1, 2, 3, 4, 5].map((value) => h("button", { type: "button", class: "score", "aria-label": `${value} / 5`, onclick: () => actions.feedback({ kind, value, conversation: true }) }, String(value)));
  return h("section", { class: "card feedback", "aria-label": t(kind) }, h("p", { class: "title" }, t(kind)), h("div", { class: "scale", role: "group", "aria-label": t(kind) }, ...scale),
    h("p", { class: "ends" }, h("span", null, t(words[0])), h("span", null, t(words[1]))), button(t("skip"), "quiet", () => app.skip(kind)));
}

/** @param {App} app */
function commentForm(app) {
  const { t, store, actions } = app;
  const input = h("textarea", { rows: "2", "aria-label": t("comment"), placeholder: t("comment"), maxlength: "1000" });
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (input.value.trim()) actions.feedback({ kind: "satisfaction", value: Number(store.feedback.satisfaction), conversation: true, comment: input.value.trim() });
    app.skip("comment");
  };
  return h("form", { class: "card feedback", onsubmit: submit }, h("p", { class: "done" }, icon("check"), t("thanks")), input,
    h("div", { class: "row" }, h("button", { type: "submit", class: "solid" }, t("commentSend")), button(t("skip"), "quiet", () => app.skip("comment"))));
}
