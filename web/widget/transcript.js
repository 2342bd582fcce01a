// @ts-check
/** The list of what was said: keeps one node per item, stays at the bottom unless the reader scrolled away, pages back. */
import { h } from "../shared/dom.js";
import { icon } from "./icons.js";
import { makeItem, makePending } from "./message.js";

const NEAR_PX = 80;
const MARGIN_PX = 12;
const MOVE_MS = 400;

export class Transcript {
  #app;
  /** @type {Map<string, {view: import("./message.js").View, version: number, kind: string}>} */
  #views = new Map();
  #list = h("div", { class: "list" });
  #pending = h("div", { class: "pending" });
  #after = h("div", { class: "after" });
  #top = h("div", { class: "top-note" });
  #newer;
  #stick = true;
  #loading = false;
  /** When the reader last scrolled by wheel, finger or key. */
  #moved = 0;

  /** @param {import("./frame.js").App} app */
  constructor(app) {
    this.#app = app;
    const { t } = app;
    // The announcer speaks for the log: a live region here would read every fragment of a growing answer.
    const log = h("div", { role: "log", "aria-live": "off", "aria-label": t("log"), class: "log" }, this.#top, this.#list, this.#pending);
    this.scroller = h("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": t("log"), onscroll: () => this.#scrolled() }, log, this.#after);
    this.#newer = h("button", { type: "button", class: "newer", hidden: true, "aria-label": t("newer"), title: t("newer"), onclick: () => this.toEnd() }, icon("down"));
    this.node = h("div", { class: "transcript" }, this.scroller, this.#newer);
    for (const name of ["wheel", "touchmove", "pointerdown", "keydown"]) this.scroller.addEventListener(name, () => (this.#moved = Date.now()), { passive: true });
    new ResizeObserver(() => this.#stick && this.#follow()).observe(this.scroller);
  }

  /** @param {(Node | null)[]} after cards and quick replies below the messages */
  render(after) {
    const { store, client } = this.#app;
    this.#reconcile(store.items);
    const waiting = client.outbox.entries.filter((e) => e.type === "message.send");
    this.#pending.replaceChildren(...waiting.map((e) => makePending(this.#app, e)));
    const nodes = /** @type {Node[]} */ (after.filter(Boolean));
    if (nodes.length !== this.#after.childNodes.length || nodes.some((n, i) => n !== this.#after.childNodes[i])) this.#after.replaceChildren(...nodes);
    if (this.#stick) this.#follow();
    else this.#newer.hidden = false;
    if (store.hasOlder && this.scroller.scrollHeight <= this.scroller.clientHeight + NEAR_PX) this.#older();
  }

  toEnd() {
    this.#stick = true;
    this.#newer.hidden = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** Where reading begins: a person's newest message, else the first that answers the visitor's last (the urgent step stands there).
   *  @returns {HTMLElement | null} */
  #answer() {
    const messages = /** @type {NodeListOf<HTMLElement>} */ (this.#list.querySelectorAll(":scope > .message:not([hidden])"));
    let first = null;
    for (let n = messages.length - 1; n >= 0 && !messages[n].matches(".visitor") && !this.#pending.firstChild; n -= 1) {
      first = messages[n];
      if (first.matches(".agent")) break;
    }
    return first;
  }

  /** Follows the talk, but a long answer is read from its beginning: its first line never leaves by itself. */
  #follow() {
    const { scroller } = this;
    const answer = this.#answer();
    const end = scroller.scrollHeight - scroller.clientHeight;
    const start = answer ? answer.offsetTop - MARGIN_PX : end;
    this.#stick = true;
    scroller.scrollTop = Math.min(end, Math.max(start, 0));
    this.#newer.hidden = end - scroller.scrollTop < NEAR_PX;
  }

  /** @param {import("./store.js").Item[]} items */
  #reconcile(items) {
    const wanted = new Set(items.map((i) => i.key));
    for (const [key, { view }] of this.#views) {
      if (wanted.has(key)) continue;
      view.node.remove();
      this.#views.delete(key);
    }
    let before = "";
    items.forEach((item, index) => {
      const kept = this.#views.get(item.key) ?? { view: makeItem(this.#app, item), version: -1, kind: item.kind };
      this.#views.set(item.key, kept);
      if (kept.version !== item.version) kept.view.update(item);
      kept.version = item.version;
      kept.view.node.classList.toggle("follows", before === item.from && item.kind === "message");
      before = item.kind === "message" ? item.from ?? "" : "";
      const there = this.#list.childNodes[index];
      if (there !== kept.view.node) this.#list.insertBefore(kept.view.node, there ?? null);
    });
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const near = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    // Only a reader who moves lets go; our own scrolling to an answer's first line does not.
    if (near || Date.now() - this.#moved < MOVE_MS) this.#stick = near;
    if (near) this.#newer.hidden = true;
    if (scrollTop < NEAR_PX && this.#app.store.hasOlder) this.#older();
  }

  async #older() {
    const { client, store } = this.#app;
    // While what was missed still arrives, nobody knows yet what is older.
    if (this.#loading || client.order.last < (store.session?.head ?? 0)) return;
    this.#loading = true;
    const fromEnd = this.scroller.scrollHeight - this.scroller.scrollTop;
    this.#top.textContent = this.#app.t("older");
    try {
      await this.#app.actions.older();
      if (!this.#stick) this.scroller.scrollTop = this.scroller.scrollHeight - fromEnd;
    } catch {
      // Lost on the way: the next scroll asks again.
    } finally {
      this.#top.textContent = this.#app.store.hasOlder ? "" : this.#app.t("start");
      this.#loading = false;
    }
  }
}
