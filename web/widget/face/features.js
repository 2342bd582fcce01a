// @ts-check
/**
 * Owns the shape of mouth, eyes and brows: rig values in, SVG path data out. Pure; it knows no element and no time.
 * Coordinates are local to the feature (y down) in units of the 400 × 400 drawing.
 */

/** @param {number} n @returns {number} rounded to 1/20 unit, so that an unseen change writes nothing */
const r = (n) => Math.round(n * 20) / 20;

/** @param {number} a @param {number} b @param {number} k */
const mix = (a, b, k) => a + (b - a) * k;

/**
 * The mouth, centred on (0, 0).
 * @param {{corner: number, wide: number, part: number, width: number, open: number, round: number, press: number}} m
 * @param {{width: number, lip: number}} look half width at rest and lip thickness, in units
 * @returns {{upper: string, lower: string, inside: string, line: string, top: number, bottom: number, half: number}}
 *   filled lips, the opening, the line where the lips meet, and the extent of the opening
 */
export function mouth(m, look) {
  const open = Math.max(m.open, m.part * (1 - Math.min(1, m.open * 2)) * (1 - m.press));
  const half = look.width * (m.width + m.wide * (1 - m.round));
  const lift = m.corner * (1 - 0.35 * open) * (1 - 0.5 * m.round);
  const cy = -5.6 * lift + open * 4.5;
  const top = 2.7 * lift - open * 4;
  const bottom = top + open * 23;
  const thin = 1 - 0.62 * m.press;
  const up = look.lip * 0.86 * thin * (1 - 0.12 * open);
  const low = look.lip * 1.2 * thin * (1 - 0.1 * open);
  const reach = mix(0.58, 0.98, m.round * 0.6 + open * 0.35);
  const arc = (/** @type {number} */ y, /** @type {number} */ k) => mix(cy, y, k);
  const bend = mix(0.42, 0.8, m.round);
  const edge = (/** @type {number} */ x, /** @type {number} */ y) =>
    `C${r(-half * reach)} ${r(arc(y, bend))} ${r(-half * x)} ${r(y)} 0 ${r(y)}S${r(half * reach)} ${r(arc(y, bend))} ${r(half)} ${r(cy)}`;
  const back = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ k) =>
    `C${r(half * reach)} ${r(arc(y, k))} ${r(half * x)} ${r(y)} 0 ${r(y)}S${r(-half * reach)} ${r(arc(y, k))} ${r(-half)} ${r(cy)}Z`;
  const start = `M${r(-half)} ${r(cy)}`;
  const peak = r(top - up);
  const bow = `C${r(half * 0.7)} ${r(mix(cy, peak, 0.62))} ${r(half * 0.42)} ${peak} ${r(half * 0.22)} ${peak}`
    + `Q${r(half * 0.09)} ${peak} 0 ${r(top - up * 0.66)}Q${r(-half * 0.09)} ${peak} ${r(-half * 0.22)} ${peak}`
    + `C${r(-half * 0.42)} ${peak} ${r(-half * 0.7)} ${r(mix(cy, peak, 0.62))} ${r(-half)} ${r(cy)}Z`;
  return {
    upper: start + edge(0.36, top) + bow,
    lower: start + edge(0.36, bottom) + back(0.42, bottom + low, mix(0.6, 0.85, m.round)),
    inside: start + edge(0.36, top) + back(0.4, bottom, bend),
    line: start + edge(0.36, top),
    top, bottom, half,
  };
}

/**
 * One eye, centred on (0, 0), its outer corner to the right (the other eye is the mirror image).
 * @param {number} lid 0 shut … 1 open (a little more when surprised)
 * @param {number} squint 0 … 1 lower lid raised
 * @param {{tall: number, lash: number, slant: number}} look
 * @returns {{hole: string, lash: string, crease: string, under: string}}
 */
export function eye(lid, squint, look) {
  const tall = look.tall;
  const floor = tall * 1.12 - squint * tall * 0.5;
  const y = (/** @type {number} */ open) => r(mix(floor, -open * tall * 1.42, Math.min(lid, 1.15)));
  const inner = `-17 ${r(3 - squint)}`;
  const up = Math.min(1, lid);
  const corner = mix(2.6, -look.slant, up);
  const outer = `17.5 ${r(corner)}`;
  const a = y(0.86);
  const b = y(1);
  const upper = `C-11.5 ${a} 5 ${b} ${outer}`;
  const tip = r(mix(4.2, -look.slant - 3.2, up));
  const flick = r(18.2 + look.lash * 0.9);
  const t = look.lash * (1.25 - 0.25 * up);
  const fold = 1.6 * (1 - up);
  return {
    hole: `M${inner}${upper}C11 ${r(floor * 0.98)} -8 ${r(floor * 1.06)} ${inner}Z`,
    lash: `M${inner}${upper}L${flick} ${tip}C9 ${r(b - t)} -9.5 ${r(a - t * 0.72)} -17.8 ${r(2.4 - squint)}Z`,
    crease: `M-14.5 ${r(mix(0.5, -tall * 0.62, lid))}C-8.5 ${r(a - 4.2 - fold)} 6 ${r(b - 5 - fold)} 18.6 ${r(corner - 3.4 - 1.8 * lid)}`,
    under: `M-11 ${r(floor * 0.62)}C-4 ${r(floor * 0.98)} 8 ${r(floor * 0.98)} 15 ${r(floor * 0.28)}`,
  };
}

/**
 * One brow, over an eye whose outer corner is to the right.
 * @param {number} inner + raises the inner end @param {number} outer + raises the outer end @param {number} lift + raises all of it
 * @param {{thick: number, arch: number}} look
 */
export function brow(inner, outer, lift, look) {
  const a = 1.5 - inner * 6 - lift * 5;
  const b = -look.arch - (inner + outer) * 1.2 - lift * 5.5;
  const c = 2.2 - outer * 5 - lift * 4.5;
  const t = look.thick;
  return `M-17 ${r(a)}C-8 ${r(b)} 6 ${r(b - 1.5)} 20 ${r(c)}C8 ${r(b + t * 0.9)} -6 ${r(b + t * 1.35)} -15.6 ${r(a + t)}`
    + `Q-18.4 ${r(a + t * 0.8)} -17 ${r(a)}Z`;
}
