// @ts-check
/** How the desk makes itself heard: title, a short tone, a system notification. Each can be silenced. */

/** Notes of a tone: [Hz, start s, length s]. @type {Record<string, number[][]>} */
const TONES = {
  message: [[880, 0, 0.09]],
  ticket: [[660, 0, 0.1], [880, 0.12, 0.12]],
  urgent: [[740, 0, 0.1], [990, 0.13, 0.1], [740, 0.26, 0.14]],
  ringing: [[587, 0, 0.16], [784, 0.2, 0.22]],
};
const GAP_MS = 1500;

export class Signals {
  #app;
  /** @type {AudioContext | null} */
  #audio = null;
  #last = 0;
  #ring = 0;

  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.#app = app;
  }

  render() {
    const { store, settings, t } = this.#app;
    const count = store.unreadAll + store.ringing.size;
    const title = settings.title && count ? `(${count}) ${t("product")}` : t("product");
    if (document.title !== title) document.title = title;
    if (store.ringing.size && !this.#ring) this.#ring = window.setInterval(() => this.tone("ringing"), 5000);
    if (!store.ringing.size) this.#hush();
  }

  quiet() {
    this.#hush();
    void this.#audio?.close();
    this.#audio = null;
  }

  /** @param {any} frame @param {Set<string> | null} before ticket ids before a `line.updated` */
  frame(frame, before) {
    const { t, store, shell } = this.#app;
    if (frame.type === "ringing") {
      this.tone("ringing", true);
      this.#notify(t("ringingFor", { kind: t(`kind.${frame.ticket.kind}`) }), frame.ticket.conversation);
      shell.announcer.say("ringing", () => t("ringingFor", { kind: t(`kind.${frame.ticket.kind}`) }));
    }
    if (frame.type === "alert") {
      this.tone("urgent");
      shell.announcer.say("alert", () => t(`alert.${frame.kind}`, { name: frame.name ?? frame.agent?.name ?? "" }));
      this.#notify(t(`alert.${frame.kind}`, { name: frame.name ?? frame.agent?.name ?? "" }), frame.conversation);
    }
    if (!before) return;
    const fresh = (frame.tickets ?? []).filter((/** @type {any} */ x) => !before.has(x.ticket) && x.state !== "held");
    if (!fresh.length) return;
    const urgent = fresh.some((/** @type {any} */ x) => x.severity === "p1");
    if (store.presence === "available" || urgent) this.tone(urgent ? "urgent" : "ticket");
    if (urgent) this.#notify(t("newUrgent"), fresh.find((/** @type {any} */ x) => x.severity === "p1").conversation);
    shell.announcer.say("line", () => t("announceLine", { n: store.waiting, urgent: store.line.filter((x) => x.severity === "p1").length }));
  }

  /** @param {import("../shared/facts.js").Fact} fact @param {import("./talk.js").Talk} talk */
  fact(fact, talk) {
    const { store, t, shell } = this.#app;
    if (fact.type !== "message.created" || fact.actor.kind !== "visitor" || !store.mine.has(talk.id)) return;
    const watched = !document.hidden && store.current === talk.id;
    const name = store.mine.get(talk.id)?.name || t("customer");
    if (!watched) this.tone("message");
    if (document.hidden) this.#notify(t("newMessage", { name }), talk.id);
    // In view the words themselves are read out: that is what the agent waits for.
    shell.announcer.say(`message ${talk.id}`, () => (watched ? `${name}: ${talk.byMessage.get(fact.data.message)?.abuse ? t("veiled") : fact.data.text}` : t("newMessage", { name })));
  }

  /** @param {string} name @param {boolean} [now] even if something has just sounded */
  tone(name, now = false) {
    if (!this.#app.settings.sound || (!now && Date.now() - this.#last < GAP_MS)) return;
    this.#last = Date.now();
    try {
      this.#audio ??= new AudioContext();
      void this.#audio.resume();
      for (const [hertz, start, length] of TONES[name]) this.#note(this.#audio, hertz, this.#audio.currentTime + start, length);
    } catch {
      // No sound device: the title still tells.
    }
  }

  /** @param {AudioContext} audio @param {number} hertz @param {number} at @param {number} length */
  #note(audio, hertz, at, length) {
    const oscillator = audio.createOscillator();
    const gain = audio.createGain();
    oscillator.frequency.value = hertz;
    gain.gain.setValueAtTime(0.0001, at);
    gain.gain.exponentialRampToValueAtTime(0.12, at + 0.015);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + length);
    oscillator.connect(gain).connect(audio.destination);
    oscillator.start(at);
    oscillator.stop(at + length + 0.02);
  }

  /** Says that something came, never what: a notification lies open on a shared screen. @param {string} text @param {string} conversation */
  #notify(text, conversation) {
    if (!this.#app.settings.notify || !document.hidden || !("Notification" in window) || Notification.permission !== "granted") return;
    const note = new Notification(this.#app.t("product"), { body: text, tag: conversation });
    note.onclick = () => {
      window.focus();
      void this.#app.actions.open(conversation);
      note.close();
    };
  }

  #hush() {
    clearInterval(this.#ring);
    this.#ring = 0;
  }
}
