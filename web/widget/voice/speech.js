// @ts-check
/**
 * Owns what the assistant is saying: a queue of texts, each ended exactly once (done or interrupted), said by the browser's voice, by
 * sound from the server, or shown as captions alone. It shows nothing itself: lips and captions are told through callbacks.
 */
import { say, TONES } from "./aloud.js";

const LONGEST = 120; // characters in one go: some voices stop by themselves after 15 s
const SENTENCES = /[^。．.!！?？\n]+[。．.!！?？\n]*["”」』）)]*\s*|[。．.!！?？\n]+/g;

/**
 * @typedef {{message?: string, end: "done" | "interrupted", heard: number, played_ms: number, aloud: boolean}} Ending
 *   heard: code points of the text that were said; fits the command `speech.progress`
 * @typedef {object} SpeechOptions
 * @property {string} locale "ja" or "en"
 * @property {(timeline: {t: number[], d: number[], v: string[]}, clock: () => number) => void} [onTimeline] give both to face.playTimeline
 * @property {(place: {message?: string, heard: number}) => void} [onBoundary] code points of the text reached
 * @property {(ending: Ending) => void} [onDone] once for each text
 * @property {(caption: {message?: string, text: string, start: number}) => void} [onCaption] the sentence being said and the code points
 *   before it; plain text: show it as text, never as HTML. An empty text takes the caption away.
 * @property {SpeechSynthesis | null} [synth] null: never aloud
 */

/** @param {string} text @returns {string[]} pieces that are short enough to be said in one go and together are the text */
export function sentences(text) {
  /** @type {string[]} */
  const pieces = [];
  for (const [whole] of text.matchAll(SENTENCES)) {
    let rest = whole;
    while (rest.length > LONGEST) {
      const cut = Math.max(...["、", "，", ",", " ", "　"].map((mark) => rest.lastIndexOf(mark, LONGEST - 1))) + 1 || LONGEST;
      const end = /[\uD800-\uDBFF]/.test(rest[cut - 1]) ? cut - 1 : cut;
      pieces.push(rest.slice(0, end));
      rest = rest.slice(end);
    }
    // "3.5" or "No." alone is no sentence: keep it with what follows.
    const last = pieces[pieces.length - 1];
    if (last !== undefined && /[A-Za-z0-9]\.$/.test(last) && /^[a-z0-9]/.test(rest) && last.length + rest.length <= LONGEST) pieces[pieces.length - 1] += rest;
    else pieces.push(rest);
  }
  return pieces;
}

/**
 * How far in the written text a voice has come that reads a cleaned form of it (no marks, no numbers of sources).
 * @param {string} written @param {string} said @param {number} heard code points of `said` @returns {number} code points of `written`
 */
export function placeIn(written, said, heard) {
  const all = [...written];
  const words = [...said];
  if (heard >= words.length) return all.length;
  let place = 0;
  for (const character of words.slice(0, heard)) {
    const found = all.indexOf(character, place);
    if (found >= 0) place = found + 1;
  }
  return place;
}

/** @param {SpeechOptions} options */
export function createSpeech(options) {
  const synth = options.synth === undefined ? (window.speechSynthesis ?? null) : options.synth;
  let locale = options.locale;
  let wish = "";
  let pace = 1;
  /** @typedef {{text: string, source: string, tone: string, message?: string, resolve: (ending: Ending) => void}} Item */
  /** @type {Item[]} */
  let queue = [];
  /** @type {{item: Item, stop: () => void} | null} */
  let current = null;
  /** @type {ReturnType<typeof import("./player.js").createPlayer> | null} sound from the server is an extra: its code comes with its first frame */
  let player = null;
  /** @type {Promise<void> | null} */
  let coming = null;
  let stops = 0;
  const withPlayer = () => (coming ??= import("./player.js").then(({ createPlayer }) => {
    player = createPlayer({ onTimeline: options.onTimeline, onCaption: options.onCaption, onDone: (ending) => options.onDone?.(ending) });
  }));

  /** @returns {SpeechSynthesisVoice | null} */
  const voice = () => {
    const mine = (synth?.getVoices() ?? []).filter((one) => one.lang.replace("_", "-").slice(0, 2).toLowerCase() === locale.slice(0, 2));
    return mine.find((one) => one.voiceURI === wish) ?? mine.find((one) => one.localService) ?? mine[0] ?? null;
  };

  /** @param {Item} item @param {Ending} ending */
  const settle = (item, ending) => {
    if (current?.item === item) current = null;
    options.onCaption?.({ message: item.message, text: "", start: ending.heard });
    options.onDone?.(ending);
    item.resolve(ending);
    next();
  };

  const next = () => {
    const item = current ? undefined : queue.shift();
    if (!item) return;
    const pieces = sentences(item.text);
    let before = 0;
    let played = 0;
    let aloud = false;
    /** @type {{stop: () => void, heard: () => number} | null} */
    let saying = null;
    let stopped = false;
    const place = (/** @type {number} */ heard) => placeIn(item.source, item.text, heard);
    const finish = (/** @type {"done" | "interrupted"} */ end, /** @type {number} */ heard) =>
      settle(item, { message: item.message, end, heard: place(heard), played_ms: Math.round(played * 1000), aloud });
    const piece = (/** @type {number} */ i) => {
      if (i >= pieces.length) return finish("done", before);
      const text = pieces[i];
      options.onCaption?.({ message: item.message, text: text.trim(), start: place(before) });
      saying = say({
        text, locale, synth, voice: voice(), pace, tone: TONES[item.tone] ?? TONES.calm,
        onTimeline: (line, clock) => options.onTimeline?.({ t: line.t, d: line.d, v: line.v }, clock),
        onBoundary: (index) => options.onBoundary?.({ message: item.message, heard: place(before + [...text.slice(0, index)].length) }),
        onEnd: (how) => {
          played += how.seconds;
          aloud ||= how.aloud;
          if (how.aloud && how.end === "done" && how.seconds > 0.8) {
            pace = Math.min(1.8, Math.max(0.6, pace * (0.5 + (0.5 * how.estimated) / how.seconds)));
          }
          if (how.end === "interrupted" || stopped) return finish("interrupted", before + how.heard);
          before += how.heard;
          piece(i + 1);
        },
      });
    };
    current = { item, stop() { stopped = true; saying?.stop(); } };
    piece(0);
  };

  return {
    /** Whether something would be heard. Voices may arrive after the page: ask again later. @returns {boolean} */
    get hasVoice() { return voice() !== null; },
    /** @returns {boolean} whether anything is being said or waits to be */
    get busy() { return current !== null || queue.length > 0 || Boolean(player?.busy); },
    /**
     * Say a text after those already waiting.
     * @param {string} text @param {{tone?: string, message?: string, source?: string}} [how] tone: calm warm grave urgent; source: what is
     *   written, where it differs from what is said: all places are then counted in it
     * @returns {Promise<Ending>}
     */
    speak(text, how = {}) {
      return new Promise((resolve) => {
        queue.push({ text, source: how.source ?? text, tone: how.tone ?? "calm", message: how.message, resolve });
        next();
      });
    },
    /** Fall silent at once: the current text ends as interrupted, and so do those that wait, unheard. */
    stop() {
      stops += 1;
      const waiting = queue;
      queue = [];
      current?.stop();
      for (const item of waiting) settle(item, { message: item.message, end: "interrupted", heard: 0, played_ms: 0, aloud: false });
      player?.stop();
    },
    /** A frame `speech.*` from the server. @param {{type: string, [field: string]: any}} frame */
    frame(frame) {
      const before = stops;
      if (player) player.frame(frame);
      else void withPlayer().then(() => { if (stops === before) player?.frame(frame); });
    },
    /** Call inside a click or key press, so that the browser allows sound later. */
    unlock() { void withPlayer().then(() => player?.unlock()); },
    /** @param {string} value @param {string} [voiceURI] */
    setLocale(value, voiceURI = "") {
      if (value !== locale || voiceURI !== wish) pace = 1;
      locale = value;
      wish = voiceURI;
    },
    destroy() { this.stop(); player?.destroy(); },
  };
}
