// @ts-check
/**
 * Markdown as a small tree: paragraphs, headings, lists, tables, quotes, code; bold, emphasis, code, links, [1] citations.
 * HTML is text here. Bold pairs by nearest match, not by CommonMark's flanking rule, which leaves the stars of
 * `**重要：**返品` standing because no space follows (https://github.com/commonmark/commonmark-spec/issues/650).
 */

/** @typedef {{type: string, text?: string, url?: string, n?: number, inline?: Inline[]}} Inline */
/** @typedef {{type: string, source: string, inline?: Inline[], level?: number, ordered?: boolean, start?: number,
 *   items?: Block[][], blocks?: Block[], text?: string, head?: Inline[][], rows?: Inline[][][]}} Block */

const ITEM = /^(\s*)(?:[-*+•・]|(\d{1,9})[.)．）])\s+(.*)$/;
const DIVIDER = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;
const MAX_DEPTH = 8; // deeper nesting is shown flat; hostile input must not exhaust the stack

/** @param {string} text @param {number} [depth] @returns {Block[]} */
export function parse(text, depth = 0) {
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  /** @type {Block[]} */
  const blocks = [];
  let at = 0;
  while (at < lines.length) {
    if (!lines[at].trim()) {
      at += 1;
      continue;
    }
    const read = READERS.find(([test]) => test(lines, at, depth))?.[1] ?? paragraph;
    const [block, next] = read(lines, at, depth);
    block.source = lines.slice(at, next).join("\n");
    blocks.push(block);
    at = next;
  }
  return blocks;
}

/** @typedef {(lines: string[], at: number, depth: number) => [any, number]} Reader */
/** First match wins. @type {[(lines: string[], at: number, depth: number) => boolean, Reader][]} */
const READERS = [
  [(l, i) => /^\s*```/.test(l[i]), fence],
  [(l, i) => /^#{1,6}\s+\S/.test(l[i]), heading],
  [(l, i) => /^\s*([-*_])(\s*\1){2,}\s*$/.test(l[i]), (_, i) => [{ type: "rule" }, i + 1]],
  [(l, i, d) => d < MAX_DEPTH && /^\s*>/.test(l[i]), quote],
  [(l, i, d) => d < MAX_DEPTH && ITEM.test(l[i]), list],
  [(l, i) => l[i].includes("|") && DIVIDER.test(l[i + 1] ?? "") && (l[i + 1] ?? "").includes("-"), table],
];

/** @type {Reader} */
function fence(lines, at) {
  let end = at + 1;
  while (end < lines.length && !/^\s*```\s*$/.test(lines[end])) end += 1;
  return [{ type: "code", text: lines.slice(at + 1, end).join("\n") }, Math.min(end + 1, lines.length)];
}

