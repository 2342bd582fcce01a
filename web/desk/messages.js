// @ts-check
/** The transcript: keeps its nodes, stays at the end while the agent is at the end. */
import { h } from "../shared/dom.js";
import { makeItem, makePending } from "./items.js";

const NEAR = 80; // px from the end that count as being at the end

export class Messages {
  #app;
  #list;
  #pending;
  #older;
  #newer;
  #scroller;
  /** @type {Map<string, {node: HTMLElement, update(item: any): void, key: string}>} */
  #views = new Map();
  #shown = "";
  #locale = "";
  #pendingKey = "";

  /** @param {import("./app.js").App} app */
  constructor(app) {
    const { t } = app;
    this.#app = app;
    this.#list = h("div", { class: "list" });
    this.#pending = h("div", { class: "list pending" });
    this.#older = h("button", { type: "button", class: "ghost older", onclick: () => app.store.talk && app.actions.whole(app.store.talk) }, t("older"));
    this.#newer = h("button", { type: "button", class: "newer", onclick: () => this.toEnd() }, t("newer"));
    this.#newer.hidden = true;
    this.#scroller = h("div", { class: "scroller", tabindex: "0", role: "log", "aria-live": "off", "aria-label": t("transcript") }, this.#older, this.#list, this.#pending);
    this.#scroller.addEventListener("scroll", () => (this.#newer.hidden = this.#atEnd()), { passive: true });
    this.node = h("div", { class: "messages" }, this.#scroller, this.#newer);
    new ResizeObserver(() => this.#newer.hidden && this.toEnd()).observe(this.#scroller);
    app.goTo = (/** @type {string} */ message) => this.#goTo(message);
  }

  toEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#newer.hidden = true;
  }

  render() {
    const { store, locale } = this.#app;
    const talk = store.talk;
    if (!talk) return;
    const fresh = this.#shown !== talk.id || this.#locale !== locale;
    if (fresh) {
      this.#views.clear();
      this.#list.replaceChildren();
      this.#pendingKey = "";
    }
    this.#shown = talk.id;
    this.#locale = locale;
    const end = fresh || this.#atEnd();
    this.#older.hidden = !talk.partial;
    const keys = new Set();
    const read = talk.items.findLast((i) => i.from === "agent" && i.kind === "message" && i.seq <= talk.theirs);
    let before = null;
    for (const item of talk.items) {
      item.read = item === read;
      keys.add(item.key);
      before = this.#place(item, before);
    }
    for (const [key, view] of this.#views) {
      if (keys.has(key)) continue;
      view.node.remove();
      this.#views.delete(key);
    }
    this.#outbox(talk.id);
    if (end) this.toEnd();
    else this.#newer.hidden = false;
    this.#scroller.classList.toggle("loading", talk.state === "loading");
  }

  /** @param {import("./talk.js").Item} item @param {Element | null} before @returns {Element} */
  #place(item, before) {
    let view = this.#views.get(item.key);
    if (!view) {
      view = { ...makeItem(this.#app, item), key: "" };
      this.#views.set(item.key, view);
    }
    const key = `${item.status} ${item.text.length} ${item.abuse} ${item.opened} ${item.moment?.intensity} ${item.citations?.length} ${item.read}`;
    if (view.key !== key) view.update(item);
    view.key = key;
    const next = before ? before.nextSibling : this.#list.firstChild;
    if (next !== view.node) this.#list.insertBefore(view.node, next);
    return view.node;
  }

  /** What I wrote and no fact confirms yet. @param {string} id */
  #outbox(id) {
    const entries = this.#app.link.outbox.entries.filter((e) => e.conversation === id && (e.type === "message.send" || e.type === "note.add"));
    const key = JSON.stringify(entries.map((e) => [e.txn, e.state, e.error]));
    if (key === this.#pendingKey) return;
    this.#pendingKey = key;
    this.#pending.replaceChildren(...entries.map((e) => makePending(this.#app, e)));
  }

  #atEnd() {
    const s = this.#scroller;
    return s.scrollHeight - s.scrollTop - s.clientHeight < NEAR;
  }

  /** Shows where something was said. @param {string} message */
  #goTo(message) {
    const node = this.#views.get(message)?.node;
    if (!node) return;
    this.#app.shell.show("talk", false);
    node.scrollIntoView({ block: "center" });
    node.classList.remove("pointed");
    void node.offsetWidth; // begin the highlight anew
    node.classList.add("pointed");
    node.tabIndex = -1;
    node.focus({ preventScroll: true });
  }
}
