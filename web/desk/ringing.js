// @ts-check
/** What rings for me: a card that takes no focus from what I am writing, with the seconds that are left. */
import { h, s } from "../shared/dom.js";
import { badge, heat } from "./badge.js";
import { icon } from "./icons.js";

const ROUND = 2 * Math.PI * 20;

/** @param {import("./app.js").App} app */
export function makeRinging(app) {
  const { t, store } = app;
  const node = h("section", { class: "ringing", "aria-label": t("ringingTitle") });
  let shown = "";

  /** @param {{ticket: any, until: number, total: number}} ring */
  function card({ ticket, until, total }) {
    const arc = s("circle", { class: "arc", cx: 24, cy: 24, r: 20, "stroke-dasharray": ROUND });
    const left = s("text", { x: 24, y: 29, "text-anchor": "middle" });
    return h("div", { class: `ring ${ticket.severity}`, "data-ticket": ticket.ticket, "data-until": until, "data-total": total },
      s("svg", { viewBox: "0 0 48 48", class: "countdown", "aria-hidden": "true" }, s("circle", { cx: 24, cy: 24, r: 20 }), arc, left),
      h("div", { class: "words" }, h("p", { class: "top" }, icon("bell"), h("strong", null, t("ringingTitle")), badge(ticket.severity, t), h("span", null, t(`kind.${ticket.kind}`)), heat(ticket.intensity, t), h("span", { class: "lang" }, String(ticket.language ?? "").toUpperCase())),
        h("p", { class: "preview", dir: "auto" }, ticket.name ? h("strong", null, ticket.name, " ") : null, ticket.abuse ? t("veiled") : ticket.preview || t(`reason.${ticket.reason}`))),
      h("div", { class: "row" }, h("button", { type: "button", class: "solid", onclick: () => app.actions.accept(ticket) }, t("accept"), h("kbd", { "aria-hidden": "true" }, "A")),
        h("button", { type: "button", class: "ghost", onclick: () => app.actions.decline(ticket) }, t("decline"), h("kbd", { "aria-hidden": "true" }, "D"))));
  }

  /** @param {any} alert */
  function notice(alert) {
    const open = alert.conversation && h("button", { type: "button", class: "solid", onclick: () => (store.dismiss(alert.key), app.actions.open(alert.conversation)) }, t("openTalk"));
    return h("div", { class: "ring alert", role: "alert" }, icon("alert"), h("p", { class: "words" }, t(`alert.${alert.kind}`, { name: alert.name ?? alert.agent?.name ?? "" })),
      h("div", { class: "row" }, open, h("button", { type: "button", class: "ghost", onclick: () => (store.dismiss(alert.key), app.refresh()) }, t("dismiss"))));
  }

  function tick() {
    for (const one of node.querySelectorAll("[data-until]")) {
      const left = Math.max(0, Number(one.dataset.until) - Date.now());
      one.querySelector(".arc").setAttribute("stroke-dashoffset", String(ROUND * (1 - left / Number(one.dataset.total))));
      one.querySelector("text").textContent = String(Math.ceil(left / 1000));
    }
  }

  return {
    node, tick,
    render() {
      const rings = [...store.ringing.values()].sort((a, b) => a.until - b.until);
      const key = JSON.stringify([rings.map((r) => r.ticket.ticket), store.alerts.map((a) => a.key), app.locale]);
      if (key === shown) return;
      shown = key;
      node.replaceChildren(...rings.slice(0, 3).map(card), ...store.alerts.map(notice));
      tick();
    },
  };
}
