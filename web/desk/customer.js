// @ts-check
/** Who the customer is and what was before. */
import { h } from "../shared/dom.js";
import { word } from "./items.js";
import { when } from "./time.js";

/** @param {import("./app.js").App} app */
export function makeCustomer(app) {
  const { t, store } = app;
  const node = h("section", { class: "panel customer" });
  let shown = "";
  return {
    node,
    render() {
      const talk = store.talk;
      const conv = store.mine.get(store.current) ?? store.ticketOf(store.current) ?? {};
      const who = { ...talk?.brief?.customer, ...talk?.customer };
      const key = JSON.stringify([store.current, conv.name, conv.contact, who, talk?.earlier, app.locale]);
      if (key === shown) return;
      shown = key;
      const pairs = [["name", who.name ?? conv.name], ["verified", who.verified == null ? null : t(who.verified ? "yes" : "no")], ["language", who.language ?? conv.language ?? talk?.locale],
        ["ref", who.ref ?? conv.visitor], ["contact", conv.contact ? [t(`contact.${conv.contact.choice}`), conv.contact.email ?? conv.contact.phone, conv.contact.window].filter(Boolean).join(" ") : null]].filter(([, v]) => v);
      node.replaceChildren(h("h3", null, t("customerIs")),
        h("dl", { class: "pairs" }, ...pairs.flatMap(([k, v]) => [h("dt", null, t(`customer.${k}`)), h("dd", { dir: "auto", class: k }, String(v))])),
        h("h4", null, t("earlier")), ...earlier(app, talk?.earlier));
    },
  };
}

/** @param {import("./app.js").App} app @param {any[] | null | undefined} list */
function earlier(app, list) {
  const { t, locale } = app;
  if (!list?.length) return [h("p", { class: "soft" }, t("earlierNone"))];
  return [h("ul", { class: "earlier" }, ...list.map((c) => h("li", null, h("button", { type: "button", onclick: () => app.actions.open(c.conversation, { kept: true }) },
    h("time", null, when(c.updated_at ?? c.created_at, locale)), h("span", null, t(`kind.${c.kind ?? "none"}`)), c.outcome && h("small", null, word(t, "outcome", c.outcome)), c.last && h("span", { class: "last", dir: "auto" }, c.last?.text ?? c.last)))))];
}
