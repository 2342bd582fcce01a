// @ts-check
/** Makes DOM nodes without a string of HTML ever being parsed. */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * @param {string} tag
 * @param {Record<string, any> | null} [props] `class`, `on<event>` functions, booleans and strings as attributes
 * @param {...Child} children
 * @returns {any} an HTMLElement; `any` because callers know which
 */
export function h(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** @param {string} tag @param {Record<string, any> | null} [props] @param {...Child} children @returns {any} */
export function s(tag, props, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

/** @param {Element} node @param {Record<string, any> | null | undefined} props @param {Child[]} children */
function fill(node, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, String(value));
  }
  node.append(...children.filter((c) => c != null && c !== false).map((c) => /** @type {Node | string} */ (c)));
  return node;
}

/** Adds a style sheet of ours, once. @param {string} href @returns {Promise<void>} when it applies, or could not be had */
export function addStyle(href) {
  if (document.querySelector(`link[href="${href}"]`)) return Promise.resolve();
  return new Promise((done) => document.head.append(h("link", { rel: "stylesheet", href, onload: () => done(), onerror: () => done() })));
}
