// @ts-check
/** One entry of the transcript. What customers write is text and nothing else. */
import { h } from "../shared/dom.js";
import { clock, day } from "../shared/i18n.js";
import { renderMarkdown } from "../shared/render.js";
import { chips, sources } from "../widget/citations.js";
import { heat } from "./badge.js";
import { icon } from "./icons.js";

/** @typedef {import("./talk.js").Item} Item */
/** @typedef {{node: HTMLElement, update(item: Item): void}} View */

/** @param {import("./app.js").App} app @param {Item} item @returns {View} */
export function makeItem(app, item) {
  return MAKERS[item.kind](app, item);
}

/** @type {Record<string, (app: import("./app.js").App, item: Item) => View>} */
const MAKERS = {
  message: makeMessage,
  day: (app, item) => still(h("div", { class: "line day" }, day(item.at, app.locale))),
  note: (app, item) => still(note(app, item.name ?? "", item.text, h("time", null, clock(item.at, app.locale)))),
  line: (app, item) => still(h("div", { class: `line ${(item.line ?? "").replace(".", "-")}` }, h("span", null, sentence(app, item)), h("time", null, clock(item.at, app.locale)))),
};

/** @param {HTMLElement} node @returns {View} */
function still(node) {
  return { node, update() {} };
}

/** @param {import("./app.js").App} app @param {string} name @param {string} text @param {Node} foot */
function note(app, name, text, foot) {
  return h("article", { class: "note", "aria-label": app.t("noteBy", { name }) },
    h("div", { class: "who" }, icon("lock"), h("bdi", null, name || app.store.agent.name), h("small", null, app.t("noteOnly"))), h("div", { class: "body", dir: "auto" }, text), h("div", { class: "foot" }, foot));
}

/** @param {import("./app.js").App} app @param {Item} item */
function sentence(app, { line = "", name = "", data = {} }) {
  const { t } = app;
  if (line === "feedback.given") return t(`fact.feedback.${data.kind}`, { value: data.value === "up" ? t("up") : data.value === "down" ? t("down") : data.value }) + (data.comment ? `「${data.comment}」` : "");
  if (line === "collect.given") return t("fact.collect.given", { key: word(t, "collect", data.key), value: data.value });
  if (line === "handoff.requested") return t("fact.handoff.requested", { by: t(`by.${data.by}`), reason: t(`reason.${data.reason}`) });
  if (line === "handoff.contact") return t(`fact.contact.${data.choice}`, { to: data.email ?? data.phone ?? "" });
  if (line === "handoff.released") return t(`fact.released.${data.to === "assistant" ? "assistant" : "line"}`);
  if (line === "conversation.closed") return t("fact.conversation.closed", { outcome: data.outcome ? word(t, "outcome", data.outcome) : "" });
  return t(`fact.${line}`, { name });
}

/** A word of a closed list, or the thing itself. @param {import("../shared/i18n.js").Translate} t @param {string} list @param {string} key */
export function word(t, list, key) {
  const found = t(`${list}.${key}`);
  return found === `${list}.${key}` ? key : found;
}

/** @param {import("./app.js").App} app @param {Item} first @returns {View} */
function makeMessage(app, first) {
  const { t } = app;
  const from = first.from ?? "system";
  const own = from === "visitor" ? app.store.mine.get(app.store.current)?.name || t("customer") : from === "assistant" ? app.persona || t("assistant") : first.name || t("system");
  const body = h("div", { class: "body", dir: "auto" });
  const bubble = h("div", { class: "bubble" }, body);
  const foot = h("div", { class: "foot" });
  const node = h("article", { class: `message ${from}`, "data-message": first.message, "aria-label": t("says", { name: own }) },
    h("div", { class: "who" }, h("bdi", null, own), from === "assistant" && h("small", null, t("ai"))), bubble, foot);
  return { node, update: (item) => write(app, item, node, bubble, body, foot) };
}

/** @param {import("./app.js").App} app @param {Item} item @param {HTMLElement} node @param {HTMLElement} bubble @param {any} body @param {HTMLElement} foot */
function write(app, item, node, bubble, body, foot) {
  const { t } = app;
  const growing = item.status === "growing";
  node.classList.toggle("growing", growing);
  if (item.status === "redacted") body.replaceChildren(h("em", null, t("redacted")));
  else if (item.abuse && !item.opened) body.replaceChildren(veil(app, item));
  else if (item.from === "visitor") body.replaceChildren(item.text);
  else renderMarkdown(body, item.text, { cite: chips(item.citations ?? [], t), growing });
  bubble.querySelector(".sources")?.remove();
  if (item.citations?.length) bubble.append(sources(item.citations, t));
  const { moment } = item;
  const charged = moment && (moment.kind !== "none" || moment.intensity >= 0.5);
  const ended = item.status === "cancelled" || item.status === "interrupted" ? h("span", { class: "ended" }, t(item.status)) : null;
  foot.replaceChildren(h("time", { datetime: item.at }, clock(item.at, app.locale)), ...(ended ? [ended] : []), ...(item.read ? [h("span", { class: "read" }, t("seenBy"))] : []),
    ...(charged ? [h("span", { class: "moment" }, heat(moment.intensity, t), moment.kind === "none" ? "" : t(`kind.${moment.kind}`))] : []));
}

/** Words that hurt are one click away, and the click is written down. @param {import("./app.js").App} app @param {Item} item */
function veil(app, item) {
  return h("button", { type: "button", class: "veil", title: app.t("veilHint"), onclick: () => app.actions.unveil(item) }, icon("eye"), app.t("veilOpen"));
}

/** Mine, but not confirmed. @param {import("./app.js").App} app @param {import("../shared/outbox.js").Entry} entry */
export function makePending(app, entry) {
  const { t } = app;
  const failed = entry.state === "failed";
  const foot = failed
    ? h("span", { class: "row" }, h("span", { class: "bad" }, entry.error || t("notSent")), h("button", { type: "button", class: "ghost", onclick: () => app.link.retry(entry.txn) }, t("sendAgain")),
      h("button", { type: "button", class: "ghost", onclick: () => app.link.discard(entry.txn) }, t("discard")))
    : h("span", null, t(`state.${entry.state}`));
  if (entry.type === "note.add") return note(app, app.store.agent.name, entry.data.text, foot);
  return h("article", { class: `message agent own ${entry.state}`, "aria-label": t("says", { name: app.store.agent.name }) },
    h("div", { class: "bubble" }, h("div", { class: "body", dir: "auto" }, entry.data.text)), h("div", { class: "foot" }, foot));
}
