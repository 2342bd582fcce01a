// @ts-check
/** When to come back after a close: the close-code table and full jitter. */

const FIRST_MS = 1000;
const MOST_MS = 30_000;

/** @typedef {"stop" | "now" | "later" | "slow" | "anonymous" | "unknown_conversation" | "too_big"} Action */

/** Exact codes first, then ranges. @type {Record<number, Action>} */
const CODES = {
  1003: "stop", 1007: "too_big", 1008: "stop", 1009: "too_big",
  4001: "anonymous", 4004: "unknown_conversation", 4008: "later",
  4200: "now", 4205: "now", 4210: "now",
};

/** @param {number} code WebSocket close code @returns {Action} */
export function afterClose(code) {
  if (CODES[code]) return CODES[code];
  if (code >= 4000 && code < 4100) return "stop";
  if (code >= 4100 && code < 4200) return "slow";
  return code >= 4200 && code < 4300 ? "now" : "later";
}

/** Full jitter: a fair share of a doubling ceiling, so that a restart is not a stampede.
 *  @param {number} attempt 0 for the first try @param {() => number} random 0–1 @returns {number} ms */
export function delay(attempt, random) {
  return Math.round(random() * Math.min(MOST_MS, FIRST_MS * 2 ** attempt));
}
