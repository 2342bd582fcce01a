// @ts-check
/** The panel: joins connection, facts and views. Runs in our own origin, inside the company's page or alone. */
import { Client } from "../shared/client.js";
import { addStyle } from "../shared/dom.js";
import { pickLocale, translator } from "../shared/i18n.js";
import { openStorage } from "../shared/storage.js";
import { makeActions } from "./actions.js";
import { hide as hidePassage } from "./citations.js";
import { Host } from "./host.js";
import { Stage } from "./stage.js";
import { Store } from "./store.js";
import { makeView } from "./view.js";

const THEMED = ["accent", "on-accent", "accent-soft", "surface", "background", "text", "radius", "font"];
const KIOSK_IDLE_MS = 120_000;

export class App {
  #query = new URLSearchParams(location.search);
  storage = openStorage("omo.");
  /** Half-written words live as long as the tab. */
  draft = this.storage;
  store = new Store();
  mode = this.#query.get("mode") ?? "page";
  closable = this.mode === "bubble" || this.mode === "panel";
  stage = new Stage(this.#query.get("look") ?? "");
  settings = { theme: this.#query.get("theme") ?? "auto", captions: true, textOnly: false, voice: false, ...this.storage.get("settings") };
  /** @type {Record<string, boolean>} what the visitor chose not to answer */
  skipped = {};
  declined = "";
  contactChoice = "";
  shown = false;
  unread = 0;
  /** @type {any} */
  voice = null;
  /** @type {ReturnType<typeof makeView> | null} */
  view = null;
  locale = "ja";
  t = translator({});
  /** @type {Record<string, string>} */
  #words = {};
  /** @type {object} */
  #context = {};
  /** @type {string | undefined} */
  #ticket;
  #drawn = 0;
  #idle = 0;

  constructor() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.client = new Client({
      url: `${scheme}//${location.host}/v1/visitor`,
      storage: this.storage,
      hello: () => ({ locale: this.locale, ticket: this.#ticket, context: Object.keys(this.#context).length ? this.#context : undefined }),
    });
    this.host = new Host(this.#query.get("host") ?? "", {
      open: (m) => this.#open(m.focus),
      close: () => this.#hidden(),
      ask: (m) => this.actions.send(m.text),
      identify: (m) => this.#identify(m.ticket),
      context: (m) => this.#tellContext(m.data),
      theme: (m) => this.#theme(m.theme),
      insets: (m) => this.#insets(m),
    });
    this.actions = makeActions(this);
    this.#listen();
  }

  async start() {
    document.documentElement.dataset.mode = this.mode;
    if (!this.closable) void addStyle("page.css");
    await this.speak(this.storage.get("locale") ?? this.#query.get("locale") ?? navigator.language);
    if (window.parent === window) this.#open(true);
    else if (!this.closable) this.#open(false);
    this.host.post("loaded");
  }

  /** Everything said in another language from here on. @param {string} locale */
  async speak(locale) {
    const picked = pickLocale(locale);
    if (this.view && picked !== this.locale) this.storage.set("locale", picked);
    this.locale = picked;
    this.#words = {};
    this.t = translator(this.#words);
    await this.#learn("");
    document.documentElement.lang = picked;
    this.#silence(); // its button belongs to the old view
    this.view = makeView(this);
    document.body.replaceChildren(this.view.node);
    this.dress();
  }

  /** Words and styles of what is not there from the start. */
  more() {
    return Promise.all([this.#learn(".more"), addStyle("more.css")]);
  }

  /** Fetches words of the language in use. @param {"" | ".more"} part */
  async #learn(part) {
    const words = this.#words;
    Object.assign(words, (await import(`./strings/${this.locale}${part}.js`)).default);
  }

  get name() {
    return this.store.session?.persona?.name ?? this.storage.get("name") ?? this.t("name");
  }

  get limit() {
    return this.store.session?.limits?.text ?? 4000;
  }

  /** Draws once per frame, however much has changed. */
  refresh = () => {
    if (this.#drawn) return;
    // A hidden page gets no animation frames; its title and live region must still be right when it comes back.
    const later = document.hidden ? (/** @type {() => void} */ f) => window.setTimeout(f, 100) : requestAnimationFrame;
    this.#drawn = later(() => {
      this.#drawn = 0;
      this.stage.render(this.store);
      this.view?.render();
    });
  };

  /** @param {string} choice email, callback or "" */
  openContact(choice) {
    this.contactChoice = choice;
    this.refresh();
  }

  /** @param {string} what */
  skip(what) {
    this.skipped[what] = true;
    if (what === "satisfaction") this.skipped.all = true;
    this.refresh();
  }

  /** Puts the settings on. */
  dress() {
    const root = document.documentElement;
    root.dataset.theme = this.settings.theme;
    root.toggleAttribute("data-text-only", this.settings.textOnly);
    this.stage.caption.classList.toggle("off", !this.settings.captions);
    const aloud = this.settings.voice && !this.settings.textOnly;
    if (aloud && !this.voice && this.shown) void this.#loadVoice();
    if (!aloud) this.#silence();
    if (this.shown && !this.settings.textOnly) void this.stage.load("", this.store.session?.persona?.look);
    this.refresh();
  }

  #listen() {
    const { client, store, host } = this;
    store.changed = this.refresh;
    client.on("ready", (frame) => {
      store.ready(frame);
      this.storage.set("name", frame.persona?.name);
      if (!this.settings.textOnly) void this.stage.load("", frame.persona?.look);
      this.view?.announcer.skip();
      if (frame.head > 1) this.#tellContext({});
      host.event("ready", { locale: this.locale });
    });
    client.on("reset", () => store.clear());
    client.on("fact", (fact) => {
      store.apply(fact);
      if (fact.seq > (store.session?.head ?? 0)) this.#live(fact);
      else this.view?.announcer.skip();
    });
    client.on("run", (run) => store.grow(run));
    client.on("frame", (frame) => {
      store.frame(frame);
      this.voice?.frame?.(frame);
    });
    client.on("outbox", this.refresh);
    client.on("refused", ({ entry, why }) => this.view?.refused(entry, why));
    client.on("state", ({ state }) => {
      host.event("connection", { state });
      this.refresh();
    });
    document.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("visibilitychange", () => this.#seen());
    if (this.mode === "kiosk") for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, () => this.#restartIdle());
  }

  /** A fact that happened now, not one that is told again. @param {import("../shared/facts.js").Fact} fact */
  #live(fact) {
    const { host, store } = this;
    if (fact.type === "message.created") {
      host.event("message", { from: fact.actor.kind });
      if (fact.actor.kind === "assistant") this.voice?.say(fact.data.message, fact.data.text, this.locale);
      if (fact.actor.kind !== "visitor" && !this.shown) host.event("unread", { count: (this.unread += 1) });
      this.#seen();
    }
    if (fact.type === "driver.changed") host.event("handoff", { state: fact.data.to });
    if (fact.type === "agent.joined") this.view?.transcript.toEnd(); // what they waited for
    if (fact.type === "agent.joined") host.event("agent", { name: fact.data.name, present: true });
    if (fact.type === "agent.left") host.event("agent", { name: fact.data.name, present: false });
    if (fact.type === "driver.changed" && store.waiting) this.contactChoice = "";
  }

  #seen() {
    if (this.shown && !document.hidden && this.client.order.last) this.client.tell("seen", { seq: this.client.order.last });
  }

  /** @param {boolean} focus */
  #open(focus) {
    this.shown = true;
    this.unread = 0;
    this.host.event("unread", { count: 0 });
    this.client.connect();
    this.dress();
    this.#seen();
    this.view?.transcript.toEnd();
    if (focus) this.view?.composer.input.focus({ preventScroll: true });
  }

  #hidden() {
    this.shown = false;
    this.voice?.stop();
  }

