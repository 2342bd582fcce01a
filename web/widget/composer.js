// @ts-check
/** Where the visitor writes. Enter sends, but never while a Japanese word is still being chosen. */
import { length } from "../shared/codepoints.js";
import { h } from "../shared/dom.js";
import { icon } from "./icons.js";

const WARN_BELOW = 400;
const TYPING_MS = 8000;
const IME_KEY = 229; // Safari ends the composition before its keydown; only the old key code still tells

export class Composer {
  #app;
  #lastTyped = 0;
  #composing = false;

  /** @param {import("./frame.js").App} app */
  constructor(app) {
    this.#app = app;
    const { t } = app;
    this.input = h("textarea", { rows: "1", placeholder: t("place"), "aria-label": t("place"), "aria-describedby": "hint", enterkeyhint: "send", autocomplete: "off" });
    this.input.value = app.draft.get("draft") ?? "";
    this.counter = h("span", { class: "counter", role: "status" });
    this.sendButton = h("button", { type: "submit", class: "send", "aria-label": t("send"), title: t("send") }, icon("send"));
    this.stopButton = h("button", { type: "button", class: "stop", "aria-label": t("stop"), title: t("stop"), onclick: () => app.actions.cancel() }, icon("stop"));
    this.node = h("form", { class: "composer", onsubmit: (/** @type {Event} */ e) => this.#submit(e) },
      h("div", { class: "field" }, this.input, this.counter, this.stopButton, this.sendButton), h("span", { id: "hint", class: "unseen" }, t("hint")));
    this.input.addEventListener("compositionstart", () => (this.#composing = true));
    this.input.addEventListener("compositionend", () => (this.#composing = false));
    this.input.addEventListener("keydown", (/** @type {KeyboardEvent} */ e) => this.#key(e));
    this.input.addEventListener("input", () => this.#typed());
    new ResizeObserver(() => this.#measure()).observe(this.node); // also its first layout
  }

  render() {
    this.stopButton.hidden = !this.#app.store.run;
    this.#count();
  }

  /** What was spoken, so far. @param {string} text */
  dictate(text) {
    this.input.value = text;
    this.#measure();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || this.#composing || event.keyCode === IME_KEY) return;
    event.preventDefault();
    this.node.requestSubmit();
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text || length(text) > this.#app.limit) return this.input.focus();
    this.#app.actions.send(text);
    this.input.value = "";
    this.#app.stage.listening(false);
    this.#app.draft.remove("draft");
    this.#measure();
    this.input.focus();
  }

  #typed() {
    const { client, draft, stage, voice } = this.#app;
    draft.set("draft", this.input.value);
    this.#measure();
    stage.listening(Boolean(this.input.value));
    voice?.stop(); // who writes interrupts
    if (Date.now() - this.#lastTyped < TYPING_MS || !this.input.value) return;
    this.#lastTyped = Date.now();
    client.tell("typing", { on: true });
  }

  #measure() {
    this.input.style.height = "auto";
    if (this.input.scrollHeight) this.input.style.height = `${this.input.scrollHeight}px`;
    this.#count();
  }

  #count() {
    const { limit, t } = this.#app;
    const left = limit - length(this.input.value);
    const words = left < 0 ? t("over", { n: -left }) : left < WARN_BELOW ? t("left", { n: left }) : "";
    if (this.counter.textContent !== words) this.counter.textContent = words;
    this.counter.classList.toggle("over", left < 0);
    this.sendButton.disabled = left < 0 || !this.input.value.trim();
  }
}
