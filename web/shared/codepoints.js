// @ts-check
/** Lengths and slices in Unicode code points, the unit of every offset and limit on the wire. */

/** @param {string} text */
export function length(text) {
  let n = 0;
  for (const _ of text) n += 1;
  return n;
}

/** @param {string} text @param {number} start in code points */
export function dropFirst(text, start) {
  let index = 0;
  for (const char of text) {
    if (start-- <= 0) break;
    index += char.length;
  }
  return text.slice(index);
}