  /** @param {string} ticket */
  #identify(ticket) {
    this.#ticket = ticket;
    if (this.client.state === "ready") this.client.again();
  }

  /** @param {object} data */
  #tellContext(data) {
    this.#context = { ...this.#context, ...data };
    if (this.client.state === "ready" && Object.keys(this.#context).length) this.client.ask("session.context", this.#context).catch(() => {});
  }

  /** Only known variables, only values the browser takes for one. @param {Record<string, string>} theme */
  #theme(theme) {
    for (const name of THEMED) {
      const value = theme[name];
      if (value && value.length < 200 && !/url\(/i.test(value)) document.documentElement.style.setProperty(`--omo-${name}`, value);
    }
  }

  /** @param {{phone: boolean, top: string, bottom: string}} insets */
  #insets({ phone, top, bottom }) {
    const root = document.documentElement;
    root.toggleAttribute("data-phone", phone);
    root.style.setProperty("--inset-top", top);
    root.style.setProperty("--inset-bottom", bottom);
  }

  async #loadVoice() {
    try {
      const { createVoice } = await import("./voice.js");
      this.voice = await createVoice(this);
    } catch {
      this.settings.voice = false; // no sound today; the text is all there
    }
  }

  #silence() {
    this.voice?.destroy();
    this.voice = null;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === "Tab" && document.documentElement.hasAttribute("data-phone") && this.closable) this.#stay(event);
    if (event.key !== "Escape" || event.isComposing) return;
    if (hidePassage(true) || this.view?.header.toggleMenu(false) || !this.closable) return;
    this.actions.close();
  }

  /** On a phone the panel covers the page: the keyboard does not wander to what is behind it. @param {KeyboardEvent} event */
  #stay(event) {
    const all = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("a[href], button, input, select, textarea, [tabindex='0']")]);
    const seen = all.filter((e) => e.offsetParent && !(/** @type {any} */ (e).disabled));
    const [edge, other] = event.shiftKey ? [seen[0], seen.at(-1)] : [seen.at(-1), seen[0]];
    if (document.activeElement !== edge) return;
    event.preventDefault();
    other?.focus();
  }

  /** A kiosk forgets the last visitor. */
  #restartIdle() {
    clearTimeout(this.#idle);
    this.#idle = window.setTimeout(() => {
      this.client.forget();
      this.actions.fresh();
    }, KIOSK_IDLE_MS);
  }
}

void new App().start();
