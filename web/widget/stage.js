// @ts-check
/** Where the character stands: a quiet placeholder at once, the drawn face when it has come, posture from what goes on. */
import { h, s } from "../shared/dom.js";

/** Until the face is there, or where it cannot be. */
function placeholder() {
  const skin = { fill: "var(--omo-accent-soft)" };
  return s("svg", { viewBox: "0 0 80 80", "aria-hidden": "true", class: "placeholder" },
    s("circle", { cx: 40, cy: 40, r: 40, ...skin }), s("circle", { cx: 40, cy: 33, r: 13, fill: "var(--omo-accent)", opacity: ".55" }),
    s("path", { d: "M14 76c2-16 12-24 26-24s24 8 26 24a40 40 0 0 1-52 0Z", fill: "var(--omo-accent)", opacity: ".55" }));
}

export class Stage {
  /** @type {"idle" | "listening" | "thinking" | "speaking"} */
  pose = "idle";
  caption = h("p", { class: "caption", "aria-hidden": "true", hidden: true });
  #picture = h("div", { class: "picture" }, placeholder());
  node = h("div", { class: "stage" }, this.#picture);
  /** @type {any} */
  face = null;
  #mood = "";
  #listening = false;
  #asked = false;
  #look;

  /** @param {string} look */
  constructor(look) {
    this.#look = look;
  }

  /** Fetched once the panel is open, so that a visitor who never opens it pays nothing. @param {string} label @param {string} [look] */
  async load(label, look) {
    if (this.#asked) return;
    this.#asked = true;
    try {
      const { createFace } = await import("./face/face.js");
      this.#picture.replaceChildren();
      this.face = createFace(this.#picture, { look: this.#look || look || "mio", label });
      this.#show();
    } catch {
      // No face today: the placeholder stays and nothing else depends on it.
    }
  }

  /** @param {boolean} on the visitor is writing */
  listening(on) {
    this.#listening = on;
  }

  /** @param {import("./store.js").Store} store */
  render(store) {
    const growing = store.run && store.driver !== "agent" ? store.items.findLast((i) => i.run === store.run) : null;
    const before = this.pose;
    this.pose = growing ? (growing.text ? "speaking" : "thinking") : this.#listening ? "listening" : "idle";
    if (this.pose === "speaking" && before !== "speaking") this.face?.nod();
    const mood = store.mood === "idle" || !store.mood ? this.pose : store.mood;
    if (before !== this.pose || mood !== this.#mood) {
      this.#mood = mood;
      this.#show();
    }
  }

  #show() {
    this.node.dataset.pose = this.pose;
    this.node.dataset.mood = this.#mood;
    this.face?.setPose(this.pose);
    if (this.#mood) this.face?.setMood(this.#mood);
  }
}
