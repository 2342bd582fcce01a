// @ts-check
/** The brief as an agent reads it in ten seconds: why, what was given at once, where things stand, what was promised. */
import { h } from "../shared/dom.js";
import { icon } from "./icons.js";
import { word } from "./items.js";
import { openPage } from "./pages.js";

const AROUND = 40; // characters shown around the words that decided
const MARKS = /\*\*|__|`|\s?\[\d{1,2}\]/g;

/** Words of an entry that may be a string or an object. @param {any} entry @returns {string} */
export function words(entry) {
  if (entry == null) return "";
  if (typeof entry !== "object") return String(entry);
  return String(entry.text ?? entry.quote ?? entry.question ?? entry.title ?? entry.name ?? "");
}

/** @param {import("./app.js").App} app */
export function makeBrief(app) {
  const { t, store } = app;
  const node = h("div", { class: "brief" });
  let shown = "";
  return {
    node,
    render() {
      const talk = store.talk;
      const brief = talk?.brief;
      const key = JSON.stringify([store.current, brief, app.locale, talk?.state, Object.keys(talk?.collected ?? {}).length, talk?.byMessage.size]);
      if (key === shown) return;
      shown = key;
      if (!brief) return node.replaceChildren(h("section", { class: "panel" }, h("h3", null, t("brief")), h("p", { class: "soft" }, t(talk?.state === "loading" ? "loading" : "briefNone"))));
      app.actions.briefed();
      node.replaceChildren(...[why(app, brief), given(app, brief), summary(app, brief), promises(app, brief), collected(app, brief), knowledge(app, brief)].filter(Boolean));
    },
  };
}

/** @param {import("./app.js").App} app @param {any} brief */
function why(app, brief) {
  const { t } = app;
  const reason = brief.reason ?? {};
  const evidence = quotes(app, reason.evidence ?? []);
  return h("section", { class: "panel why" }, h("h3", null, t("brief.reason")),
    h("p", { class: "reason" }, h("strong", null, word(t, "reason", reason.code ?? "")), reason.by && h("small", null, t("brief.by", { by: t(`by.${reason.by}`) }))),
    reason.text && !evidence.length ? h("p", null, reason.text) : null, ...evidence,
    brief.summary?.tone_advice && h("p", { class: "tone" }, icon("hands"), h("span", null, words(brief.summary.tone_advice))));
}

/** The customer's words, with those that decided marked: one quote per message. @param {import("./app.js").App} app @param {any[]} evidence */
function quotes(app, evidence) {
  /** @type {Map<string, any[]>} */
  const byMessage = new Map();
  for (const e of evidence) byMessage.set(e.message, [...(byMessage.get(e.message) ?? []), e]);
  return [...byMessage].map(([message, spans]) => quote(app, message, spans)).filter(Boolean);
}

/** @param {import("./app.js").App} app @param {string} message @param {any[]} spans offsets in code points */
function quote(app, message, spans) {
  const item = app.store.talk?.byMessage.get(message);
  if (item?.abuse && !item.opened) return null;
  const points = [...(item?.text ?? "")];
  if (!points.length) return h("blockquote", null, h("mark", null, spans.map((s) => s.quote ?? "").join("…")));
  const deciding = points.map((_, i) => spans.some((s) => i >= s.start && i < s.end));
  const [from, to] = [Math.max(0, deciding.indexOf(true) - AROUND), Math.min(points.length, deciding.lastIndexOf(true) + AROUND)];
  /** @type {(Node | string)[]} */
  const parts = [];
  for (let i = from, end = from; i < to; i = end) {
    while (end < to && deciding[end] === deciding[i]) end += 1;
    const text = points.slice(i, end).join("");
    parts.push(deciding[i] ? h("mark", null, text) : text);
  }
  return h("blockquote", null, from ? "…" : "", ...parts, to < points.length ? "…" : "", item && jump(app, message));
}

/** @param {import("./app.js").App} app @param {string} message */
function jump(app, message) {
  if (!message) return null;
  return h("button", { type: "button", class: "jump", "aria-label": app.t("goTo"), title: app.t("goTo"), onclick: () => app.goTo?.(message) }, icon("open"));
}

/** @param {import("./app.js").App} app @param {any} brief */
function given(app, brief) {
  const steps = brief.urgent_steps_given ?? [];
  if (!steps.length) return null;
  return h("section", { class: "panel urgent" }, h("h3", null, icon("check"), app.t("brief.urgent")),
    h("ul", null, ...steps.map((/** @type {any} */ s) => h("li", null, s?.code && h("strong", null, word(app.t, "urgent", s.code)), s?.message && jump(app, s.message), h("span", { class: "given" }, words(s).replace(MARKS, ""))))));
}

/** @param {import("./app.js").App} app @param {any} brief */
function summary(app, brief) {
  const { t } = app;
  const sum = brief.summary ?? {};
  const list = (/** @type {string} */ name, /** @type {any[]} */ entries) => (entries?.length ? [h("dt", null, t(`brief.${name}`)), h("dd", { class: name }, h("ul", null, ...entries.map((e) => h("li", null, h("span", { dir: "auto" }, words(e)), e?.message && jump(app, e.message)))))] : []);
  const line = (/** @type {string} */ name, /** @type {any} */ value) => (words(value) ? [h("dt", null, t(`brief.${name}`)), h("dd", { class: name, dir: "auto" }, words(value), value.message && jump(app, value.message))] : []);
  const rows = [...line("issue", sum.issue), ...(words(sum.goal) === words(sum.issue) ? [] : line("goal", sum.goal)), ...list("facts", sum.facts), ...list("tried", sum.tried), ...list("unresolved", sum.unresolved), ...list("gaps", brief.gaps)];
  return h("section", { class: "panel" }, h("h3", null, t("brief.summary")), rows.length ? h("dl", null, ...rows) : h("p", { class: "soft" }, t("brief.thin")));
}

/** @param {import("./app.js").App} app @param {any} brief */
function promises(app, brief) {
  const { t } = app;
  const made = brief.promises ?? [];
  return h("section", { class: "panel promises" }, h("h3", null, icon("pin"), t("brief.promises")),
    made.length ? h("ul", null, ...made.map((/** @type {any} */ p) => h("li", null, h("q", { dir: "auto" }, words(p).replace(MARKS, "")), p.by && h("small", null, t(`by.${p.by}`)), p.message && jump(app, p.message)))) : h("p", { class: "soft" }, t("brief.noPromises")));
}

/** @param {import("./app.js").App} app @param {any} brief */
function collected(app, brief) {
  const { t } = app;
  const known = Object.entries({ ...brief.collected, ...app.store.talk?.collected }).filter(([, v]) => words(v));
  if (!known.length) return null;
  return h("section", { class: "panel" }, h("h3", null, t("brief.collected")),
    h("dl", { class: "pairs" }, ...known.flatMap(([k, v]) => [h("dt", null, word(t, "collect", k)), h("dd", { dir: "auto" }, words(v))])));
}

/** @param {import("./app.js").App} app @param {any} brief */
function knowledge(app, brief) {
  const pages = brief.knowledge ?? [];
  if (!pages.length) return null;
  return h("section", { class: "panel" }, h("h3", null, app.t("brief.knowledge")),
    h("ul", { class: "pages" }, ...pages.map((/** @type {any} */ p) => h("li", null, openPage(p, p.title || p.page)))));
}
