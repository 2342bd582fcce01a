// @ts-check
/**
 * Owns what the character can express: moods, postures and mouth shapes, as plain tables of rig values.
 * It neither draws nor moves anything, and it does not decide which mood is allowed (the server's policy does).
 */

/** @typedef {Record<string, number>} Values */

/**
 * Mood → face. `corner` mouth corners (+ up, − down), `wide` mouth width, `part` lips parted at rest, `inner`/`outer` brow ends (+ up),
 * `brow` whole brow (+ up), `skew` one brow only, `lid` upper lids (1 open), `squint` lower lids raised by the cheeks,
 * `blush` cheeks, `tilt` head in degrees, `down` gaze lowered, `pace` how lively the gestures are.
 * A mood that is listed in GRAVE must never turn the corners up, whatever the mouth is saying; a test holds it to that.
 * @type {Record<string, Values>}
 */
export const MOODS = {
  calm: { corner: 0.42, wide: 0, lid: 0.98, pace: 0.8 },
  idle: { corner: 0.52, wide: 0.03, lid: 1, blush: 0.25, pace: 0.8 },
  listening: { corner: 0.45, wide: 0.01, brow: 0.3, inner: 0.12, lid: 1.06, blush: 0.2, pace: 0.7 },
  thinking: { corner: 0.12, wide: -0.08, brow: 0.1, inner: -0.1, skew: 0.55, lid: 0.95, pace: 0.5 },
  speaking: { corner: 0.55, wide: 0.04, brow: 0.15, lid: 1.01, blush: 0.3, pace: 1 },
  concerned: { corner: -0.24, wide: -0.06, inner: 0.85, outer: -0.25, brow: 0.1, lid: 0.97, tilt: 2.5, pace: 0.6 },
  warm: { corner: 0.85, wide: 0.07, inner: 0.3, brow: 0.15, lid: 0.95, squint: 0.4, blush: 0.7, tilt: 2, pace: 0.9 },
  grave: { corner: -0.16, wide: -0.1, inner: 0.45, outer: -0.15, brow: -0.15, lid: 0.86, tilt: 0, down: 0.22, pace: 0.35 },
  happy: { corner: 0.92, wide: 0.18, part: 0.26, brow: 0.5, outer: 0.1, lid: 0.96, squint: 0.72, blush: 1, tilt: -1.5, pace: 1.15 },
};

/** Moods in which a smile would hurt. */
export const GRAVE = ["concerned", "grave"];

/**
 * Posture. `tilt` degrees, `yaw`/`pitch` turn of the head (−1…1), `gazeX`/`gazeY` eyes (−1…1), `lean` towards the visitor, `roam` how far the eyes wander.
 * @type {Record<string, Values>}
 */
export const POSES = {
  idle: { roam: 0.5 },
  listening: { tilt: -3.2, yaw: 0.12, lean: 0.7, roam: 0.22 },
  thinking: { tilt: 3, yaw: -0.42, pitch: -0.25, gazeX: -0.62, gazeY: -0.6, roam: 0.35 },
  speaking: { lean: 0.25, roam: 0.38 },
};

/**
 * Mouth shapes: `width` (1 = at rest), `open` (0…1), `round` (0 flat … 1 circle), `press` lips held together, `teeth`, `tongue` (0…1).
 * @type {Record<string, Values>}
 */
export const VISEMES = {
  sil: { width: 1, open: 0 },
  a: { width: 0.96, open: 0.9, round: 0.45, teeth: 0.6, tongue: 0.8 },
  i: { width: 1.1, open: 0.3, round: 0.05, teeth: 1, tongue: 0.2 },
  u: { width: 0.6, open: 0.24, round: 0.8, teeth: 0, tongue: 0.2 },
  e: { width: 1.06, open: 0.52, round: 0.2, teeth: 0.9, tongue: 0.6 },
  o: { width: 0.68, open: 0.66, round: 0.9, teeth: 0.2, tongue: 0.5 },
  N: { width: 0.92, open: 0.09, round: 0.1, teeth: 0.4 },
  FF: { width: 0.95, open: 0.16, round: 0, teeth: 1.4, press: 0.35 },
  cl: { width: 0.95, open: 0, press: 0.7 },
};

/** Every value a mood, a pose or a mouth shape may leave out. */
export const REST = {
  corner: 0, wide: 0, part: 0, inner: 0, outer: 0, brow: 0, skew: 0, lid: 1, squint: 0, blush: 0, tilt: 0, down: 0, pace: 1,
  yaw: 0, pitch: 0, gazeX: 0, gazeY: 0, lean: 0, roam: 0,
  width: 1, open: 0, round: 0, press: 0, teeth: 0, tongue: 0,
};
