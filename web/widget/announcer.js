// @ts-check
/** Speaks for the transcript to a screen reader: whole sentences, not fragments, and not more often than one can listen. */
import { h } from "../shared/dom.js";
import { label } from "./message.js";

const PAUSE_MS = 1500;
const SENTENCE = /[^]*[。．！？!?\n](?:\s|$|(?=[^\s]))|[^]*\.\s/;
const MARKS = /\*\*|__|~~|`|\[\d{1,2}\]|^#+\s|^\s*[-*]\s/gm;

export class Announcer {
  node = h("div", { class: "unseen", "aria-live": "polite", role: "status" });
  #app;
  /** Characters already spoken, by message. @type {Map<string, number>} */
  #spoken = new Map();
  /** @type {string[]} */
  #queue = [];
  #timer = 0;

  /** @param {import("./frame.js").App} app */
  constructor(app) {
    this.#app = app;
  }

  /** What is already there when the panel opens is read by the reader's own commands, not announced. */
  skip() {
    for (const item of this.#app.store.items) if (item.status !== "growing") this.#spoken.set(item.key, Infinity);
  }

  render() {
    for (const item of this.#app.store.items) {
      const from = this.#spoken.get(item.key) ?? 0;
      if (from === Infinity || item.from === "visitor" || item.kind === "day") continue;
      const text = item.kind === "line" ? this.#app.t(item.line ?? "", { name: item.name ?? "" }) : item.text;
      const fresh = text.slice(from);
      const growing = item.status === "growing";
      const whole = growing ? SENTENCE.exec(fresh)?.[0] ?? "" : fresh;
      if (whole.trim()) this.#say(from === 0 && item.kind === "message" ? this.#app.t("says", { who: label(this.#app, item.from ?? "", item.name), text: whole }) : whole);
      this.#spoken.set(item.key, growing ? from + whole.length : Infinity);
    }
  }

  /** @param {string} text */
  #say(text) {
    this.#queue.push(text.replace(MARKS, "").trim());
    if (!this.#timer) this.#timer = window.setTimeout(() => this.#flush(), 100);
  }

  #flush() {
    this.node.replaceChildren(h("p", null, this.#queue.splice(0).join(" ")));
    this.#timer = window.setTimeout(() => {
      this.#timer = 0;
      if (this.#queue.length) this.#flush();
    }, PAUSE_MS);
  }
}
