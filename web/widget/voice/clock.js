// @ts-check
/** Owns the seconds since something began to be said: they can be corrected while it is said, and jump to the end when it is over. */

/**
 * @param {() => number} source a running time in seconds
 * @returns {{now: () => number, sync: (seconds: number) => void, end: () => void}}
 */
export function createClock(source) {
  let zero = source();
  let over = false;
  return {
    now: () => (over ? Infinity : source() - zero),
    /** @param {number} seconds what the clock should show at this moment */
    sync(seconds) { zero = source() - seconds; },
    end() { over = true; },
  };
}
