// @ts-check
/** One entry of the transcript as a node that can be updated in place. */
import { h } from "../shared/dom.js";
import { clock, day } from "../shared/i18n.js";
import { renderMarkdown } from "../shared/render.js";
import { chips, sources } from "./citations.js";
import { icon } from "./icons.js";

/** @typedef {import("./store.js").Item} Item */
/** @typedef {{node: HTMLElement, update(item: Item): void}} View */

/** @param {import("./frame.js").App} app @param {Item} item @returns {View} */
export function makeItem(app, item) {
  return MAKERS[item.kind](app, item);
}

/** @type {Record<string, (app: import("./frame.js").App, item: Item) => View>} */
const MAKERS = {
  message: makeMessage,
  day: (app, item) => still(h("div", { class: "line day" }, day(item.at, app.locale))),
  line: (app, item) => still(h("div", { class: `line ${item.line}` }, h("span", null, app.t(item.line ?? "", { name: item.name ?? "" })), h("time", null, clock(item.at, app.locale)))),
  failed: (app, item) => still(h("div", { class: "card failed" },
    h("p", null, icon("alert"), item.text || app.t("runFailed")),
    h("div", { class: "row" },
      h("button", { type: "button", class: "ghost", onclick: () => app.actions.askAgain() }, icon("again"), app.t("retry")),
      item.offer !== null && h("button", { type: "button", class: "solid", onclick: () => app.actions.person() }, icon("person"), app.t("person"))))),
};

/** @param {HTMLElement} node @returns {View} */
function still(node) {
  return { node, update() {} };
}

/** @param {import("./frame.js").App} app @param {Item} first @returns {View} */
function makeMessage(app, first) {
  const from = first.from ?? "system";
  const body = h("div", { class: "body", dir: "auto" });
  const bubble = h("div", { class: "bubble" }, body);
  const foot = h("div", { class: "foot" });
  const who = label(app, from, first.name);
  const node = h("article", { class: `message ${from}`, "aria-label": app.t("says", { who, text: "" }) });
  if (from === "agent") node.append(h("div", { class: "who" }, h("span", { class: "initial", "aria-hidden": "true" }, [...(first.name ?? "?")][0]), who, h("small", null, app.t("agentRole"))));
  node.append(bubble, foot);
  return { node, update: (item) => write(app, item, { node, body, bubble, foot }) };
}

/** @param {import("./frame.js").App} app @param {string} from @param {string} [name] */
export function label(app, from, name) {
  if (from === "visitor") return app.t("you");
  return name || (from === "agent" ? app.t("agentRole") : app.name);
}

/** @param {import("./frame.js").App} app @param {Item} item @param {Record<string, HTMLElement>} parts */
function write(app, item, { node, body, bubble, foot }) {
  const growing = item.status === "growing";
  node.classList.toggle("growing", growing);
  node.classList.toggle("urgent", Boolean(item.urgent));
  node.hidden = !item.text && !growing && item.status !== "redacted";
  if (item.status === "redacted") body.replaceChildren(h("em", null, app.t("redacted")));
  else if (item.from === "visitor") body.replaceChildren(item.text);
  else if (growing && !item.text) body.replaceChildren(h("span", { class: "dots", role: "img", "aria-label": app.t("thinking") }, h("i"), h("i"), h("i")));
  else {
    if (body.querySelector(".dots")) body.replaceChildren();
    renderMarkdown(body, item.text, { cite: chips(item.citations ?? [], app.t), growing });
  }
  bubble.querySelector(".sources")?.remove();
  if (item.citations?.length) bubble.append(sources(item.citations, app.t));
  foot.replaceChildren(...(growing ? [] : footer(app, item)));
}

/** @param {import("./frame.js").App} app @param {Item} item @returns {Node[]} */
function footer(app, item) {
  const time = h("time", { datetime: item.at }, clock(item.at, app.locale));
  if (item.from === "visitor") return [h("span", null, app.t("sent")), time];
  const note = item.status === "cancelled" || item.status === "interrupted" ? [h("span", { class: "note" }, app.t(item.status))] : [];
  if (item.from !== "assistant" || item.status === "redacted") return [...note, time];
  const copy = h("button", { type: "button", class: "plain copy", "aria-label": app.t("copy"), title: app.t("copy"), onclick: () => app.actions.copy(item.text, copy) }, icon("copy"));
  return [...note, time, copy, thumb(app, item, "good", "up"), thumb(app, item, "bad", "down")];
}

/** @param {import("./frame.js").App} app @param {Item} item @param {string} name @param {string} value */
function thumb(app, item, name, value) {
  const give = () => app.actions.feedback({ kind: "answer", message: item.message, value });
  return h("button", { type: "button", class: "plain", "aria-label": app.t(name), title: app.t(name), "aria-pressed": item.given === value, onclick: give }, icon(name));
}

/** A message of ours that no fact confirms yet. @param {import("./frame.js").App} app @param {import("../shared/outbox.js").Entry} entry */
export function makePending(app, entry) {
  const failed = entry.state === "failed";
  const foot = failed
    ? [h("button", { type: "button", class: "retry", onclick: () => app.client.retry(entry.txn) }, icon("again"), app.t("failed")),
       h("button", { type: "button", class: "retry", onclick: () => app.client.discard(entry.txn) }, app.t("discard"))]
    : [h("span", null, app.t(entry.state))];
  return h("article", { class: `message visitor ${entry.state}`, "aria-label": app.t("you") },
    h("div", { class: "bubble" }, h("div", { class: "body", dir: "auto" }, entry.data.text)),
    entry.error ? h("div", { class: "why" }, entry.error) : null, h("div", { class: "foot" }, ...foot));
}
