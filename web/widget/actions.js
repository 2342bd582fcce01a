// @ts-check
/** What a visitor can ask for. Each is a request; the screen changes when the fact comes. */

const HISTORY = 50;

/** @param {import("./frame.js").App} app */
export function makeActions(app) {
  const { client, store } = app;
  const command = (/** @type {string} */ type, /** @type {object} */ data = {}) => void client.command(type, data);
  return {
    /** @param {string} text */
    send(text) {
      app.voice?.stop();
      command("message.send", { text });
      app.view?.transcript.toEnd();
    },
    cancel: () => store.run && command("run.cancel", { run: store.run }),
    person: () => command("handoff.request", {}),
    leave: () => command("handoff.leave", {}),
    /** "Not now" hides the card; the server hears it only where it waits for an answer. */
    notNow() {
      app.declined = store.lastMessage?.key ?? "";
      if (store.driver === "offered") command("handoff.leave", {});
      app.refresh();
    },
    /** @param {object} data choice, email, phone, window */
    contact(data) {
      command("handoff.contact", data);
      app.openContact("");
    },
    /** @param {object} data kind, value, message, comment */
    feedback: (data) => command("feedback.give", data),
    askAgain() {
      const last = store.items.findLast((i) => i.from === "visitor");
      if (last) command("message.send", { text: last.text });
    },
    async older() {
      const { facts, more } = await client.history(HISTORY);
      store.prepend(facts, more);
    },
    fresh() {
      app.skipped = {};
      client.startOver();
    },
    close: () => app.host.post("close"),
    /** @param {string} text @param {HTMLElement} button */
    async copy(text, button) {
      await navigator.clipboard?.writeText(text.replace(/\s?\[\d{1,2}\]/g, "")).catch(() => {});
      button.classList.add("did");
      button.setAttribute("aria-label", app.t("copied"));
      setTimeout(() => button.classList.remove("did"), 1500);
    },
    /** @param {string} locale */
    language: (locale) => void app.speak(locale).then(() => client.state === "ready" && client.again()),
    /** @param {string} name @param {any} value */
    set(name, value) {
      app.settings[name] = value;
      app.storage.set("settings", app.settings);
      app.dress();
    },
  };
}