/** @type {Reader} */
function heading(lines, at) {
  const [, marks, text] = /** @type {RegExpMatchArray} */ (lines[at].match(/^(#+)\s+(.*?)\s*#*$/));
  return [{ type: "heading", level: marks.length, inline: inline(text) }, at + 1];
}

/** @type {Reader} */
function quote(lines, at, depth) {
  let end = at;
  while (end < lines.length && /^\s*>/.test(lines[end])) end += 1;
  const inner = lines.slice(at, end).map((l) => l.replace(/^\s*> ?/, ""));
  return [{ type: "quote", blocks: parse(inner.join("\n"), depth + 1) }, end];
}

/** @type {Reader} */
function list(lines, at, depth) {
  const [, indent, number] = /** @type {RegExpMatchArray} */ (lines[at].match(ITEM));
  /** @type {string[][]} */
  const items = [];
  let end = at;
  for (; end < lines.length; end += 1) {
    const item = lines[end].match(ITEM);
    const deeper = /^\s*/.exec(lines[end])?.[0].length ?? 0;
    if (item && deeper <= indent.length + 1 && Boolean(item[2]) === Boolean(number)) items.push([item[3]]);
    else if (items.length && deeper > indent.length && lines[end].trim()) items[items.length - 1].push(lines[end].slice(indent.length + 2));
    else if (!lines[end].trim() && ITEM.test(lines[end + 1] ?? "")) continue;
    else break;
  }
  const block = { type: "list", ordered: Boolean(number), start: Number(number ?? 1) };
  return [{ ...block, items: items.map((body) => parse(body.join("\n"), depth + 1)) }, end];
}

/** @type {Reader} */
function table(lines, at) {
  let end = at + 2;
  while (end < lines.length && lines[end].includes("|")) end += 1;
  const cells = (/** @type {string} */ line) =>
    line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((c) => inline(c.trim().replace(/\\\|/g, "|")));
  return [{ type: "table", head: cells(lines[at]), rows: lines.slice(at + 2, end).map(cells) }, end];
}

/** @type {Reader} */
function paragraph(lines, at, depth) {
  let end = at + 1;
  while (end < lines.length && lines[end].trim() && !READERS.some(([test]) => test(lines, end, depth))) end += 1;
  return [{ type: "paragraph", inline: inline(lines.slice(at, end).join("\n")) }, end];
}

const PHONE = /^(?:\+\d{1,3}-|0)\d{1,4}-\d{1,4}-\d{3,4}(?![\d-])/;
const WEB = /^https?:\/\/[^\s<>"'、。，．（）「」『』【】！？]+/;
const MAIL = /^[\w.+-]+@[\w-]+(?:\.[\w-]+)+/;

/**
 * Sticky patterns in order of precedence; each gives a node from its match. A pair that never closes is plain text.
 * @type {[RegExp, (m: RegExpExecArray, depth: number) => Inline][]}
 */
const MARKS = [
  [/\\([\\`*_{}[\]()#+\-.!|>~])/y, (m) => ({ type: "text", text: m[1] })],
  [/(`+)([^`]|[^`][^]*?[^`])\1(?!`)/y, (m) => ({ type: "code", text: m[2] })],
  [/\*\*(?=\S)([^]*?\S)\*\*/y, (m, d) => ({ type: "strong", inline: inline(m[1], d + 1) })],
  [/__(?=\S)([^]*?\S)__(?!\w)/y, (m, d) => ({ type: "strong", inline: inline(m[1], d + 1) })],
  [/~~(?=\S)([^]*?\S)~~/y, (m, d) => ({ type: "strike", inline: inline(m[1], d + 1) })],
  [/\*(?=[^\s*])([^*\n]*[^\s*])\*(?!\d)/y, (m, d) => ({ type: "emphasis", inline: inline(m[1], d + 1) })],
  [/!\[([^\]\n]*)\]\([^)\n]*\)/y, (m) => ({ type: "text", text: m[1] })],
  [/\[([^\]\n]+)\]\(\s*<?([^\s)>]+)>?(?:\s+"[^"]*")?\s*\)/y, (m, d) => ({ type: "link", url: m[2], inline: inline(m[1], d + 1) })],
  [/\[(\d{1,2})\]/y, (m) => ({ type: "cite", n: Number(m[1]) })],
];

/** @param {string} text @param {number} [depth] @returns {Inline[]} */
export function inline(text, depth = 0) {
  /** @type {Inline[]} */
  const out = [];
  let plain = "";
  const push = (/** @type {Inline} */ node) => {
    if (plain) out.push({ type: "text", text: plain });
    plain = "";
    out.push(node);
  };
  for (let at = 0; at < text.length; ) {
    const found = mark(text, at, depth) ?? bareLink(text, at);
    if (found) push(found.node);
    else plain += text[at];
    at += found?.size ?? 1;
  }
  if (plain) out.push({ type: "text", text: plain });
  return out;
}

/** @param {string} text @param {number} at @param {number} depth */
function mark(text, at, depth) {
  if (depth > MAX_DEPTH || !"\\`*_~![".includes(text[at])) return null;
  for (const [pattern, make] of MARKS) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) return { node: make(match, depth), size: match[0].length };
  }
  return null;
}

/** Addresses and telephone numbers written out. @param {string} text @param {number} at */
function bareLink(text, at) {
  if (at && /[\w+@./-]/.test(text[at - 1])) return null;
  const rest = text.slice(at, at + 2000);
  for (const [pattern, scheme] of /** @type {[RegExp, string][]} */ ([[WEB, ""], [MAIL, "mailto:"], [PHONE, "tel:"]])) {
    const found = pattern.exec(rest)?.[0].replace(/[.,;:!?)]+$/, "");
    if (!found || (scheme === "tel:" && !isPhone(found))) continue;
    return { node: { type: "link", url: scheme + found, inline: [{ type: "text", text: found }] }, size: found.length };
  }
  return null;
}

/** A date such as 03-11-2026 has eight digits, a telephone number ten or more. @param {string} text */
function isPhone(text) {
  const digits = text.replace(/\D/g, "").length;
  return digits >= 10 && digits <= 14;
}
