// @ts-check
/**
 * Owns how values move over time: springs for head, brows and lids, an ease for the mouth, and the small signs of life
 * (blinks, glances, breath). Knows no element; times are in seconds.
 */

const MOUTH_EASE = 0.07; // a mouth shape is reached in 70 ms
const BLINK = 0.15;
const HELD = ["width", "open", "round", "press", "teeth", "tongue"];

/** @type {Record<string, number>} how fast a value follows, in 1/s; the head is heavy, the eyes are not */
const PACE = { gazeX: 42, gazeY: 42, lid: 20, yaw: 7, pitch: 9, tilt: 5.5, lean: 5, nod: 13 };

/**
 * Critically damped springs, one per name; a nod is a push on a resting spring.
 * @param {Record<string, number>} start
 */
export function createSprings(start) {
  const now = { ...start };
  const goal = { ...start };
  /** @type {Record<string, number>} */
  const speed = Object.fromEntries(Object.keys(start).map((name) => [name, 0]));
  return {
    now,
    goal,
    /** @param {string} name @param {number} velocity units per second, added at once */
    push(name, velocity) { speed[name] += velocity; },
    /** Everything where it is going, at once. */
    settle() { for (const name in goal) { now[name] = goal[name]; speed[name] = 0; } },
    /** @param {number} dt seconds @returns {boolean} whether anything visible still moves */
    step(dt) {
      let moving = false;
      for (const name in goal) {
        const off = now[name] - goal[name];
        if (Math.abs(off) < 0.003 && Math.abs(speed[name]) < 0.02) { now[name] = goal[name]; speed[name] = 0; continue; }
        const w = PACE[name] ?? 11;
        const e = Math.exp(-w * dt);
        const k = speed[name] + w * off;
        now[name] = goal[name] + (off + k * dt) * e;
        speed[name] = (speed[name] - w * k * dt) * e;
        moving = true;
      }
      return moving;
    },
  };
}

/**
 * The mouth on its way from one shape to the next.
 * @param {Record<string, number>} rest
 */
export function createMouth(rest) {
  /** @type {Record<string, number>} */
  const now = Object.fromEntries(HELD.map((name) => [name, rest[name]]));
  let from = { ...now };
  let to = { ...now };
  let left = 0;
  return {
    now,
    /** @param {Record<string, number>} shape @param {number} weight 0 closed … 1 fully the shape */
    aim(shape, weight) {
      from = { ...now };
      to = Object.fromEntries(HELD.map((name) => [name, rest[name] + ((shape[name] ?? rest[name]) - rest[name]) * weight]));
      left = MOUTH_EASE;
    },
    settle() { left = 0; Object.assign(now, to); },
    /** @param {number} dt @returns {boolean} whether it still moves */
    step(dt) {
      if (left <= 0) return false;
      left = Math.max(0, left - dt);
      const x = 1 - left / MOUTH_EASE;
      const k = x * x * (3 - 2 * x);
      for (const name of HELD) now[name] = from[name] + (to[name] - from[name]) * k;
      return true;
    },
  };
}

/**
 * What a living face does by itself.
 * @param {() => number} random 0 … 1
 */
export function createLife(random) {
  const between = (/** @type {number} */ a, /** @type {number} */ b) => a + (b - a) * random();
  let time = 0;
  let blinkAt = between(1.2, 3);
  let glanceAt = between(0.6, 2);
  let swayAt = 2;
  let sway = 0;
  const life = {
    lids: 1, // multiplies the opening of the eyes
    x: 0, y: 0, // where the eyes have wandered
    breath: 0, sway: 0, // −1 … 1
    /** @param {number} dt @param {number} roam how far the eyes wander @returns {boolean} whether a blink is under way */
    step(dt, roam) {
      time += dt;
      if (time >= blinkAt + BLINK) blinkAt = time + (random() > 0.88 ? 0.12 : between(2, 6));
      const b = (time - blinkAt) / BLINK;
      // Down in a third of the time, up in the rest.
      life.lids = b <= 0 || b >= 1 ? 1 : b < 0.33 ? 1 - b / 0.33 : Math.min(1, (b - 0.33) / 0.6);
      if (time >= glanceAt) {
        glanceAt = time + between(0.9, 3.4);
        const home = random() < 0.45;
        life.x = home ? 0 : between(-0.34, 0.34) * roam;
        life.y = home ? 0 : between(-0.2, 0.2) * roam;
      }
      life.breath = Math.sin(time * 1.55);
      if (time >= swayAt) { swayAt = time + between(4, 9); sway = between(-1, 1); }
      life.sway += (sway - life.sway) * (1 - Math.exp(-dt * 1.6));
      return b > 0 && b < 1;
    },
    /** Close the eyes now, as people do when they begin to speak or look elsewhere. */
    blink() { if (time < blinkAt) blinkAt = time; },
  };
  return life;
}
