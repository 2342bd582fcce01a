// @ts-check
/** The bar on top: whether we are connected and open, whether I take talks, and my settings. */
import { h } from "../shared/dom.js";
import { help } from "./help.js";
import { icon } from "./icons.js";
import { makeSettings } from "./settings.js";
import { span } from "./time.js";

/** @param {import("./app.js").App} app */
export function makeBar(app) {
  const { t, store, link } = app;
  const duty = h("span", { class: "duty" });
  const toggle = h("button", { type: "button", class: "presence", role: "switch", onclick: () => app.actions.presence(store.presence === "available" ? "away" : "available") },
    h("i", { "aria-hidden": "true" }), h("span"));
  const settings = makeSettings(app);
  const banner = h("div", { class: "banner", role: "status" });
  const name = h("span", { class: "who" }, store.agent.name, store.senior && h("small", null, t(`role.${store.agent.role}`)));
  const node = h("header", { class: "bar" },
    h("div", { class: "brand" }, icon("hands"), h("h1", null, t("product"))), duty,
    h("div", { class: "tools" }, toggle, name,
      h("button", { type: "button", class: "plain", "aria-label": t("help"), title: `${t("help")} (?)`, onclick: () => help(app) }, icon("help")), settings.node),
    banner);

  function connection() {
    const entries = link.outbox.entries.filter((e) => e.state === "sending").length;
    const lost = link.state === "waiting" || (link.state === "connecting" && store.ready);
    const text = link.state === "stopped" ? t(link.code === 4009 ? "replaced" : link.code === 4003 ? "noRole" : "stopped")
      : lost ? `${t("reconnecting", { wait: link.retryAt > Date.now() ? span(link.retryAt - Date.now(), app.locale) : "…" })}${entries ? ` ${t("keptUnsent", { n: entries })}` : ""}` : "";
    banner.hidden = !text;
    banner.classList.toggle("bad", link.state === "stopped");
    if (banner.dataset.text === text) return;
    banner.dataset.text = text;
    banner.replaceChildren(h("span", null, text), h("button", { type: "button", onclick: () => link.again() }, t("tryNow")));
  }

  return {
    node,
    tick: connection,
    render() {
      connection();
      const on = store.presence === "available";
      toggle.setAttribute("aria-checked", String(on));
      toggle.disabled = link.state !== "ready";
      toggle.lastChild.textContent = t(on ? "available" : "away");
      duty.classList.toggle("shut", !store.duty.open);
      duty.textContent = store.duty.open ? t("open") : store.duty.opens ? t("shutUntil", { at: store.duty.opens }) : t("dutyShut");
    },
  };
}
