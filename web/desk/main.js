// @ts-check
/** Opens the desk: the sign-in form for a stranger, the one page for an agent. */
import { pickLocale, translator } from "../shared/i18n.js";
import { openStorage } from "../shared/storage.js";
import { Api } from "./api.js";
import { App } from "./app.js";
import { signIn } from "./signin.js";

const api = new Api();
const storage = openStorage("omo.desk.");
/** @type {App | null} */
let app = null;

/** @param {string} locale */
async function words(locale) {
  document.documentElement.lang = locale;
  return translator((await import(locale === "ja" ? "./strings/ja.js" : "./strings/en.js")).default);
}

/** @param {any} me */
async function work(me) {
  const locale = pickLocale(storage.get("locale") ?? me.locale ?? navigator.language);
  app = new App({ api, storage, me, locale, t: await words(locale), words, leave: (again) => void door(again) });
  app.start();
}

/** @param {boolean} [again] whether the session ended by itself */
async function door(again = false) {
  app?.destroy();
  app = null;
  const locale = pickLocale(storage.get("locale") ?? navigator.language);
  signIn({ api, t: await words(locale), again, locale, enter: (me) => void work(me),
    speak: (to) => {
      storage.set("locale", to);
      void door(again);
    } });
}

document.documentElement.dataset.theme = storage.get("settings")?.theme ?? "auto";
try {
  await work(await api.get("me"));
} catch (why) {
  if (!(/** @type {any} */ (why).name === "Error" || /** @type {any} */ (why).status !== undefined)) throw why;
  await door();
}
