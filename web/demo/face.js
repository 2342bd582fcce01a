// @ts-check
/** The gallery: `?look=mio&mood=warm&viseme=a&size=400&round=1&dark=1&motion=1`; a missing look, mood or viseme shows them all. */
import { MOODS, VISEMES } from "../widget/face/expressions.js";
import { createFace } from "../widget/face/face.js";
import { LOOKS } from "../widget/face/looks.js";

const asked = new URLSearchParams(location.search);
const some = (/** @type {string} */ name, /** @type {string[]} */ all) => asked.get(name)?.split(",") ?? all;
document.body.classList.toggle("dark", asked.has("dark"));
document.body.style.setProperty("--size", `${Number(asked.get("size") ?? 160)}px`);
const gallery = /** @type {HTMLElement} */ (document.getElementById("gallery"));
/** @type {import("../widget/face/face.js").Face[]} */
const faces = [];
for (const look of some("look", Object.keys(LOOKS))) {
  for (const mood of some("mood", Object.keys(MOODS))) {
    for (const shape of some("viseme", ["sil"])) {
      const figure = document.createElement("figure");
      const box = document.createElement("div");
      box.classList.toggle("round", asked.has("round"));
      const caption = document.createElement("figcaption");
      caption.textContent = `${look} · ${mood} · ${shape}`;
      figure.append(box, caption);
      gallery.append(figure);
      const face = createFace(box, { look, label: caption.textContent, reducedMotion: !asked.has("motion") });
      face.setMood(mood);
      face.setPose(asked.get("pose") ?? "idle");
      face.viseme(shape);
      faces.push(face);
    }
  }
}
Object.assign(window, { faces, shapes: Object.keys(VISEMES) });
