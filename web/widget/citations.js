// @ts-check
/** The small numbers behind a claim: a chip opens a card with title, quoted passage and the way to the page. */
import { h } from "../shared/dom.js";
import { safeUrl } from "../shared/render.js";
import { icon } from "./icons.js";

/** @typedef {import("./store.js").Citation} Citation */

/** @param {string} url @param {string} anchor @returns {string | null} */
function target(url, anchor) {
  const href = safeUrl(url);
  return href && anchor && !href.includes("#") ? `${href}#${encodeURIComponent(anchor)}` : href;
}

/**
 * @param {Citation[]} citations @param {import("../shared/i18n.js").Translate} t
 * @returns {(n: number) => Node} a number without a citation (yet) is only marked
 */
export function chips(citations, t) {
  return (n) => {
    const citation = citations.find((c) => c.n === n);
    if (!citation) return h("sup", { class: "cite pending", "aria-hidden": "true" }, String(n));
    const chip = h("button", { type: "button", class: "cite", "aria-haspopup": "dialog", "aria-label": t("source", { n, title: citation.title }) }, String(n));
    chip.addEventListener("click", () => toggle(chip, citation, t));
    return chip;
  };
}

/** The list under a message. @param {Citation[]} citations @param {import("../shared/i18n.js").Translate} t */
export function sources(citations, t) {
  const links = citations.map((c) => {
    const href = target(c.url, c.anchor);
    const words = [h("span", { class: "n" }, String(c.n)), h("span", { class: "title" }, c.title)];
    return h("li", null, href ? h("a", { href, target: "_blank", rel: "noopener", title: c.title }, ...words) : h("span", null, ...words));
  });
  return h("div", { class: "sources" }, h("span", { class: "label" }, t("sources")), h("ul", null, ...links));
}

/** @type {{chip: HTMLElement, card: HTMLElement, end: AbortController} | null} */
let shown = null;

/** @param {boolean} [focus] whether the keyboard goes back to the chip @returns {boolean} whether one was open */
export function hide(focus = false) {
  if (!shown) return false;
  shown.card.remove();
  shown.end.abort();
  shown.chip.setAttribute("aria-expanded", "false");
  if (focus) shown.chip.focus();
  shown = null;
  return true;
}

/** @param {HTMLElement} chip @param {Citation} citation @param {import("../shared/i18n.js").Translate} t */
function toggle(chip, citation, t) {
  const again = shown?.chip === chip;
  hide();
  if (again) return;
  const href = target(citation.url, citation.anchor);
  const link = href && h("a", { href, target: "_blank", rel: "noopener" }, t("openSource"), icon("open"));
  const close = h("button", { type: "button", class: "plain", "aria-label": t("close"), onclick: () => hide(true) }, icon("close"));
  const card = h("div", { class: "passage", role: "dialog", "aria-label": t("source", { n: citation.n, title: citation.title }) },
    h("div", { class: "top" }, h("strong", null, citation.title), close), h("blockquote", null, citation.quote), link);
  chip.closest(".body > *")?.after(card);
  chip.setAttribute("aria-expanded", "true");
  const end = new AbortController();
  shown = { chip, card, end };
  /** @type {HTMLElement} */ (link || close).focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest" });
  document.addEventListener("pointerdown", (event) => card.contains(/** @type {Node} */ (event.target)) || event.target === chip || hide(), { signal: end.signal });
}
