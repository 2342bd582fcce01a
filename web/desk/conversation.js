// @ts-check
/** The middle: who this is, the talk itself, and what can be done with it. */
import { h } from "../shared/dom.js";
import { badge } from "./badge.js";
import { closeTalk, handBack, transfer } from "./dialogs.js";
import { icon } from "./icons.js";
import { Messages } from "./messages.js";

/** @param {import("./app.js").App} app @param {import("./composer.js").Composer} composer */
export function makeConversation(app, composer) {
  const { t, store } = app;
  const title = h("h2", { tabindex: "-1" });
  const about = h("p", { class: "about" });
  const tools = h("div", { class: "tools" });
  const head = h("header", { class: "talk-head" }, h("div", { class: "title" }, title, about), tools);
  const messages = new Messages(app);
  const typing = h("p", { class: "typing", role: "status" });
  const gate = h("div", { class: "gate" });
  const none = h("div", { class: "empty nothing" });
  const node = h("section", { class: "talk" }, head, messages.node, typing, gate, composer.node, none);
  let headKey = "";
  let gateKey = "";

  const button = (/** @type {string} */ name, /** @type {string} */ label, /** @type {() => any} */ run, /** @type {string} */ style = "ghost") =>
    h("button", { type: "button", class: style, title: label, onclick: run }, icon(name), h("span", null, label));

  function drawHead() {
    const { rights, talk } = store;
    const facts = store.mine.get(store.current) ?? rights.ticket ?? talk?.brief ?? {};
    const name = facts.name ?? talk?.customer?.name ?? talk?.brief?.customer?.name ?? talk?.collected.who ?? "";
    const kind = facts.kind ?? talk?.brief?.moment?.kind ?? "none";
    const severity = facts.severity ?? talk?.brief?.severity;
    const key = JSON.stringify([store.current, name, kind, severity, rights, facts.sla, talk?.state, store.senior, app.locale]);
    if (key === headKey) return;
    headKey = key;
    title.replaceChildren(severity ? badge(severity, t) : "", h("bdi", null, name || t("customer")), h("span", { class: "lang" }, String(facts.language ?? talk?.locale ?? "").toUpperCase()));
    const driver = talk?.state === "kept" ? "closed" : rights.driver;
    about.replaceChildren(...[h("span", null, t(`kind.${kind}`)),
      driver && !rights.write && h("span", { class: `driver ${driver}` }, t(`driver.${driver}`))].filter(Boolean));
    tools.replaceChildren(...(rights.write && rights.mine ? [
      button("pass", t("transfer"), () => transfer(app)), button("back", t("handBack"), () => handBack(app)),
      button("call", t("callSupervisor"), () => app.actions.callSupervisor()), button("check", t("closeTalk"), () => closeTalk(app), "solid")] : []),
      h("button", { type: "button", class: "plain", "aria-label": t("shut"), title: `${t("shut")} (Esc)`, onclick: () => app.actions.shut() }, icon("close")));
  }

  /** What stands where the composer is when this agent may not write. */
  function drawGate() {
    const { rights, talk } = store;
    const key = JSON.stringify([store.current, rights.accept, rights.join, rights.pull, rights.write, rights.driver, talk?.state, [...app.actions.busy], app.locale]);
    if (key === gateKey) return;
    gateKey = key;
    gate.hidden = rights.write || talk?.state === "loading";
    const busy = app.actions.busy.size > 0;
    const big = (/** @type {string} */ label, /** @type {() => any} */ run, /** @type {string} */ hint = "") => h("button", { type: "button", class: "solid big", disabled: busy, onclick: run }, label, hint && h("kbd", { "aria-hidden": "true" }, hint));
    gate.replaceChildren(...[
      h("p", null, talk?.state === "failed" ? t("openFailed") : talk?.state === "kept" ? t("keptTalk") : rights.accept ? t("gateAccept") : t(`gate.${rights.driver || "closed"}`)),
      rights.note && h("button", { type: "button", class: "quiet", onclick: () => composer.mode("note") }, t("mode.note"), " ", h("kbd", { "aria-hidden": "true" }, "N")),
      rights.accept && big(t("accept"), () => app.actions.accept(rights.ticket), "A"),
      rights.join && big(t("join"), () => app.actions.join()),
      rights.pull && big(t("pull"), () => app.actions.pull()),
      talk?.state === "failed" && big(t("tryNow"), () => app.actions.open(store.current))].filter(Boolean));
  }

  function tick() {
    const { talk } = store;
    const on = Boolean(talk && talk.typing.until > Date.now());
    const words = on ? t("typing", { name: talk?.typing.name || t("customer") }) : "";
    if (typing.textContent !== words) typing.textContent = words;
  }

  return {
    node, tick,
    focus() {
      if (store.rights.write) composer.focus();
      else title.focus({ preventScroll: true });
    },
    render() {
      const talk = store.talk;
      const open = Boolean(talk);
      for (const one of [head, messages.node, typing]) one.hidden = !open;
      if (!open) gate.hidden = true;
      composer.follow();
      composer.node.hidden = !open || !composer.shown;
      none.hidden = open;
      if (!open) {
        headKey = gateKey = "";
        none.replaceChildren(icon("hands"), h("p", null, t(store.line.length ? "nothingOpen" : "nothingWaiting")),
          h("p", { class: "soft" }, h("kbd", null, "J"), h("kbd", null, "K"), ` ${t("nothingKeys")} `, h("kbd", null, "A"), ` ${t("accept")} `, h("kbd", null, "?"), ` ${t("help")}`));
        return;
      }
      drawHead();
      drawGate();
      messages.render();
      composer.render();
      tick();
    },
  };
}
