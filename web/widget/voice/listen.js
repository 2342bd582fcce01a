// @ts-check
/**
 * Owns the microphone, push to talk, where the browser can recognise speech. Optional everywhere: nothing may need it. The sound goes to
 * whatever service the browser uses, so the page says so before the first use.
 */

/**
 * @typedef {object} ListenOptions
 * @property {string} locale "ja" or "en"
 * @property {(text: string, final: boolean) => void} onText what is understood so far; final exactly once per press, perhaps empty
 * @property {(on: boolean) => void} [onState] whether the microphone is open
 * @property {(code: "denied" | "unheard" | "unavailable") => void} [onError]
 */

const LANGUAGE = /** @type {Record<string, string>} */ ({ ja: "ja-JP", en: "en-US" });
const ERRORS = /** @type {Record<string, "denied" | "unheard" | "unavailable">} */ ({ "not-allowed": "denied", "service-not-allowed": "denied", "no-speech": "unheard" });
const LAST_WORD = 1500; // ms granted after the button is let go

/** @param {ListenOptions} options */
export function createListener(options) {
  const Recognition = /** @type {any} */ (window).SpeechRecognition ?? /** @type {any} */ (window).webkitSpeechRecognition;
  let locale = options.locale;
  /** @type {{abort: () => void, stop: () => void} | null} */
  let session = null;

  const start = () => {
    if (!Recognition || session) return false;
    const recognition = new Recognition();
    let text = "";
    let ended = false;
    let timer = 0;
    const end = () => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      session = null;
      options.onState?.(false);
      options.onText(text, true);
    };
    Object.assign(recognition, { lang: LANGUAGE[locale.slice(0, 2)] ?? locale, interimResults: true, continuous: true, maxAlternatives: 1 });
    recognition.onresult = (/** @type {any} */ event) => {
      if (ended) return;
      text = Array.from(event.results, (/** @type {any} */ result) => result[0].transcript).join("");
      options.onText(text, false);
    };
    recognition.onerror = (/** @type {any} */ event) => {
      if (event.error !== "aborted") options.onError?.(ERRORS[event.error] ?? "unavailable");
    };
    recognition.onend = end;
    session = {
      stop() { recognition.stop(); timer = window.setTimeout(() => { recognition.abort(); end(); }, LAST_WORD); },
      abort() { text = ""; recognition.abort(); end(); },
    };
    try { recognition.start(); } catch { options.onError?.("unavailable"); end(); return false; }
    options.onState?.(true);
    return true;
  };
  return {
    available: Boolean(Recognition),
    /** @returns {boolean} whether the microphone was asked for */
    start,
    /** Let go: what was heard comes as the final text. */
    stop() { session?.stop(); },
    /** Throw away what was heard. */
    cancel() { session?.abort(); },
    /** @param {string} value */
    setLocale(value) { locale = value; },
    destroy() { session?.abort(); },
  };
}
