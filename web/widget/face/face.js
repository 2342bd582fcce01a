// @ts-check
/**
 * Owns the face as others use it: mood, posture, lips, gaze and gestures of one drawn character inside one element.
 * It decides nothing about what to feel or say, and nothing is told by the face alone.
 */
import { draw } from "./drawing.js";
import { MOODS, POSES, REST, VISEMES } from "./expressions.js";
import { LOOKS } from "./looks.js";
import { createLife, createMouth, createSprings } from "./motion.js";
import { createPainter } from "./painter.js";
import { createPlayhead } from "./playhead.js";
import { createTicker } from "./ticker.js";

/**
 * @typedef {{t: number[], d: number[], v: string[]}} Timeline starts and durations in seconds, and the mouth shape of each
 * @typedef {object} Face
 * @property {(mood: string) => void} setMood idle listening thinking speaking concerned warm grave happy calm; anything else is calm
 * @property {(pose: string) => void} setPose idle listening thinking speaking; anything else is idle
 * @property {(shape: string, weight?: number) => void} viseme sil a i u e o N FF cl; anything else is sil
 * @property {(timeline: Timeline, clock: () => number) => Promise<"done" | "stopped">} playTimeline `clock` gives seconds since the
 *   timeline began; resolves exactly once. A second call stops the first.
 * @property {() => void} stopTimeline closes the mouth
 * @property {(target: Element | null) => void} lookAt null: back to the visitor
 * @property {() => void} nod
 * @property {() => void} destroy
 */

const LIVELY_MS = 16; // between frames of a gesture: 30 or so a second
const IDLE_MS = 150; // breath and sway move less than a pixel in this time
const SMALL = 150; // px: below this the picture is the head alone
const BOX = "22 24 356 356";
const HEAD_BOX = "68 38 264 264";

/** @template T @param {Record<string, T>} table @param {string} name @param {string} other for a name that is not in the table @returns {T} */
const named = (table, name, other) => table[Object.hasOwn(table, name) ? name : other];

/**
 * @param {Element} host is filled by the picture; its size decides how much of the character is seen
 * @param {{look?: string, reducedMotion?: boolean, label?: string}} [options] without a label the picture is decoration (hidden from
 *   assistive technology); without `reducedMotion` the visitor's own setting is followed, also when it changes
 * @returns {Face}
 */
export function createFace(host, options = {}) {
  const look = named(LOOKS, options.look ?? "mio", "mio");
  const { svg, part } = draw(look);
  if (options.label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", options.label);
  } else svg.setAttribute("aria-hidden", "true");
  host.append(svg);

  const springs = createSprings({ ...REST, nod: 0 });
  const mouth = createMouth(REST);
  const life = createLife(Math.random);
  const paint = createPainter(part, look);
  let mood = MOODS.calm;
  let pose = POSES.idle;
  /** @type {Element | null} */
  let target = null;
  let size = 400;

  const quiet = matchMedia("(prefers-reduced-motion: reduce)");
  const still = () => options.reducedMotion ?? quiet.matches;

  const aim = () => {
    const stance = playhead.busy && !still() && pose === POSES.idle ? POSES.speaking : pose;
    for (const name in REST) springs.goal[name] = (mood[name] ?? /** @type {any} */ (REST)[name]) + (stance[name] ?? 0);
    springs.goal.gazeY += mood.down ?? 0;
    springs.goal.pitch += (mood.down ?? 0) * 0.9;
    if (!target) return;
    const from = svg.getBoundingClientRect();
    const to = target.getBoundingClientRect();
    const x = (to.left + to.right - from.left - from.right) / 2;
    const y = (to.top + to.bottom - from.top - from.bottom) / 2;
    const far = Math.hypot(x, y, Math.max(from.width, 120)) || 1;
    springs.goal.gazeX = (x / far) * 0.95;
    springs.goal.gazeY = (y / far) * 0.95;
    springs.goal.yaw = (x / far) * 0.6;
    springs.goal.pitch = (y / far) * 0.5;
  };

  const render = () => paint({ ...springs.now, ...mouth.now }, life, still(), size);

  /** @param {number} dt @returns {number} milliseconds until the next frame is wanted */
  const frame = (dt) => {
    const speaking = playhead.step();
    if (still()) {
      springs.settle();
      mouth.settle();
      render();
      return Infinity;
    }
    const blinking = life.step(dt, springs.now.roam);
    const gliding = springs.step(dt);
    const shaping = mouth.step(dt);
    render();
    if (speaking || shaping) return 0;
    return blinking || gliding ? LIVELY_MS : IDLE_MS;
  };
  const ticker = createTicker(svg, frame);

  const nod = () => {
    if (still()) return;
    springs.push("nod", 60 * (mood.pace ?? 1));
    ticker.wake();
  };
  const playhead = createPlayhead({
    shape: (name) => { if (!still()) mouth.aim(named(VISEMES, name, "sil"), 1); },
    phrase: () => { nod(); life.blink(); springs.push("brow", 2.2 * (mood.pace ?? 1)); },
    close: () => { mouth.aim(VISEMES.sil, 1); change(); },
  });
  const change = () => { aim(); ticker.wake(); };

  const sizes = new ResizeObserver(() => {
    size = Math.min(svg.clientWidth, svg.clientHeight) || 400;
    svg.setAttribute("viewBox", size < SMALL ? HEAD_BOX : BOX);
    // Layers of their own spare a large picture most of the painting; a small one is painted faster than layers are put together.
    for (const name of ["back", "body", "head"]) part[name].style.willChange = size < SMALL ? "" : "transform";
    ticker.wake();
  });
  sizes.observe(svg);
  quiet.addEventListener("change", change);
  aim();
  springs.settle();
  render();
  ticker.wake();

  return {
    setMood(name) { mood = named(MOODS, name, "calm"); change(); },
    setPose(name) { pose = named(POSES, name, "idle"); life.blink(); change(); },
    viseme(name, weight = 1) { mouth.aim(named(VISEMES, name, "sil"), weight); ticker.wake(); },
    playTimeline(timeline, clock) { const end = playhead.play(timeline, clock); change(); return end; },
    stopTimeline() { playhead.stop(); },
    lookAt(element) { target = element; life.blink(); change(); },
    nod,
    destroy() {
      playhead.stop();
      ticker.destroy();
      sizes.disconnect();
      quiet.removeEventListener("change", change);
      svg.remove();
    },
  };
}
