// @ts-check
/** The desk at work: joins link, store and views, and draws at most once per frame. */
import { pickLocale } from "../shared/i18n.js";
import { Actions } from "./actions.js";
import { listenKeys } from "./keys.js";
import { Link } from "./link.js";
import { makeShell } from "./shell.js";
import { Signals } from "./signals.js";
import { Store } from "./store.js";

/** @typedef {import("../shared/facts.js").Fact} Fact */

const ALERT_MS = 45_000; // an alert that nobody needed goes by itself; a call for help stays

export class App {
  store = new Store();
  /** @type {any[]} */
  snippets = [];
  /** The company's name in each language, for snippets. */
  company = "";
  persona = "";
  settings;
  /** @type {any} */
  shell = null;
  /** Shows where something was said; set by the transcript. @type {((message: string) => void) | undefined} */
  goTo;
  #drawn = 0;
  #ticker = 0;
  #end = new AbortController();

  /** @param {{api: import("./api.js").Api, storage: import("../shared/storage.js").Storage_, me: any, locale: "ja" | "en",
   *   t: import("../shared/i18n.js").Translate, words(locale: string): Promise<any>, leave(again?: boolean): void}} options */
  constructor(options) {
    this.options = options;
    this.api = options.api;
    this.storage = options.storage;
    this.locale = options.locale;
    this.t = options.t;
    Object.assign(this.store.agent, options.me.agent);
    this.settings = { theme: "auto", sound: true, title: true, notify: false, ...this.storage.get("settings") };
    this.signals = new Signals(this);
    this.actions = new Actions(this);
    this.link = new Link({ storage: this.storage, ticket: async () => (await this.api.post("ticket")).ticket, hello: () => ({ locale: this.locale }) });
  }

  start() {
    this.#listen();
    this.draw();
    listenKeys(this, this.#end.signal);
    void this.link.connect();
    void this.#look();
    this.#ticker = window.setInterval(() => this.#tick(), 1000);
    document.addEventListener("visibilitychange", () => this.looked(), { signal: this.#end.signal });
  }

  /** Everything anew, in the language of now. */
  draw() {
    this.shell = makeShell(this);
    document.body.replaceChildren(this.shell.node);
    this.dress();
  }

  dress() {
    document.documentElement.dataset.theme = this.settings.theme;
    this.storage.set("settings", this.settings);
    this.refresh();
  }

  /** @param {string} wanted */
  async speak(wanted) {
    this.locale = pickLocale(wanted);
    this.storage.set("locale", this.locale);
    this.t = await this.options.words(this.locale);
    this.draw();
    void this.#look();
  }

  destroy() {
    this.link.destroy();
    this.#end.abort();
    clearInterval(this.#ticker);
    this.signals.quiet();
    this.store.ready = false;
  }

  refresh = () => {
    if (this.#drawn) return;
    const later = document.hidden ? (/** @type {() => void} */ f) => window.setTimeout(f, 150) : requestAnimationFrame;
    this.#drawn = later(() => {
      this.#drawn = 0;
      this.shell?.render();
      this.signals.render();
    });
  };

  /** A sentence that goes by itself. @param {string} text @param {string} [tone] */
  toast(text, tone = "") {
    this.shell?.toast(text, tone);
  }

  /** The agent has the conversation before their eyes: what came is read. */
  looked() {
    const { store } = this;
    const talk = store.talk;
    if (document.hidden || !talk || talk.state !== "live" || talk.seen >= talk.order.last) return;
    const before = talk.unread;
    talk.seen = talk.order.last;
    if (store.mine.has(talk.id)) this.link.tell("seen", talk.id, { seq: talk.seen });
    if (before) this.refresh();
  }

  #listen() {
    const { link, store } = this;
    link.on("ready", (frame) => {
      const first = !store.ready;
      store.start(frame);
      this.actions.reopen(first);
      this.refresh();
    });
    link.on("fact", (fact) => this.#fact(fact));
    link.on("frame", (frame) => this.#frame(frame));
    link.on("state", this.refresh);
    link.on("outbox", this.refresh);
    link.on("refused", ({ why }) => this.toast(why.message || this.t("refused"), "bad"));
    link.on("signedOut", () => this.options.leave(true));
  }

  /** @param {Fact} fact */
  #fact(fact) {
    const talk = this.store.talks.get(fact.conversation);
    if (!talk || talk.state === "kept") return;
    const verdict = talk.offer(fact);
    if (verdict === "gap") return this.actions.catchUp(talk);
    if (verdict === "drop") return;
    if (talk.state === "live") this.signals.fact(fact, talk);
    if (talk.state === "live" && fact.type === "message.created" && fact.actor.kind === "agent") this.actions.rebrief(talk);
    if (talk.id === this.store.current) this.looked();
    this.refresh();
  }

  /** @param {any} frame */
  #frame(frame) {
    const { store } = this;
    const before = frame.type === "line.updated" ? new Set(store.tickets.keys()) : null;
    if (frame.type === "error" && frame.message) this.toast(frame.message, "bad");
    if (!store.frame(frame)) return;
    this.signals.frame(frame, before);
    if (frame.type === "mine.updated") this.actions.follow();
    this.refresh();
  }

  #tick() {
    this.store.alerts = this.store.alerts.filter((a) => Date.now() - a.at < ALERT_MS || a.kind === "supervisor_call");
    for (const [id, r] of this.store.ringing) if (r.until < Date.now() - 1500) this.store.ringing.delete(id) && this.refresh();
    this.shell?.tick();
    this.refresh();
  }

  /** What changes rarely: snippets and the company's name. */
  async #look() {
    try {
      this.snippets = (await this.api.get("snippets")).snippets ?? [];
    } catch {
      this.snippets = [];
    }
    try {
      const config = await (await fetch(`/v1/config?locale=${this.locale}`)).json();
      this.company = config.company ?? "";
      this.persona = config.persona?.name ?? "";
    } catch {
      this.company = "";
    }
    this.refresh();
  }
}
