// @ts-check
/** Links to the knowledge pages an answer rests on. */
import { h } from "../shared/dom.js";
import { safeUrl } from "../shared/render.js";

/** @param {any} place {page, anchor?, url?, title?} @param {string} label @returns {HTMLElement} */
export function openPage(place, label) {
  const page = String(place.page ?? "");
  const href = safeUrl(place.url || (page ? `/v1/pages/${page.split("/").map(encodeURIComponent).join("/")}` : ""));
  if (!href || (!place.url && !page)) return h("span", { class: "page" }, label);
  const whole = place.anchor && !href.includes("#") ? `${href}#${encodeURIComponent(place.anchor)}` : href;
  return h("a", { class: "page", href: whole, target: "_blank", rel: "noopener", title: place.quote ?? label }, label);
}
