// @ts-check
/** The sheets behind transfer, handing back and closing. What was typed stays until the server has said yes. */
import { h } from "../shared/dom.js";
import { word } from "./items.js";
import { sheet } from "./sheet.js";

export const OUTCOMES = ["solved", "followup", "informed", "referred", "unsolved", "abuse"];
const FOLLOW_UP_DAYS = 3;

/** @param {import("./app.js").App} app @param {string} id @param {string} label @param {string} [value] */
function area(app, id, label, value = "") {
  const field = h("textarea", { id, rows: "3", maxlength: "4000" });
  field.value = value;
  return { field, nodes: [h("label", { for: id }, label), field] };
}

/** Runs a command; the sheet closes only when it was done. @param {import("./app.js").App} app @param {string} command @param {object} data */
async function settle(app, command, data) {
  let done = false;
  await app.actions.settle(command, data, () => (done = true));
  return done;
}

/** To a person, to a team, or to whoever is next. @param {import("./app.js").App} app */
export function transfer(app) {
  const { t, store } = app;
  const others = store.team.filter((m) => m.id !== store.agent.id && m.role !== "editor");
  const teams = [...new Set(store.team.map((m) => m.team).filter(Boolean))];
  const select = h("select", { id: "to" },
    others.length ? h("optgroup", { label: t("people") }, ...others.map((m) => h("option", { value: `agent ${m.id}`, disabled: m.presence !== "available" }, t("personLoad", { name: m.name, state: t(m.presence), load: t("load", { n: m.load }) })))) : null,
    teams.length ? h("optgroup", { label: t("teams") }, ...teams.map((n) => h("option", { value: `team ${n}` }, n))) : null,
    h("optgroup", { label: t("line") }, h("option", { value: "line" }, t("toLine"))));
  select.value = [...select.options].find((o) => !o.disabled)?.value ?? "line";
  const note = area(app, "transfer-note", t("transferNote"));
  sheet(app, t("transfer"), [h("p", { class: "soft" }, t("transferHint")), h("label", { for: "to" }, t("transferTo")), select, ...note.nodes], {
    label: t("transfer"),
    run: () => {
      const [kind, ...id] = select.value.split(" ");
      const text = note.field.value.trim();
      if (kind !== "line") return settle(app, "handoff.transfer", { [kind]: id.join(" "), note: text || undefined });
      if (text) app.actions.note(text);
      return settle(app, "handoff.release", { to: "line" });
    },
  });
}

/** @param {import("./app.js").App} app */
export function handBack(app) {
  const { t } = app;
  const summary = area(app, "summary", t("handBackSummary"));
  sheet(app, t("handBack"), [h("p", { class: "soft" }, t("handBackHint")), ...summary.nodes],
    { label: t("handBack"), run: () => settle(app, "handoff.release", { to: "assistant", summary: summary.field.value.trim() }) });
}

/** @param {import("./app.js").App} app */
export function closeTalk(app) {
  const { t } = app;
  const outcome = h("select", { id: "outcome" }, ...OUTCOMES.map((o) => h("option", { value: o }, word(t, "outcome", o))));
  const note = area(app, "close-note", t("closeNote"));
  const follow = h("input", { type: "checkbox", id: "follow" });
  const days = h("input", { type: "number", id: "days", min: "1", max: "365", value: String(FOLLOW_UP_DAYS) });
  const mail = area(app, "follow-text", t("followText"));
  const more = h("div", { class: "more" }, h("label", { for: "days" }, t("followDays")), days, ...mail.nodes);
  more.hidden = true;
  follow.addEventListener("change", () => (more.hidden = !follow.checked));
  sheet(app, t("closeTalk"), [h("p", { class: "soft" }, t("closeHint")), h("label", { for: "outcome" }, t("outcome")), outcome, ...note.nodes,
    h("label", { class: "check" }, follow, t("follow")), more], {
    label: t("closeTalk"),
    run: () => settle(app, "handoff.close", { outcome: outcome.value, note: note.field.value.trim() || undefined,
      followup: follow.checked ? { days: Number(days.value) || FOLLOW_UP_DAYS, text: mail.field.value.trim() } : undefined }),
  });
}
