// @ts-check
/** The Markdown tree as DOM nodes, and which links are let through. */
import { h } from "./dom.js";
import { parse } from "./markdown.js";

/** @typedef {import("./markdown.js").Block} Block */
/** @typedef {import("./markdown.js").Inline} Inline */
/** @typedef {(n: number) => Node} Cite makes the node for citation `[n]` */

const SCHEMES = new Set(["http:", "https:", "mailto:", "tel:"]);

/** @param {string} url as written @returns {string | null} absolute, or null where it must not be followed */
export function safeUrl(url) {
  try {
    const parsed = new URL(url, location.origin);
    return SCHEMES.has(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

/** A growing text shows bold before its closing stars have come. @param {string} text */
function closePair(text) {
  const last = text.slice(text.lastIndexOf("\n\n") + 1);
  return (last.match(/\*\*/g) ?? []).length % 2 ? `${text.replace(/\*\*\s*$/, "")}${/\*\*\s*$/.test(text) ? "" : "**"}` : text;
}

/**
 * Writes `text` into `host`; blocks whose source has not changed keep their nodes, so that a selection survives streaming.
 * @param {HTMLElement & {blocks?: Block[]}} host @param {string} text @param {{cite: Cite, growing?: boolean}} options
 */
export function renderMarkdown(host, text, { cite, growing = false }) {
  const blocks = parse(growing ? closePair(text) : text);
  const before = host.blocks ?? [];
  let same = 0;
  // Citations become live with the whole message, so the final pass draws all anew.
  while (growing && same < blocks.length && same < before.length && before[same].source === blocks[same].source) same += 1;
  while (host.childNodes.length > same) host.lastChild?.remove();
  host.append(...blocks.slice(same).map((b) => block(b, cite)));
  host.blocks = blocks;
}

/** @type {Record<string, (b: any, cite: Cite) => Node>} */
const BLOCKS = {
  paragraph: (b, cite) => h("p", null, ...spans(b.inline, cite)),
  heading: (b, cite) => h("p", { class: "heading", role: "heading", "aria-level": Math.min(b.level + 2, 6) }, ...spans(b.inline, cite)),
  rule: () => h("hr"),
  code: (b) => h("pre", { tabindex: "0" }, h("code", null, b.text)),
  quote: (b, cite) => h("blockquote", null, ...b.blocks.map((/** @type {Block} */ c) => block(c, cite))),
  list: (b, cite) => h(b.ordered ? "ol" : "ul", { start: b.ordered && b.start !== 1 ? b.start : null }, ...b.items.map((/** @type {Block[]} */ i) => item(i, cite))),
  table: (b, cite) => h("div", { class: "table", tabindex: "0", role: "group" }, h("table", null,
    h("thead", null, h("tr", null, ...b.head.map((/** @type {Inline[]} */ c) => h("th", { scope: "col" }, ...spans(c, cite))))),
    h("tbody", null, ...b.rows.map((/** @type {Inline[][]} */ r) => h("tr", null, ...r.map((c) => h("td", null, ...spans(c, cite)))))))),
};

/** @param {Block} b @param {Cite} cite */
function block(b, cite) {
  return BLOCKS[b.type](b, cite);
}

/** A tight item holds its words directly. @param {Block[]} blocks @param {Cite} cite */
function item(blocks, cite) {
  return h("li", null, ...blocks.flatMap((b) => (b.type === "paragraph" ? spans(b.inline ?? [], cite) : [block(b, cite)])));
}

/** @type {Record<string, (i: any, cite: Cite) => (Node | string)[]>} */
const SPANS = {
  text: (i) => i.text.split("\n").flatMap((/** @type {string} */ line, /** @type {number} */ n) => (n ? [h("br"), line] : [line])),
  code: (i) => [h("code", null, i.text)],
  strong: (i, cite) => [h("strong", null, ...spans(i.inline, cite))],
  emphasis: (i, cite) => [h("em", null, ...spans(i.inline, cite))],
  strike: (i, cite) => [h("s", null, ...spans(i.inline, cite))],
  cite: (i, cite) => [cite(i.n)],
  link: (i, cite) => {
    const href = safeUrl(i.url);
    if (!href) return spans(i.inline, cite);
    const away = href.startsWith("http") ? { target: "_blank", rel: "noopener noreferrer" } : {};
    return [h("a", { href, ...away }, ...spans(i.inline, cite))];
  },
};

/** @param {Inline[]} list @param {Cite} cite @returns {(Node | string)[]} */
function spans(list, cite) {
  return list.flatMap((i) => SPANS[i.type](i, cite));
}
