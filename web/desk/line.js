// @ts-check
/** The line, in the order in which people will be helped. Only the rows in sight exist, so five thousand cost what twenty do. */
import { h } from "../shared/dom.js";
import { badge, heat } from "./badge.js";
import { clockChip, runClock } from "./clocks.js";
import { icon } from "./icons.js";
import { span } from "./time.js";

const ROW = 98; // px, as in desk.css
const SPARE = 4;
const CONTACT = { email: "mail", callback: "phone" };

/** @param {import("./app.js").App} app */
export function makeLine(app) {
  const { t, store } = app;
  let only = "";
  let cursor = "";
  let shown = "";
  const rows = h("div", { class: "rows" });
  const scroller = h("div", { class: "scroller", role: "listbox", tabindex: "0", "aria-label": t("line") }, rows);
  const filters = h("div", { class: "filters", role: "group", "aria-label": t("filter") });
  const empty = h("div", { class: "empty" });
  const node = h("section", { class: "line-column", "aria-label": t("line") }, h("div", { class: "head" }, switcher(app), filters), scroller, empty);
  scroller.addEventListener("scroll", () => paint(), { passive: true });
  scroller.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8, End: 1e6, Home: -1e6 }[event.key];
    if (!step) return;
    event.preventDefault();
    move(step);
  });
  new ResizeObserver(() => paint()).observe(scroller);

  const list = () => (only ? store.line.filter((x) => x.severity === only) : store.line);

  function paint() {
    const all = list();
    const from = Math.max(0, Math.floor(scroller.scrollTop / ROW) - SPARE);
    const to = Math.min(all.length, Math.ceil((scroller.scrollTop + scroller.clientHeight) / ROW) + SPARE);
    const sight = all.slice(from, to);
    const now = JSON.stringify([from, all.length, cursor, store.current, app.locale, sight]);
    if (now === shown) return;
    shown = now;
    rows.style.blockSize = `${all.length * ROW}px`;
    rows.replaceChildren(...sight.map((ticket, i) => row(ticket, from + i, all.length)));
    if (sight.some((x) => x.ticket === cursor)) scroller.setAttribute("aria-activedescendant", `row-${cursor}`);
    else scroller.removeAttribute("aria-activedescendant");
    runClock(rows);
    waits();
  }

  /** @param {any} ticket @param {number} index @param {number} total */
  function row(ticket, index, total) {
    const chosen = ticket.ticket === cursor;
    const classes = ["ticket", ticket.severity, chosen && "chosen", ticket.conversation === store.current && "current", ticket.state === "ringing" && "rings"].filter(Boolean).join(" ");
    const contact = /** @type {Record<string, string>} */ (CONTACT)[ticket.contact?.choice];
    const one = h("div", { class: classes, role: "option", id: `row-${ticket.ticket}`, "aria-selected": String(chosen), "aria-posinset": index + 1, "aria-setsize": total, onclick: () => pick(ticket) },
      h("div", { class: "top" }, badge(ticket.severity, t), h("strong", null, t(`kind.${ticket.kind}`)), heat(ticket.intensity, t),
        h("span", { class: "lang" }, String(ticket.language ?? "").toUpperCase()), h("time", { class: "wait", "data-since": ticket.entered_at })),
      h("div", { class: "preview", dir: "auto" }, ticket.abuse ? h("span", { class: "veil" }, icon("eye"), t("veiled")) : ticket.preview || t(`reason.${ticket.reason}`)),
      h("div", { class: "foot" }, h("span", { class: "name", dir: "auto" }, ticket.name || t("customer")),
        contact && h("span", { class: "contact" }, icon(contact), t(`contact.${ticket.contact.choice}`)),
        ticket.state === "ringing" && h("span", { class: "rings" }, icon("bell"), t("rings")),
        clockChip(ticket.sla, "first", app)));
    one.style.transform = `translateY(${index * ROW}px)`;
    return one;
  }

  /** @param {any} ticket */
  function pick(ticket) {
    cursor = ticket.ticket;
    void app.actions.open(ticket.conversation, { focus: false });
  }

  /** @param {number} step */
  function move(step) {
    const all = list();
    if (!all.length) return;
    const at = all.findIndex((x) => x.ticket === cursor);
    const from = at < 0 && step < 0 ? all.length : at;
    const to = Math.min(all.length - 1, Math.max(0, from + step));
    cursor = all[to].ticket;
    const top = to * ROW;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    if (top + ROW > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = top + ROW - scroller.clientHeight;
    app.shell.leftShows("line");
    paint();
    if (document.activeElement !== scroller) scroller.focus({ preventScroll: true });
  }

  function waits() {
    const now = Date.now();
    for (const one of rows.querySelectorAll("[data-since]")) one.textContent = span(now - new Date(one.dataset.since).getTime(), app.locale);
  }

  function heads() {
    const counts = { p1: 0, p2: 0, p3: 0, p4: 0 };
    for (const ticket of store.line) if (ticket.severity in counts) counts[/** @type {"p1"} */ (ticket.severity)] += 1;
    const key = JSON.stringify([counts, only, store.waiting, app.locale]);
    if (filters.dataset.key === key) return;
    filters.dataset.key = key;
    const chip = (/** @type {string} */ name, /** @type {string} */ text, /** @type {number} */ n) => h("button", { type: "button", class: `filter ${name}`, "aria-pressed": String(only === name), disabled: Boolean(name) && !n && only !== name, onclick: () => {
      only = only === name ? "" : name;
      scroller.scrollTop = 0;
      app.refresh();
    } }, text, " ", h("span", { class: "n" }, String(n)));
    filters.replaceChildren(chip("", t("all"), Math.max(store.waiting, store.line.length)), ...Object.entries(counts).map(([name, n]) => chip(name, name.toUpperCase(), n)));
  }

  return {
    node, move,
    focus: () => scroller.focus({ preventScroll: true }),
    chosen: () => store.tickets.get(cursor),
    openChosen() {
      const ticket = store.tickets.get(cursor);
      if (ticket) void app.actions.open(ticket.conversation);
    },
    tick() {
      waits();
      runClock(rows);
    },
    render() {
      heads();
      const none = !list().length;
      scroller.hidden = none;
      empty.hidden = !none;
      if (none) scroller.removeAttribute("aria-activedescendant");
      if (none) empty.replaceChildren(...(store.ready ? [icon("check"), h("p", null, t(only ? "lineNoneOf" : "lineEmpty")), h("p", { class: "soft" }, t("lineEmptyHint"))] : [h("div", { class: "boot" }), h("p", { class: "soft" }, t("loading"))]));
      else paint();
    },
  };
}

/** Line or team below my conversations. @param {import("./app.js").App} app */
export function switcher(app) {
  const { t } = app;
  const one = (/** @type {string} */ name) => h("button", { type: "button", class: "switch", "aria-pressed": "false", "data-to": name, onclick: () => app.shell.leftShows(name) }, t(name));
  const node = h("div", { class: "switcher", role: "group", "aria-label": t("views") }, one("line"), one("team"));
  queueMicrotask(function mark() {
    for (const b of node.children) b.setAttribute("aria-pressed", String(Boolean(node.closest(b.dataset.to === "team" ? ".team-column" : ".line-column"))));
  });
  return node;
}
