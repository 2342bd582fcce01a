// @ts-check
/** Who is on duty with which load; a supervisor may look into any conversation from here. */
import { h } from "../shared/dom.js";
import { badge } from "./badge.js";
import { word } from "./items.js";
import { switcher } from "./line.js";
import { when } from "./time.js";

const STATES = ["open", "closed"];

/** @param {import("./app.js").App} app */
export function makeTeam(app) {
  const { t, store } = app;
  const people = h("ul", { class: "people" });
  const talks = h("ul", { class: "earlier" });
  const state = h("select", { "aria-label": t("whichTalks") }, ...STATES.map((s) => h("option", { value: s }, t(`talks.${s}`))));
  const fresh = h("button", { type: "button", class: "ghost", onclick: () => load() }, t("refresh"));
  const any = h("div", { class: "any" }, h("h3", null, t("anyTalk")), h("div", { class: "row" }, state, fresh), talks);
  const node = h("section", { class: "team-column", "aria-label": t("team") }, h("div", { class: "head" }, switcher(app)), people, any);
  let shown = "";
  let loaded = "";
  state.addEventListener("change", () => load());

  async function load() {
    loaded = state.value;
    let list;
    try {
      list = (await app.api.get(`conversations?state=${encodeURIComponent(state.value)}`)).conversations;
    } catch (why) {
      return talks.replaceChildren(h("li", { class: "soft" }, /** @type {any} */ (why).message || t("unreachable")));
    }
    talks.replaceChildren(...(list.length ? list.map(row) : [h("li", { class: "soft" }, t("noneHere"))]));
  }

  /** @param {any} c */
  function row(c) {
    const kept = state.value === "closed";
    return h("li", null, h("button", { type: "button", onclick: () => app.actions.open(c.conversation, { kept }) },
      c.severity && badge(c.severity, t), h("span", null, t(`kind.${c.kind ?? "none"}`)), h("time", null, when(c.updated_at, app.locale)),
      h("small", null, [store.team.find((m) => m.id === c.agent)?.name, t(`driver.${c.driver}`), c.outcome && word(t, "outcome", c.outcome)].filter(Boolean).join(" · "))));
  }

  return {
    node,
    render() {
      any.hidden = !store.senior;
      if (store.senior && !loaded) void load();
      const key = JSON.stringify([store.team, app.locale]);
      if (key === shown) return;
      shown = key;
      const order = ["available", "away", "gone"];
      const team = [...store.team].sort((a, b) => order.indexOf(a.presence) - order.indexOf(b.presence) || a.load - b.load);
      people.replaceChildren(...(team.length ? team.map((m) => h("li", { class: m.presence }, h("i", { class: "dot", "aria-hidden": "true" }), h("strong", null, m.name), m.id === store.agent.id && h("small", null, t("me")),
        m.role !== "agent" && m.id !== store.agent.id && h("small", null, word(t, "role", m.role)), h("span", { class: m.presence === "available" ? "unseen" : "state" }, t(m.presence)), h("span", { class: "load" }, t("load", { n: m.load })))) : [h("li", { class: "soft" }, t("noneHere"))]));
    },
  };
}
