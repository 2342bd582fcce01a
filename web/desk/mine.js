// @ts-check
/** My conversations: who wrote last, what is unread, which clock runs. */
import { h } from "../shared/dom.js";
import { badge } from "./badge.js";
import { clockChip, runClock } from "./clocks.js";
import { when } from "./time.js";

/** @param {import("./app.js").App} app */
export function makeMine(app) {
  const { t, store } = app;
  const list = h("ul", { class: "mine-list" });
  const heading = h("h2", null, t("mine"), h("span", { class: "count" }));
  const node = h("section", { class: "mine", "aria-label": t("mine") }, heading, list);
  let shown = "";

  /** @param {any} conv @param {number} index */
  function row(conv, index) {
    const unread = store.unread(conv.conversation);
    const current = conv.conversation === store.current;
    const last = conv.last ?? {};
    const who = last.from === "visitor" || last.from?.kind === "visitor" ? "" : `${t("sent.prefix")} `;
    return h("li", null, h("button", { type: "button", class: `conv ${unread ? "unread" : ""}`, "data-conversation": conv.conversation, "aria-current": current ? "true" : null, onclick: () => app.actions.open(conv.conversation) },
      h("span", { class: "top" }, badge(conv.severity, t), h("strong", { dir: "auto" }, conv.name || t("customer")), h("span", { class: "kind" }, t(`kind.${conv.kind}`)),
        unread ? h("span", { class: "unread-count", "aria-label": t("unread", { n: unread }) }, String(unread)) : index < 9 && h("kbd", { "aria-hidden": "true" }, String(index + 1))),
      h("span", { class: "last", dir: "auto" }, last.text ? who + last.text : ""),
      h("span", { class: "foot" }, last.at ? h("time", null, when(last.at, app.locale)) : h("span"), clockChip(conv.sla, "next", app))));
  }

  return {
    node,
    /** @param {number} n */
    open(n) {
      const id = [...store.mine.keys()][n];
      if (id) void app.actions.open(id);
    },
    tick: () => runClock(list),
    render() {
      const all = [...store.mine.values()];
      const now = JSON.stringify([store.current, all.map((c) => [c, store.unread(c.conversation)])]);
      if (now === shown) return;
      shown = now;
      heading.querySelector(".count").textContent = String(all.length || "");
      const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset?.conversation;
      list.replaceChildren(...(all.length ? all.map(row) : [h("li", { class: "empty" }, t("mineEmpty"))]));
      if (focused) list.querySelector(`[data-conversation="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
      runClock(list);
    },
  };
}
