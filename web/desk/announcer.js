// @ts-check
/** Tells a screen reader what came, gathered: never more often than one can listen. */
import { h } from "../shared/dom.js";

const PAUSE_MS = 6000;

export class Announcer {
  node = h("div", { class: "unseen", "aria-live": "polite", role: "log", "aria-relevant": "additions" });
  /** @type {Map<string, () => string>} */
  #waiting = new Map();
  #timer = 0;

  /** The newest sentence of each topic is said; older ones that nobody heard are left out.
   *  @param {string} topic @param {() => string} text */
  say(topic, text) {
    this.#waiting.set(topic, text);
    if (!this.#timer) this.#flush();
  }

  #flush() {
    this.#timer = 0;
    if (!this.#waiting.size) return;
    this.node.replaceChildren(h("p", null, [...this.#waiting.values()].map((make) => make()).join(" ")));
    this.#waiting.clear();
    this.#timer = window.setTimeout(() => this.#flush(), PAUSE_MS);
  }
}
