// @ts-check
/** The panel's parts in their order, and what is drawn when. */
import { h } from "../shared/dom.js";
import { Announcer } from "./announcer.js";
import { offerCard, quickReplies } from "./cards.js";
import { Composer } from "./composer.js";
import { Header } from "./header.js";
import { icon } from "./icons.js";
import { Transcript } from "./transcript.js";

const TOAST_MS = 6000;
const BACK_MS = 2500;

/** @param {import("./frame.js").App} app */
export function makeView(app) {
  const { t } = app;
  const header = new Header(app);
  const transcript = new Transcript(app);
  const composer = new Composer(app);
  const announcer = new Announcer(app);
  const banner = h("div", { class: "banner", role: "status", hidden: true });
  const toast = h("div", { class: "toast", role: "alert", hidden: true });
  const dock = h("div", { class: "dock" });
  const person = h("button", { type: "button", class: "person", onclick: () => app.actions.person() }, icon("person"), t("person"));
  const disclosure = h("span", { class: "disclosure" });
  const foot = h("footer", { class: "bottom" }, dock, composer.node, h("div", { class: "bar" }, disclosure, person));
  const node = h("div", { class: "panel" }, header.node, banner, h("main", null, transcript.node, app.stage.caption), foot, toast, announcer.node);
  node.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => header.node.contains(/** @type {Node} */ (event.target)) || header.toggleMenu(false));
  const memo = memory();
  /** @type {typeof import("./waiting.js") | null} */
  let human = null;
  const withHuman = () => {
    if (!human) void Promise.all([import("./waiting.js"), app.more()]).then(([cards]) => ((human = cards), app.refresh()));
    return human;
  };
  let wasDown = false;

  function render() {
    const { store, client } = app;
    header.render();
    composer.render();
    disclosure.textContent = store.driver === "agent" ? "" : store.session?.disclosure || t("disclosure");
    person.hidden = store.waiting || store.driver === "agent";
    composer.node.hidden = store.driver === "closed";
    transcript.render([greeting(), quick(), offer(), feedback(), closed()]);
    // A form that is being filled in is not drawn anew when the line moves.
    const place = [store.driver, store.queue, store.contact, app.name];
    memo.place(dock, "dock", docked, [app.contactChoice || place, Boolean(human)]);
    renderBanner(client);
    announcer.render();
  }

  const greeting = () => {
    const text = app.store.session?.greeting;
    const empty = text && !app.store.items.length && !app.client.outbox.entries.length;
    return memo.keep("greeting", empty ? [text] : null, () =>
      h("article", { class: "message assistant" }, h("div", { class: "bubble" }, h("div", { class: "body" }, ...text.split("\n").map((/** @type {string} */ line) => h("p", null, line))))));
  };
  const quick = () => {
    const { store } = app;
    const last = store.lastMessage;
    const replies = last ? (last.from === "assistant" && !store.run ? last.replies ?? [] : []) : store.session?.quick_replies ?? [];
    const shown = replies.length && store.driver !== "agent" && store.driver !== "closed" && !app.client.outbox.entries.length;
    return memo.keep("quick", shown ? replies : null, () => quickReplies(app, replies));
  };
  const offer = () => memo.keep("offer", app.store.offering && app.declined !== app.store.lastMessage?.key ? [] : null, () => offerCard(app));
  const feedback = () => {
    const { feedbackDue, feedback: given } = app.store;
    const due = feedbackDue && !app.skipped.all && withHuman();
    return memo.keep("feedback", due ? [JSON.stringify(given), JSON.stringify(app.skipped)] : null, () => due && due.feedbackCard(app));
  };
  const closed = () => memo.keep("closed", app.store.driver === "closed" ? [] : null, () =>
    h("div", { class: "row center" }, h("button", { type: "button", class: "solid", onclick: () => app.actions.fresh() }, icon("again"), t("reopen"))));
  const docked = () => {
    const cards = app.contactChoice || app.store.waiting ? withHuman() : null;
    if (!cards) return null;
    return app.contactChoice ? cards.contactForm(app, app.contactChoice) : cards.queueCard(app);
  };

  /** @param {import("../shared/client.js").Client} client */
  function renderBanner(client) {
    const { state } = client;
    const down = state === "waiting" || state === "stopped" || (wasDown && state === "connecting");
    if (down) wasDown = true;
    else if (wasDown && state === "ready") {
      wasDown = false;
      say("back", false);
      setTimeout(() => banner.classList.contains("good") && (banner.hidden = true), BACK_MS);
    }
    if (down) say(state !== "stopped" ? "waiting" : client.code === 4009 ? "replaced" : "stopped", state !== "connecting");
  }

  /** @param {string} key @param {boolean} tap */
  function say(key, tap) {
    const now = `${key}${tap}`;
    banner.hidden = false;
    if (banner.dataset.now === now) return;
    banner.dataset.now = now;
    banner.classList.toggle("good", key === "back");
    banner.classList.toggle("bad", key === "stopped");
    banner.replaceChildren(h("span", null, t(key)), ...(tap ? [h("button", { type: "button", onclick: () => app.client.again() }, t("again"))] : []));
  }

  /** A command the server turned down for good. @param {any} entry @param {any} why */
  function refused(entry, why) {
    if (entry?.type === "message.send") return; // shown at the message itself
    app.client.discard(entry?.txn);
    if (!why.message || why.code === "not_allowed" || why.code === "unknown_command") return;
    notice(why.message);
  }

  /** @param {string} words */
  function notice(words) {
    toast.textContent = words;
    toast.hidden = false;
    setTimeout(() => (toast.hidden = true), TOAST_MS);
  }

  return { node, header, transcript, composer, announcer, render, refused, say: notice };
}

/** Keeps a part's node while what it was drawn from is the same, so that focus and half-typed words stay. */
function memory() {
  /** @type {Map<string, {from: string, node: Node | null}>} */
  const kept = new Map();
  /** @param {string} name @param {any[] | null} from @param {() => Node | null} make */
  const keep = (name, from, make) => {
    const key = JSON.stringify(from);
    if (kept.get(name)?.from !== key) kept.set(name, { from: key, node: from && make() });
    return kept.get(name)?.node ?? null;
  };
  /** @param {HTMLElement} host @param {string} name @param {() => Node | null} make @param {any[]} from */
  const place = (host, name, make, from) => {
    const node = keep(name, from, make);
    if (node ? host.firstChild !== node : host.firstChild) host.replaceChildren(...(node ? [node] : []));
  };
  return { keep, place };
}
