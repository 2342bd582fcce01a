// @ts-check
/** The top: the face, who this is, that it is an AI, what it is doing; settings and close. */
import { h } from "../shared/dom.js";
import { icon } from "./icons.js";

export class Header {
  #app;

  /** @param {import("./frame.js").App} app */
  constructor(app) {
    this.#app = app;
    const { t } = app;
    this.name = h("span", { class: "name" });
    this.human = h("span", { class: "human-face", "aria-hidden": "true", hidden: true });
    this.badge = h("span", { class: "badge" });
    this.role = h("span", { class: "role" });
    this.status = h("span", { class: "status" });
    this.menuButton = h("button", { type: "button", class: "plain", "aria-label": t("settings"), title: t("settings"), "aria-expanded": "false", "aria-controls": "menu", onclick: () => this.toggleMenu() }, icon("menu"));
    const close = app.closable && h("button", { type: "button", class: "plain close", "aria-label": t("close"), title: t("close"), onclick: () => app.actions.close() }, icon("close"));
    this.menu = h("div", { id: "menu", class: "menu", hidden: true, role: "group", "aria-label": t("settings") });
    this.node = h("header", { class: "header" }, app.stage.node, this.human,
      h("div", { class: "identity" }, h("h1", null, this.name, this.badge), this.role, this.status), h("div", { class: "tools" }, this.menuButton, close), this.menu);
  }

  render() {
    const { store, t, name } = this.#app;
    const human = store.driver === "agent" && store.agent;
    set(this.name, human || name);
    set(this.badge, human ? t("agentRole") : t("ai"));
    this.badge.classList.toggle("human", Boolean(human));
    set(this.role, human ? "" : store.session?.persona?.role ?? "");
    set(this.status, this.#doing());
    set(this.human, [...(human || "")][0] ?? "");
    this.human.hidden = !human;
    this.#app.stage.node.hidden = Boolean(human); // a person speaks: the character does not stand in for them
  }

  #doing() {
    const { store, t, client, stage } = this.#app;
    if (client.state !== "ready") return client.state === "connecting" || client.state === "idle" ? t("connecting") : "";
    if (store.typing) return t("agentTyping", { name: store.typing });
    return store.driver === "agent" ? "" : t(stage.pose);
  }

  /** @param {boolean} [on] @returns {boolean} whether it was open */
  toggleMenu(on = this.menu.hidden) {
    const was = !this.menu.hidden;
    this.menu.hidden = !on;
    this.menuButton.setAttribute("aria-expanded", String(on));
    if (on) {
      void Promise.all([import("./menu.js"), this.#app.more()]).then(([{ choices }]) => {
        this.menu.replaceChildren(...choices(this.#app, () => void this.toggleMenu(false)));
        this.menu.querySelector("select")?.focus();
      });
    } else if (was) this.menuButton.focus();
    return was;
  }
}

/** @param {HTMLElement} node @param {string} text */
function set(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
