// @ts-check
/** Ready words: found by a few letters, filled with what is known, never sent by themselves. */
import { h } from "../shared/dom.js";

const MOST = 30;

export class Snippets {
  #app;
  #fill;
  #at = 0;
  /** @type {any[]} */
  #found = [];

  /** @param {import("./app.js").App} app @param {(text: string) => void} fill */
  constructor(app, fill) {
    this.#app = app;
    this.#fill = fill;
    this.search = h("input", { type: "search", role: "combobox", "aria-expanded": "true", "aria-controls": "snippet-list", "aria-label": app.t("snippetSearch"), placeholder: app.t("snippetSearch"), autocomplete: "off" });
    this.list = h("ul", { id: "snippet-list", role: "listbox", "aria-label": app.t("snippets") });
    this.node = h("div", { class: "picker", hidden: true }, this.search, this.list);
    this.search.addEventListener("input", () => this.#draw());
    this.search.addEventListener("keydown", (/** @type {KeyboardEvent} */ e) => this.#key(e));
    this.node.addEventListener("focusout", (/** @type {FocusEvent} */ e) => !this.node.contains(/** @type {Node} */ (e.relatedTarget)) && this.close());
  }

  open() {
    this.node.hidden = false;
    this.search.value = "";
    this.#at = 0;
    this.#draw();
    this.search.focus();
  }

  close() {
    this.node.hidden = true;
  }

  #draw() {
    const { snippets, store, locale, t } = this.#app;
    const language = store.mine.get(store.current)?.language ?? store.talk?.locale ?? locale;
    const words = this.search.value.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (/** @type {any} */ s) => words.every((/** @type {string} */ w) => `${s.title} ${s.text} ${s.id}`.normalize("NFKC").toLowerCase().includes(w));
    this.#found = snippets.filter(fits).sort((a, b) => Number(b.lang === language) - Number(a.lang === language)).slice(0, MOST);
    this.#at = Math.min(this.#at, Math.max(0, this.#found.length - 1));
    this.list.replaceChildren(...this.#found.map((s, i) => h("li", { role: "option", id: `snippet-${i}`, "aria-selected": String(i === this.#at), onmousedown: (/** @type {Event} */ e) => e.preventDefault(), onclick: () => this.#take(s) },
      h("strong", null, s.title), h("span", { class: "lang" }, String(s.lang ?? "").toUpperCase()), h("span", { class: "text" }, this.#filled(s.text)))));
    if (!this.#found.length) this.list.replaceChildren(h("li", { class: "soft", role: "option", "aria-disabled": "true" }, t("snippetNone")));
    this.search.setAttribute("aria-activedescendant", this.#found.length ? `snippet-${this.#at}` : "");
    this.list.children[this.#at]?.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.#at = (this.#at + step + this.#found.length) % Math.max(1, this.#found.length);
    else if (event.key === "Enter") this.#found[this.#at] && this.#take(this.#found[this.#at]);
    else if (event.key === "Escape") {
      this.close();
      this.#app.shell.composer.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
    if (step) this.#draw();
  }

  /** @param {any} snippet */
  #take(snippet) {
    this.close();
    this.#fill(this.#filled(snippet.text));
  }

  /** @param {string} text */
  #filled(text) {
    const { store, company } = this.#app;
    const known = /** @type {Record<string, string | undefined>} */ ({ name: store.mine.get(store.current)?.name ?? store.talk?.collected.who, agent: store.agent.name, company });
    return text.replace(/\{(\w+)\}/g, (whole, name) => known[name] || whole);
  }
}
