// @ts-check
/**
 * Owns speech that comes as sound from the server: sentences are scheduled one after the other on the audio clock, the lips follow that
 * same clock, and every `speech.started` ends exactly once, also when the closing frame never comes.
 */

const LEAD = 0.05; // seconds before the first sound, so that nothing is cut off
const SILENCE = 8000; // ms without a frame after the last sound: the server has gone

/**
 * @typedef {{t: number[], d: number[], v: string[]}} Timeline
 * @typedef {{onTimeline?: (timeline: Timeline, clock: () => number) => void, onCaption?: (caption: {message?: string, text: string, start: number}) => void,
 *   onDone: (ending: import("./speech.js").Ending) => void}} PlayerOptions
 */

/** @param {string} b64 @returns {ArrayBuffer} */
function bytes(b64) {
  const text = atob(b64);
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) out[i] = text.charCodeAt(i);
  return out.buffer;
}

/** @param {PlayerOptions} options */
export function createPlayer(options) {
  /** @type {AudioContext | null} */
  let audio = null;
  /** @typedef {{message?: string, chunks: Map<number, {text: string, from: number, length: number}>, lines: Map<number, Timeline>, sources: AudioBufferSourceNode[],
   *   timers: number[], until: number, began: number, work: Promise<void>, closing: boolean, shown: Set<number>}} Run */
  /** @type {Run | null} */
  let run = null;

  const context = () => (audio ??= new AudioContext());
  const now = () => {
    const a = context();
    // A context that is not allowed to sound has a frozen clock; captions and lips then go by the page's own.
    return a.state === "running" ? a.currentTime - (a.outputLatency || 0) : performance.now() / 1000;
  };

  /** @param {Run} mine @param {"done" | "interrupted"} end */
  const finish = (mine, end) => {
    if (run !== mine) return;
    run = null;
    mine.timers.forEach(clearTimeout);
    for (const source of mine.sources) { source.onended = null; try { source.stop(); } catch { /* never began */ } source.disconnect(); }
    const time = now();
    let heard = 0;
    for (const { text, from, length } of mine.chunks.values()) {
      const share = end === "done" ? 1 : Math.max(0, Math.min(1, (time - from) / (length || 1)));
      heard += Math.floor([...text].length * share);
    }
    const played = mine.began < 0 ? 0 : Math.max(0, Math.min(time, mine.until) - mine.began);
    options.onCaption?.({ message: mine.message, text: "", start: heard });
    options.onDone({ message: mine.message, end, heard, played_ms: Math.round(played * 1000), aloud: audio?.state === "running" && mine.sources.length > 0 });
  };

  /** @param {Run} mine */
  const watch = (mine) => {
    const left = Math.max(0, mine.until - now()) * 1000;
    mine.timers.push(window.setTimeout(() => { if (now() >= mine.until - 0.02) finish(mine, "done"); else watch(mine); }, mine.closing ? left : left + SILENCE));
  };
  /** @param {Run} mine @param {number} delay seconds @param {() => void} act */
  const later = (mine, delay, act) => { mine.timers.push(window.setTimeout(() => { if (run === mine) act(); }, Math.max(0, delay * 1000))); };

  /** Lips of a chunk, as soon as both its sound and its shapes are known. @param {Run} mine @param {number} seq */
  const lips = (mine, seq) => {
    const chunk = mine.chunks.get(seq);
    const line = mine.lines.get(seq);
    if (!chunk || !line || mine.shown.has(seq)) return;
    mine.shown.add(seq);
    const { from, length } = chunk;
    later(mine, from - now() - 0.05, () => options.onTimeline?.(line, () => (run !== mine || now() - from > length + 0.2 ? Infinity : now() - from)));
  };

  /** @param {Run} mine @param {any} frame @param {number} seq */
  const chunk = async (mine, frame, seq) => {
    const a = context();
    if (a.state !== "running") await Promise.race([a.resume().catch(() => {}), new Promise((go) => setTimeout(go, 150))]);
    let buffer = null;
    try { buffer = await a.decodeAudioData(bytes(String(frame.b64 ?? ""))); } catch { /* a sound that cannot be read is left out; the text is there */ }
    if (run !== mine || !buffer) return;
    const from = Math.max(now() + LEAD, mine.until);
    const text = String(frame.text ?? "");
    const start = [...mine.chunks.values()].reduce((sum, one) => sum + [...one.text].length, 0);
    if (mine.began < 0) mine.began = from;
    mine.until = from + buffer.duration;
    mine.chunks.set(seq, { text, from, length: buffer.duration });
    if (a.state === "running") {
      const source = a.createBufferSource();
      source.buffer = buffer;
      source.connect(a.destination);
      source.start(a.currentTime + (from - now()));
      mine.sources.push(source);
    }
    if (text) later(mine, from - now(), () => options.onCaption?.({ message: mine.message, text, start }));
    lips(mine, seq);
  };

  /** @type {Record<string, (frame: any) => void>} */
  const handlers = {
    "speech.started": (frame) => {
      if (run) finish(run, "interrupted");
      run = { message: frame.message, chunks: new Map(), lines: new Map(), sources: [], timers: [], until: 0, began: -1, work: Promise.resolve(), closing: false, shown: new Set() };
      run.until = now();
      watch(run);
    },
    "speech.chunk": (frame) => {
      const mine = run;
      if (!mine) return;
      const seq = Number(frame.seq ?? mine.chunks.size);
      mine.work = mine.work.then(() => chunk(mine, frame, seq));
    },
    "speech.visemes": (frame) => {
      const mine = run;
      if (!mine || !Array.isArray(frame.t) || !Array.isArray(frame.d) || !Array.isArray(frame.v)) return;
      const seq = Number(frame.seq ?? mine.lines.size);
      mine.lines.set(seq, { t: frame.t.map(Number), d: frame.d.map(Number), v: frame.v.map(String) });
      lips(mine, seq);
    },
    "speech.done": () => {
      const mine = run;
      if (!mine) return;
      mine.work = mine.work.then(() => { mine.closing = true; watch(mine); });
    },
    "speech.interrupted": () => { if (run) finish(run, "interrupted"); },
  };

  return {
    get busy() { return run !== null; },
    /** @param {{type: string}} frame */
    frame(frame) { if (Object.hasOwn(handlers, frame.type)) handlers[frame.type](frame); },
    /** The rest of this speech is ignored until the next `speech.started`. */
    stop() { if (run) finish(run, "interrupted"); },
    unlock() { context().resume().catch(() => {}); },
    destroy() { if (run) finish(run, "interrupted"); audio?.close().catch(() => {}); audio = null; },
  };
}
