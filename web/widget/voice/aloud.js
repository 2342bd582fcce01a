// @ts-check
/**
 * Owns one sentence said by the browser's own voice, or shown at the pace of speech when there is none. Ends exactly once whatever the
 * browser's events do: some voices never report a start, a boundary or an end.
 */
import { createClock } from "./clock.js";
import { estimate, heardBy, timeAt } from "./morae.js";

/** @type {Record<string, {rate: number, pitch: number}>} */
export const TONES = {
  calm: { rate: 1, pitch: 1 },
  warm: { rate: 1, pitch: 1.06 },
  grave: { rate: 0.86, pitch: 0.92 },
  urgent: { rate: 1.08, pitch: 1 },
};

const START_WAIT = 2500; // ms without a start event: nothing will be heard
const seconds = () => performance.now() / 1000;

/**
 * @typedef {object} Sentence
 * @property {string} text @property {string} locale @property {{rate: number, pitch: number}} tone
 * @property {SpeechSynthesis | null} synth @property {SpeechSynthesisVoice | null} voice no voice: captions only
 * @property {number} pace how much faster than estimated this voice has proved to be
 * @property {(line: import("./morae.js").Estimate, clock: () => number) => void} onTimeline
 * @property {(index: number) => void} onBoundary UTF-16 index of the word that begins
 * @property {(how: {end: "done" | "interrupted", heard: number, seconds: number, estimated: number, aloud: boolean}) => void} onEnd
 */

/** @param {Sentence} sentence @returns {{stop: () => void, heard: () => number}} heard: code points so far */
export function say(sentence) {
  const { text, tone, synth, voice, onTimeline, onBoundary, onEnd } = sentence;
  const line = estimate(text, sentence.locale, tone.rate * (voice ? sentence.pace : 1));
  let clock = createClock(seconds);
  let began = seconds();
  let aloud = false;
  let started = false;
  let ended = false;
  let guard = 0;

  const heard = () => (started ? heardBy(line, text, clock.now()) : 0);
  /** @param {"done" | "interrupted"} end */
  const finish = (end) => {
    if (ended) return;
    ended = true;
    clearTimeout(guard);
    const all = end === "done" ? [...text].length : heard();
    clock.end();
    onEnd({ end, heard: all, seconds: seconds() - began, estimated: line.length, aloud });
  };
  const begin = () => {
    if (ended || started) return;
    started = true;
    began = seconds();
    clock = createClock(seconds);
    const mine = clock;
    onTimeline(line, () => mine.now());
  };
  const silently = () => {
    if (ended || started) return;
    begin();
    guard = window.setTimeout(() => finish("done"), line.length * 1000);
  };

  if (synth && voice) {
    const utterance = new SpeechSynthesisUtterance(text);
    Object.assign(utterance, { voice, lang: voice.lang, rate: tone.rate, pitch: tone.pitch });
    utterance.onstart = () => {
      aloud = true;
      clearTimeout(guard);
      begin();
      guard = window.setTimeout(() => { synth.cancel(); finish("done"); }, line.length * 2200 + 4000);
    };
    utterance.onboundary = (event) => {
      if (ended || !started || event.charIndex === undefined) return;
      clock.sync(timeAt(line, event.charIndex));
      onBoundary(event.charIndex);
    };
    utterance.onend = () => finish("done");
    utterance.onerror = (event) => {
      if (event.error === "interrupted" || event.error === "canceled") finish("interrupted");
      else if (started) finish("interrupted");
      else { clearTimeout(guard); silently(); }
    };
    guard = window.setTimeout(() => { utterance.onstart = utterance.onend = utterance.onerror = null; synth.cancel(); silently(); }, START_WAIT);
    synth.speak(utterance);
  } else silently();

  return {
    heard,
    stop() {
      if (ended) return;
      finish("interrupted");
      if (synth && voice) synth.cancel();
    },
  };
}
