// @ts-check
/** Sound, only where the visitor switched it on: joins the speaking engine to captions, lips and the wire; and the microphone. */
import { h } from "../shared/dom.js";
import { createListener } from "./voice/listen.js";
import { createSpeech } from "./voice/speech.js";
import { icon } from "./icons.js";

/** Moods in which nobody speaks brightly. @type {Record<string, string>} */
const TONES = { grave: "grave", concerned: "calm", warm: "warm", happy: "warm" };

/** Written marks that nobody reads aloud. @param {string} text */
function spoken(text) {
  return text.replace(/\[\d{1,2}\]/g, "").replace(/\[([^\]]+)\]\([^)]*\)/g, "$1").replace(/^\s*(?:#+|[-*+>]|\|?[-:| ]+\|?$)\s*/gm, "").replace(/\*\*|__|~~|`/g, "").replace(/\s*\|\s*/g, "、");
}

/** @param {import("./frame.js").App} app */
export async function createVoice(app) {
  const { client, stage, t } = app;
  await app.more();
  const config = await fetch(`/v1/config?locale=${app.locale}`).then((r) => r.json()).catch(() => ({}));
  const remote = config.voice && !["browser", "off", "none"].includes(config.voice);
  const speech = createSpeech({
    locale: app.locale,
    onTimeline: (line, clock) => void stage.face?.playTimeline(line, clock),
    onCaption: ({ text }) => {
      stage.caption.textContent = text;
      stage.caption.hidden = !text;
    },
    onDone: ({ message, heard, played_ms }) => message && client.tell("speech.progress", { message, heard, played_ms }),
  });
  const listener = createListener({
    locale: app.locale,
    onText: (text) => app.view?.composer.dictate(text),
    onState: (on) => mic.setAttribute("aria-pressed", String(on)),
    onError: () => app.view?.say(t("micFailed")),
  });
  let told = false;
  const mic = h("button", { type: "button", class: "stop mic", "aria-label": t("mic"), title: t("mic"), "aria-pressed": "false", onclick: press }, icon("mic"));
  function press() {
    speech.stop();
    if (!told) app.view?.say(t("micNote"));
    else if (mic.getAttribute("aria-pressed") === "true") listener.stop();
    else listener.start();
    told = true;
  }
  if (listener.available) app.view?.composer.stopButton.before(mic);
  return {
    /** @param {string} message @param {string} text @param {string} locale */
    say(message, text, locale) {
      const here = () => {
        speech.setLocale(locale);
        void speech.speak(spoken(text), { message, source: text, tone: TONES[app.store.mood] ?? "calm" });
      };
      // The server may have no voice for this language, or no place free: then the browser speaks.
      if (remote) void client.ask("speech.request", { message }).catch(here);
      else here();
    },
    /** @param {any} frame */
    frame(frame) {
      if (frame.type.startsWith("speech.")) speech.frame(frame);
    },
    stop: () => speech.stop(),
    destroy() {
      speech.destroy();
      listener.destroy();
      mic.remove();
      stage.caption.hidden = true;
    },
  };
}
