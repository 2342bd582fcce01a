// @ts-check
/** The one page: bar, three columns that become tabs on a tablet, toasts and the live region. */
import { h } from "../shared/dom.js";
import { Announcer } from "./announcer.js";
import { makeBar } from "./bar.js";
import { Composer } from "./composer.js";
import { makeConversation } from "./conversation.js";
import { makeLine } from "./line.js";
import { makeMine } from "./mine.js";
import { makeRinging } from "./ringing.js";
import { makeSide } from "./side.js";
import { makeTeam } from "./team.js";

const TOAST_MS = 6000;

/** @param {import("./app.js").App} app */
export function makeShell(app) {
  const { t } = app;
  const bar = makeBar(app);
  const mine = makeMine(app);
  const line = makeLine(app);
  const team = makeTeam(app);
  const composer = new Composer(app);
  const talk = makeConversation(app, composer);
  const side = makeSide(app);
  const ringing = makeRinging(app);
  const announcer = new Announcer();
  const toasts = h("div", { class: "toasts", role: "status" });
  const tab = (/** @type {string} */ name) => h("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `column-${name}`, onclick: () => show(name, false) }, t(`tab.${name}`), h("span", { class: "count" }));
  const tabs = h("div", { class: "tabs", role: "tablist", "aria-label": t("views") }, tab("line"), tab("talk"), tab("side"));
  const left = h("aside", { class: "left", id: "column-line", "aria-label": t("tab.line") }, mine.node, line.node, team.node);
  const middle = h("main", { class: "middle", id: "column-talk", "aria-label": t("tab.talk") }, talk.node);
  const right = h("aside", { class: "right", id: "column-side", "aria-label": t("tab.side"), tabindex: "0" }, side.node);
  const node = h("div", { class: "desk" }, bar.node, tabs, left, middle, right, ringing.node, toasts, announcer.node);
  let second = "line";

  /** @param {string} name @param {boolean} focus */
  function show(name, focus) {
    node.dataset.tab = name;
    for (const one of tabs.children) one.setAttribute("aria-selected", String(one.id === `tab-${name}`));
    if (focus && name === "talk") talk.focus();
    if (focus && name === "line") line.focus();
    app.refresh();
  }

  /** The lower half of the left column. @param {string} name */
  function leftShows(name) {
    second = name;
    app.refresh();
  }

  node.dataset.tab = "line";
  // What rings lies over the end of the line; the line ends above it.
  new ResizeObserver(() => node.style.setProperty("--ringing", `${ringing.node.offsetHeight}px`)).observe(ringing.node);
  tabs.children[0].setAttribute("aria-selected", "true");
  return {
    node, composer, announcer, line, show, leftShows,
    chosen: () => line.chosen(),
    mineOpen: (/** @type {number} */ n) => mine.open(n),
    search: () => composer.snippets(),
    get second() {
      return second;
    },
    /** @param {string} text @param {string} tone */
    toast(text, tone) {
      const one = h("p", { class: `toast ${tone}` }, text);
      toasts.append(one);
      while (toasts.children.length > 3) toasts.firstChild.remove();
      window.setTimeout(() => one.remove(), TOAST_MS);
    },
    render() {
      const unread = app.store.unreadAll;
      tabs.children[0].querySelector(".count").textContent = String(app.store.waiting || "");
      tabs.children[1].querySelector(".count").textContent = String(unread || "");
      line.node.hidden = second !== "line";
      team.node.hidden = second !== "team";
      for (const view of [bar, mine, line, team, talk, side, ringing]) if (!view.node.hidden) view.render();
    },
    tick() {
      for (const view of [bar, mine, line, talk, side, ringing]) view.tick?.();
    },
  };
}
