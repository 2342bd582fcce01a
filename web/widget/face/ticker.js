// @ts-check
/**
 * Owns when a frame is drawn: as often as the face asks for, and not at all while nobody can see it.
 */

/**
 * @param {Element} element seen or not seen
 * @param {(dt: number) => number} frame given seconds since the last frame; gives the milliseconds to wait before the next one
 *   (0: the next the display has; Infinity: none until wake())
 * @returns {{wake: () => void, destroy: () => void}}
 */
export function createTicker(element, frame) {
  let last = 0;
  let request = 0;
  let timer = 0;
  let onScreen = true;
  let gone = false;

  const tick = (/** @type {number} */ now) => {
    request = 0;
    const dt = Math.max(0, Math.min(0.2, last ? (now - last) / 1000 : 0.016));
    last = now;
    const wait = frame(dt);
    if (wait === 0) ask();
    else if (wait < Infinity) timer = window.setTimeout(ask, wait);
  };
  const seen = () => onScreen && !document.hidden && !gone;
  const ask = () => {
    clearTimeout(timer);
    if (!request && seen()) request = requestAnimationFrame(tick);
  };
  const pause = () => {
    clearTimeout(timer);
    cancelAnimationFrame(request);
    request = 0;
    last = 0;
  };
  const look = () => (seen() ? ask() : pause());
  const watcher = new IntersectionObserver((entries) => {
    onScreen = entries[entries.length - 1].isIntersecting;
    look();
  });
  watcher.observe(element);
  document.addEventListener("visibilitychange", look);
  return {
    /** Something has changed: it begins to move now, not when the last quiet frame was drawn. */
    wake() {
      if (!request) last = performance.now();
      ask();
    },
    destroy() {
      gone = true;
      pause();
      watcher.disconnect();
      document.removeEventListener("visibilitychange", look);
    },
  };
}
