// @ts-check
/** Suggested replies above the field, each with its sources. Taking one fills the field; only the agent sends. */
import { h } from "../shared/dom.js";
import { icon } from "./icons.js";
import { openPage } from "./pages.js";

export class Suggestions {
  #app;
  #take;
  #shown = "";

  /** @param {import("./app.js").App} app @param {(item: any) => void} take */
  constructor(app, take) {
    this.#app = app;
    this.#take = take;
    this.node = h("div", { class: "suggestions", role: "group", "aria-label": app.t("suggestions") });
  }

  /** @param {boolean} write */
  render(write) {
    const { store, t, locale } = this.#app;
    const { suggestions, asking } = store.talk ?? {};
    const items = write ? suggestions?.items ?? [] : [];
    const key = JSON.stringify([store.current, items, asking, Boolean(suggestions), locale]);
    if (key === this.#shown) return;
    this.#shown = key;
    this.node.hidden = !write || (!items.length && !asking && !suggestions);
    const close = h("button", { type: "button", class: "plain", "aria-label": t("close"), onclick: () => this.#dismiss() }, icon("close"));
    const words = asking ? t("suggesting") : items.length ? t("suggestions") : t("suggestNone");
    this.node.replaceChildren(h("div", { class: "top" }, icon("light"), h("strong", { role: "status" }, words), h("small", null, items.length ? t("suggestHint") : ""), close),
      h("div", { class: "cards" }, ...items.slice(0, 3).map((item, i) => this.#card(item, i))));
  }

  /** @param {number} n */
  pick(n) {
    const item = this.#app.store.talk?.suggestions?.items[n];
    if (item) this.#take(item);
  }

  /** @param {any} item @param {number} i */
  #card(item, i) {
    const { t } = this.#app;
    const cited = (item.citations ?? []).map((/** @type {any} */ c) => openPage(c, `[${c.n}] ${c.title ?? c.page}`));
    return h("div", { class: "suggestion" },
      h("button", { type: "button", class: "take", title: t("suggestTake"), onclick: () => this.pick(i) }, h("kbd", { "aria-hidden": "true" }, `Alt ${i + 1}`), h("span", { dir: "auto" }, item.text)),
      h("div", { class: "cited" }, typeof item.strength === "number" && h("span", { class: "strength" }, t("strength", { n: Math.round(item.strength * 100) })), ...cited));
  }

  #dismiss() {
    const { talk } = this.#app.store;
    if (talk) talk.suggestions = null;
    this.#app.refresh();
    this.#app.shell.composer.focus();
  }
}
