// @ts-check
/** The right column: how charged it is, what the brief says, who the customer is. */
import { h } from "../shared/dom.js";
import { makeBrief } from "./brief.js";
import { runClock, clockChip } from "./clocks.js";
import { makeCurve } from "./curve.js";
import { makeCustomer } from "./customer.js";

/** @param {import("./app.js").App} app */
export function makeSide(app) {
  const { t, store } = app;
  const clocks = h("div", { class: "clocks" });
  const curve = makeCurve(app);
  const brief = makeBrief(app);
  const customer = makeCustomer(app);
  const full = h("div", { class: "side" }, h("section", { class: "panel now", "aria-label": t("now") }, clocks, curve.node), brief.node, customer.node);
  const none = h("p", { class: "empty" }, t("sideEmpty"));
  const node = h("div", null, full, none);
  return {
    node,
    tick: () => runClock(clocks),
    render() {
      const talk = store.talk;
      full.hidden = !talk;
      none.hidden = Boolean(talk);
      if (!talk) return;
      const facts = store.mine.get(talk.id) ?? store.ticketOf(talk.id);
      const which = store.mine.has(talk.id) ? "next" : "first";
      const key = JSON.stringify([talk.id, facts?.sla, app.locale]);
      if (clocks.dataset.key !== key) {
        clocks.dataset.key = key;
        clocks.hidden = !facts?.sla;
        clocks.replaceChildren(h("span", null, t(`sla.${which}`)), clockChip(facts?.sla, which, app));
        runClock(clocks);
      }
      curve.render();
      brief.render();
      customer.render();
    },
  };
}
