// @ts-check
/**
 * Owns the writing of rig values into the picture. An attribute is written only when its text changes, and text is rounded to what
 * can be seen at the size shown: this is what keeps an idle face cheap.
 */
import { brow, eye, mouth } from "./features.js";

/**
 * @param {Record<string, SVGElement>} part
 * @param {import("./looks.js").Look} look
 * @returns {(v: Record<string, number>, life: {lids: number, x: number, y: number, breath: number, sway: number}, still: boolean, size: number) => void}
 */
export function createPainter(part, look) {
  /** @type {Record<string, string>} */
  const written = {};
  const set = (/** @type {string} */ name, /** @type {string} */ attribute, /** @type {string} */ value) => {
    const key = name + attribute;
    if (written[key] === value) return;
    written[key] = value;
    part[name].setAttribute(attribute, value);
  };
  /** @param {string} name @param {string} d both sides share it */
  const both = (name, d) => { set(name + "L", "d", d); set(name + "R", "d", d); };

  const eyes = (/** @type {Record<string, number>} */ v, /** @type {any} */ life, /** @type {number} */ step) => {
    const shape = eye(Math.max(0, v.lid * life.lids), v.squint, look.eye);
    set("hole", "d", shape.hole);
    both("lash", shape.lash);
    both("crease", shape.crease);
    both("under", shape.under);
    const x = clamp(v.gazeX + life.x) * 5.4;
    const y = clamp(v.gazeY + life.y) * 4.2 - 0.7;
    for (const [side, mirror] of SIDES) {
      set("eye" + side, "transform", `translate(${200 + mirror * look.eye.apart} ${look.eye.y})scale(${mirror} 1)`);
      set("iris" + side, "transform", `translate(${near(x * mirror, step)} ${near(y, step)})`);
      set("glint" + side, "transform", `scale(${mirror} 1)`);
      const skew = mirror > 0 ? v.skew : 0;
      set("brow" + side, "d", brow(v.inner, v.outer + skew * 0.3, v.brow + skew, look.brow));
      set("brow" + side, "transform", `translate(${200 + mirror * (look.eye.apart + 1)} ${look.brow.y})scale(${mirror} 1)`);
    }
  };

  const lips = (/** @type {any} */ v) => {
    const m = mouth(v, look.mouth);
    set("lips", "transform", `translate(200 ${look.mouth.y})`);
    set("upper", "d", m.upper);
    set("upper2", "d", m.upper);
    set("lower", "d", m.lower);
    set("inside", "d", m.inside);
    set("inside2", "d", m.inside);
    set("line", "d", m.line);
    const gap = m.bottom - m.top;
    const jaw = near(1 + Math.max(0, gap - 1) * 0.0016, 0.002); // the chin goes down with the lower lip
    set("jaw", "transform", `matrix(1 0 0 ${jaw} 0 ${near(150 * (1 - Number(jaw)), 0.01)})`);
    set("line", "stroke-opacity", near(Math.max(0.25, 0.8 - gap * 0.1), 0.05));
    const teeth = Math.min(gap * 0.5, 5.2) * Math.min(1, Math.max(v.teeth, v.part * 5));
    set("teeth", "d", `M${-m.half} ${near(m.top - 8, 0.1)}H${near(m.half, 0.1)}V${near(m.top + teeth * 0.5, 0.1)}Q0 ${near(m.top + teeth * 1.5, 0.1)} ${near(-m.half, 0.1)} ${near(m.top + teeth * 0.5, 0.1)}Z`);
    set("tongue", "cy", near(m.bottom + 1.5, 0.1));
    set("tongue", "rx", near(m.half * 0.62, 0.1));
    set("tongue", "ry", near(gap * 0.42 * v.tongue, 0.1));
    const y = m.bottom + look.mouth.lip * 0.62;
    set("gloss", "d", `M${near(-m.half * 0.24, 0.1)} ${near(y, 0.1)}Q0 ${near(y + 1.2, 0.1)} ${near(m.half * 0.24, 0.1)} ${near(y, 0.1)}`);
  };

  return (v, life, still, size) => {
    const step = Math.min(0.5, 100 / size); // drawing units: a quarter of a pixel or so
    const breath = still ? 0 : life.breath;
    const sway = still ? 0 : life.sway;
    const n = (/** @type {number} */ x) => near(x, step);
    eyes(v, life, step);
    lips(v);
    set("blush", "opacity", near(v.blush * 0.9, 0.04));
    const turn = v.yaw + sway * 0.05;
    const down = v.pitch + v.nod * 0.32;
    set("body", "transform", `translate(0 ${n(1 - breath * 1.1)})`);
    const head = `translate(${n(turn * 4)} ${n(v.nod * 1.5 + v.lean * 2 - breath * 1.6 + v.pitch * 2)})rotate(${near(v.tilt + sway * 0.7 + turn * 1.2, step * 0.25)} 200 292)`;
    set("head", "transform", head);
    set("back", "transform", head);
    set("traits", "transform", `translate(${n(turn * 6.5)} ${n(down * 5)})`);
    set("nose", "transform", `translate(${n(turn * 2.4)} ${n(down * 1.4)})`);
    set("hair", "transform", `translate(${n(turn * 1.6)} ${n(down * 1.6)})`);
    set("ears", "transform", `translate(${n(turn * -3)} ${n(down * -2)})`);
    const zoom = 1 + v.lean * 0.018;
    set("all", "transform", `matrix(${near(zoom, 0.001)} 0 0 ${near(zoom, 0.001)} ${n(200 - 200 * zoom)} ${n(400 - 400 * zoom)})`);
  };
}

/** @type {[string, number][]} */
const SIDES = [["L", -1], ["R", 1]];
const clamp = (/** @type {number} */ x) => Math.max(-1, Math.min(1, x));
/** @param {number} value @param {number} step @returns {string} the nearest multiple of step, short */
const near = (value, step) => String(+(Math.round(value / step) * step).toFixed(3));
