// @ts-check
/** Where the agent writes: a reply or a private note, with snippets and suggestions that fill the field and never send. */
import { length } from "../shared/codepoints.js";
import { h } from "../shared/dom.js";
import { icon } from "./icons.js";
import { Snippets } from "./snippets.js";
import { Suggestions } from "./suggestions.js";

const WARN_BELOW = 1000;
const IME_KEY = 229; // Safari ends the composition before its keydown; only the old key code still tells
const HOLE = /\{\w+\}/;

export class Composer {
  #app;
  #mode = "reply";
  /** The conversation whose field shall have the focus. */
  #wanted = "";
  #for = "";
  #composing = false;
  /** The suggestion the words began as. @type {{id: string, original: string} | null} */
  #origin = null;

  /** @param {import("./app.js").App} app */
  constructor(app) {
    const { t } = app;
    this.#app = app;
    this.input = h("textarea", { rows: "2", "aria-label": t("replyTo"), "aria-describedby": "write-hint", autocomplete: "off" });
    this.counter = h("span", { class: "counter", role: "status" });
    const tab = (/** @type {string} */ name, /** @type {string} */ glyph) => h("button", { type: "button", class: "mode", "data-mode": name, "aria-pressed": "false", onclick: () => this.mode(name) }, icon(glyph), t(`mode.${name}`));
    this.tabs = h("div", { class: "modes", role: "group", "aria-label": t("modes") }, tab("reply", "send"), tab("note", "lock"));
    this.sendButton = h("button", { type: "submit", class: "solid send" }, icon("send"), h("span"));
    const tool = (/** @type {string} */ glyph, /** @type {string} */ label, /** @type {string} */ key, /** @type {() => any} */ run) => h("button", { type: "button", class: "tool", onclick: run }, icon(glyph), label, h("kbd", { "aria-hidden": "true" }, key));
    this.picker = new Snippets(app, (text) => this.fill(text));
    this.strip = new Suggestions(app, (item) => this.take(item));
    this.snippetTool = tool("slash", t("snippets"), "/", () => this.snippets());
    this.suggestTool = tool("light", t("suggest"), "S", () => app.actions.suggest());
    this.node = h("form", { class: "composer", onsubmit: (/** @type {Event} */ e) => this.#submit(e) }, this.strip.node, this.picker.node,
      h("div", { class: "top" }, this.tabs, h("span", { class: "tools" }, this.snippetTool, this.suggestTool)),
      h("div", { class: "field" }, this.input), h("div", { class: "under" }, h("span", { id: "write-hint", class: "hint" }, t("writeHint")), this.counter, this.sendButton));
    this.input.addEventListener("compositionstart", () => (this.#composing = true));
    this.input.addEventListener("compositionend", () => (this.#composing = false));
    this.input.addEventListener("keydown", (/** @type {KeyboardEvent} */ e) => this.#key(e));
    this.input.addEventListener("input", () => this.#typed());
  }

  /** Who may not reply sees the field only for a note they asked for. */
  get shown() {
    const { note, write } = this.#app.store.rights;
    return write || (note && this.#mode === "note");
  }

  /** Who may not reply can still leave a note. */
  get #noting() {
    return this.#mode === "note" || !this.#app.store.rights.write;
  }

  focus() {
    if (!this.node.hidden) this.input.focus({ preventScroll: true });
  }

  /** Focus as soon as this agent may write: the facts that say so are on their way. */
  focusSoon() {
    this.#wanted = this.#app.store.current;
    this.#app.refresh();
  }

  /** @param {string} name reply or note */
  mode(name) {
    const { note, write } = this.#app.store.rights;
    if (name === "reply" ? !write : !note) return;
    this.#mode = name;
    this.node.hidden = false;
    this.render();
    this.focus();
  }

  snippets() {
    if (!this.node.hidden && this.#app.store.rights.write) this.picker.open();
  }

  /** Words from a snippet, where the cursor is; the first open place is selected. @param {string} text */
  fill(text) {
    this.mode("reply");
    const { input } = this;
    const at = input.selectionStart ?? input.value.length;
    input.setRangeText(text, at, input.selectionEnd ?? at, "end");
    this.#typed();
    const hole = HOLE.exec(input.value);
    input.focus({ preventScroll: true });
    if (hole) input.setSelectionRange(hole.index, hole.index + hole[0].length);
  }

  /** A suggestion becomes the draft; what was written stays in front of it. @param {any} item */
  take(item) {
    this.mode("reply");
    const { input } = this;
    const before = input.value.trim();
    input.value = before ? `${before}\n\n${item.text}` : item.text;
    this.#origin = { id: item.id, original: item.text };
    this.#typed();
    input.focus({ preventScroll: true });
    input.setSelectionRange(input.value.length, input.value.length);
  }

  /** The draft belongs to its conversation. */
  follow() {
    if (this.#for !== this.#app.store.current) this.#load(this.#app.store.current);
  }

  render() {
    const { store, t } = this.#app;
    const { write } = store.rights;
    const isNote = this.#noting;
    this.node.classList.toggle("noting", isNote);
    for (const one of this.tabs.children) {
      one.setAttribute("aria-pressed", String((one.dataset.mode === "note") === isNote));
      if (one.dataset.mode === "reply") one.disabled = !write;
    }
    const words = t(isNote ? "notePlace" : "replyPlace");
    if (this.input.placeholder !== words) {
      this.input.placeholder = words;
      this.input.setAttribute("aria-label", words);
    }
    this.snippetTool.disabled = this.suggestTool.disabled = !write;
    this.suggestTool.setAttribute("aria-busy", String(Boolean(store.talk?.asking)));
    this.sendButton.lastChild.textContent = t(isNote ? "addNote" : "send");
    this.strip.render(write);
    if (this.#wanted && this.#wanted !== store.current) this.#wanted = "";
    if (this.#wanted && write) {
      this.#wanted = "";
      this.focus();
    }
    this.#measure();
  }

  /** @param {string} conversation */
  #load(conversation) {
    this.#for = conversation;
    const draft = this.#app.storage.get(`draft.${conversation}`) ?? {};
    this.input.value = draft.text ?? "";
    this.#origin = draft.origin ?? null;
    this.#mode = draft.mode ?? "reply";
    this.picker.close();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const pick = event.altKey && /^Digit[1-3]$/.test(event.code) ? Number(event.code.slice(5)) : 0;
    if (pick) {
      event.preventDefault();
      return this.strip.pick(pick - 1);
    }
    if (event.key === "/" && !this.input.value && !this.#noting && !event.isComposing) {
      event.preventDefault();
      return this.snippets();
    }
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || this.#composing || event.keyCode === IME_KEY) return;
    event.preventDefault();
    this.node.requestSubmit();
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    const { actions, storage, store, t } = this.#app;
    const text = this.input.value.trim();
    if (!text || length(text) > store.limit) return this.focus();
    if (this.#noting) actions.note(text);
    else {
      const hole = HOLE.exec(this.input.value);
      if (hole && this.#holes()) {
        this.#app.toast(t("fillHole", { hole: hole[0] }), "warn");
        this.input.focus();
        return this.input.setSelectionRange(hole.index, hole.index + hole[0].length);
      }
      actions.send(text, this.#origin ?? undefined);
      if (store.talk) store.talk.suggestions = null;
    }
    this.input.value = "";
    this.#origin = null;
    this.#mode = "reply";
    storage.remove(`draft.${store.current}`);
    this.#app.refresh();
    this.focus();
  }

  /** Whether an open place of a snippet is still there: only names that snippets use count. */
  #holes() {
    return ["{name}", "{agent}", "{company}"].some((hole) => this.input.value.includes(hole));
  }

  #typed() {
    const { storage, store, actions } = this.#app;
    const text = this.input.value;
    if (!text) this.#origin = null;
    if (text) storage.set(`draft.${store.current}`, { text, mode: this.#mode, origin: this.#origin });
    else storage.remove(`draft.${store.current}`);
    if (text && !this.#noting) actions.typing();
    this.#measure();
  }

  #measure() {
    const { store, t } = this.#app;
    this.input.style.height = "auto";
    if (this.input.scrollHeight) this.input.style.height = `${Math.min(this.input.scrollHeight, 220)}px`;
    const most = this.#noting ? 4000 : store.limit; // a note's own limit on the server
    const left = most - length(this.input.value);
    const words = left < 0 ? t("over", { n: -left }) : left < WARN_BELOW ? t("left", { n: left }) : "";
    if (this.counter.textContent !== words) this.counter.textContent = words;
    this.counter.classList.toggle("over", left < 0);
    this.sendButton.disabled = left < 0 || !this.input.value.trim();
  }
}
