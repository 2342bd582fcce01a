// @ts-check
/**
 * Owns the place in a mouth timeline: which shape is due by a clock that somebody else keeps, where a phrase begins, and
 * one ending per timeline, even if no frame is drawn or the clock stops.
 */

const AHEAD = 0.045; // lips start to move before the sound they make
const PHRASE_GAP = 0.16; // a silence this long begins a new phrase
const STALL = 4; // seconds without the clock moving

/**
 * @param {{shape: (name: string) => void, phrase: () => void, close: () => void}} act
 */
export function createPlayhead(act) {
  /** @type {{timeline: import("./face.js").Timeline, clock: () => number, end: number, index: number, finish: (how: "done" | "stopped") => void} | null} */
  let current = null;
  let timer = 0;
  let moved = 0;
  let last = -1;

  /** @param {"done" | "stopped"} how */
  const finish = (how) => {
    if (!current) return;
    const { finish: tell } = current;
    current = null;
    clearTimeout(timer);
    act.close();
    tell(how);
  };
  // Frames stop in a hidden page; this keeps the promise to end.
  const guard = () => {
    if (!current) return;
    const now = current.clock();
    if (now !== last) { last = now; moved = performance.now(); }
    if (now >= current.end) return finish("done");
    if (performance.now() - moved > STALL * 1000) return finish("stopped");
    timer = window.setTimeout(guard, Math.min(1000, Math.max(30, (current.end - now) * 1000)));
  };
  return {
    /** @param {import("./face.js").Timeline} timeline @param {() => number} clock @returns {Promise<"done" | "stopped">} */
    play(timeline, clock) {
      finish("stopped");
      return new Promise((resolve) => {
        const n = timeline.t.length - 1;
        const end = n < 0 ? 0 : timeline.t[n] + timeline.d[n];
        current = { timeline, clock, end, index: -1, finish: resolve };
        last = -1;
        moved = performance.now();
        guard();
      });
    },
    get busy() { return current !== null; },
    stop() { finish("stopped"); },
    /** @returns {boolean} whether a timeline is being played */
    step() {
      if (!current) return false;
      const { timeline: { t, d, v }, clock, end } = current;
      const now = clock();
      if (now >= end) { finish("done"); return false; }
      let index = current.index;
      if (index >= 0 && now + AHEAD < t[index]) index = -1; // the clock was set back
      while (index + 1 < t.length && t[index + 1] <= now + AHEAD) index += 1;
      if (index !== current.index && index >= 0) {
        const before = index - 1;
        const gap = before < 0 || (v[before] === "sil" && d[before] >= PHRASE_GAP);
        if (v[index] !== "sil" && gap) act.phrase();
        act.shape(v[index]);
        current.index = index;
      }
      return true;
    },
  };
}
