// @ts-check
/**
 * Owns the picture: what is painted, in which order, and with which gradients. Builds the SVG once and hands out its moving parts.
 * No string of a visitor or a site ever reaches this markup; labels are set as attributes by face.js.
 */
import { VARIABLES } from "./looks.js";

const SVG = "http://www.w3.org/2000/svg";

/** @param {string} id @param {string} stops @param {string} at */
const fade = (id, at, stops) => `<linearGradient id="{id}${id}" ${at}>${stops}</linearGradient>`;
/** @param {number} at @param {string} colour @param {number} opacity */
const stop = (at, colour, opacity) => `<stop offset="${at}" stop-color="${colour}" stop-opacity="${opacity}"/>`;

const DOWN = 'x1="0" y1="0" x2="0" y2="1"';

const DEFS = `<defs>
<radialGradient id="{id}sky" gradientUnits="userSpaceOnUse" cx="200" cy="165" r="250">${stop(0, "#fff", 0.46) + stop(1, "#fff", 0)}</radialGradient>
${fade("cloth", 'x1="0" y1="0" x2=".25" y2="1"', stop(0, "#fff", 0.14) + stop(0.5, "#fff", 0) + stop(1, "#00101f", 0.26))}
${fade("fold", DOWN, stop(0, "#26405c", 0.3) + stop(0.35, "#26405c", 0.04))}
${fade("lit", 'x1="0" y1="0" x2="1" y2="1"', stop(0, "#fff", 0.3) + stop(1, "#06281d", 0.18))}
${fade("skin", 'x1="0" y1="0" x2="1" y2=".5"', stop(0, "#fff", 0.3) + stop(0.55, "#fff", 0) + stop(1, "#b5562f", 0.16))}
${fade("neck", 'x1="0" y1="236" x2="0" y2="296" gradientUnits="userSpaceOnUse"', stop(0.3, "#93431f", 0.42) + stop(1, "#93431f", 0.05))}
${fade("hair", DOWN, stop(0, "#fff", 0.13) + stop(0.4, "#000", 0) + stop(1, "#000", 0.28))}
${fade("gleam", 'x1="0" y1="1" x2="1" y2="0"', stop(0, "{shine}", 0) + stop(0.5, "{shine}", 0.46) + stop(1, "{shine}", 0))}
${fade("dim", DOWN, stop(0, "#000", 0.32) + stop(0.5, "#000", 0.45))}
${fade("white", DOWN, stop(0, "#6b5a66", 0.42) + stop(0.55, "#6b5a66", 0))}
${fade("iris", DOWN, stop(0, "#000", 0.52) + stop(0.5, "#000", 0.08) + stop(1, "#ffd9a8", 0.42))}
<radialGradient id="{id}blush">${stop(0, "{blush}", 0.42) + stop(0.45, "{blush}", 0.26) + stop(1, "{blush}", 0)}</radialGradient>
<clipPath id="{id}hole"><path data-p="hole"/></clipPath>
<clipPath id="{id}mouth"><path data-p="inside"/></clipPath>
<clipPath id="{id}face"><path d="{face}"/></clipPath>
</defs>`;

const eye = (/** @type {string} */ side) => `<g data-p="eye${side}">
<g clip-path="url(#{id}hole)"><path d="M-22 -18H24V18H-22Z" fill="#fffdfb"/>
<g data-p="iris${side}"><circle r="9.900" fill="{iris}"/><circle r="9.900" fill="url(#{id}iris)"/>
<circle r="9.500" fill="none" stroke="#1a0e0a" stroke-opacity=".55" stroke-width="1.300"/><circle r="4.500" fill="#140b09"/>
<path d="M-5.500 4.500Q0 9 5.500 4.500Q0 7 -5.500 4.500Z" fill="#fff" opacity=".28"/>
<g data-p="glint${side}"><circle cx="-3.200" cy="-3.600" r="2.900" fill="#fff"/><circle cx="3.600" cy="3.400" r="1.400" fill="#fff" opacity=".75"/></g></g>
<path d="M-22 -18H24V6H-22Z" fill="url(#{id}white)"/></g>
<path data-p="under${side}" fill="none" stroke="#8a4a38" stroke-opacity=".42" stroke-width="1.100" stroke-linecap="round"/>
<path data-p="crease${side}" fill="none" stroke="#8a4a38" stroke-opacity=".5" stroke-width="1.200" stroke-linecap="round"/>
<path data-p="lash${side}" fill="{hair}"/></g>`;

const BODY = `<g data-p="body">
<path d="{neck}" fill="{skin}"/><path d="{neck}" fill="url(#{id}neck)"/>{body}</g>`;

const HEAD = `<g data-p="head">
<g data-p="ears">{earpair}</g>
<g data-p="jaw"><path d="{face}" fill="{skin}"/><path d="{face}" fill="url(#{id}skin)"/></g>
<g clip-path="url(#{id}face)"><path data-p="fringe" d="{front}" transform="translate(0 7)" fill="#a04a2a" opacity=".2"/></g>
<g data-p="traits">
<g data-p="blush"><ellipse cx="158" cy="212" rx="23" ry="15" fill="url(#{id}blush)"/><ellipse cx="242" cy="212" rx="23" ry="15" fill="url(#{id}blush)"/></g>
<path data-p="nose" d="M196 213Q200 217.500 205 213.500" fill="none" stroke="#9c4c33" stroke-opacity=".55" stroke-width="2" stroke-linecap="round"/>
<path d="M203.500 186Q208 203 206 209Q204 204 201.500 188Z" fill="#b5613f" opacity=".13"/><ellipse cx="199" cy="206" rx="3.400" ry="2.600" fill="#fff" opacity=".24"/>
${eye("L")}${eye("R")}
<g fill="{hair}"><path data-p="browL"/><path data-p="browR"/></g>
<g data-p="lips"><path data-p="inside2" fill="#5e1c22"/>
<g clip-path="url(#{id}mouth)"><path data-p="teeth" fill="#fffaf5"/><ellipse data-p="tongue" fill="#d9656a"/></g>
<path data-p="upper" fill="{lips}" fill-opacity="{tint}"/><path data-p="upper2" fill="#7d1f2a" opacity=".2"/>
<path data-p="lower" fill="{lips}" fill-opacity="{tint}"/><path data-p="gloss" fill="none" stroke="#fff" stroke-opacity=".42" stroke-width="1.800" stroke-linecap="round"/>
<path data-p="line" fill="none" stroke="#7a2a2a" stroke-width="1.500" stroke-linecap="round"/></g>
</g>
<g data-p="hair"><path d="{front}" fill="{hair}"/><path d="{front}" fill="url(#{id}hair)"/>
<path d="{strands}" fill="none" stroke="#000" stroke-opacity=".2" stroke-width="1.500" stroke-linecap="round"/>
<path d="{gleam}" fill="url(#{id}gleam)"/></g></g>`;

const PICTURE = `${DEFS}
<path d="M-800 -800H1200V1200H-800Z" fill="{backdrop}"/><circle cx="200" cy="165" r="250" fill="url(#{id}sky)"/>
<g data-p="all"><g data-p="back"><path d="{back}" fill="{hair}"/><path d="{back}" fill="url(#{id}dim)"/></g>${BODY}${HEAD}</g>`;

/**
 * @param {import("./looks.js").Look} look
 * @returns {{svg: SVGSVGElement, part: Record<string, SVGElement>}} the picture, not yet in a page, and its parts by name
 */
export function draw(look) {
  const svg = /** @type {SVGSVGElement} */ (document.createElementNS(SVG, "svg"));
  const id = `omo${Math.round(performance.now() * 1e4 + Math.random() * 1e6).toString(36)}`;
  /** @type {Record<string, any>} */
  const words = { id, ...look, tint: look.mouth.tint, earpair: ears(look.ears) };
  for (const [name, value] of Object.entries(VARIABLES)) {
    words[name.slice(6)] = `var(${name},${look.colours[name] ?? value})`;
  }
  // Twice: the clothes of a look hold colour words of their own.
  const fill = (/** @type {string} */ text) => text.replace(/\{(\w+)\}/g, (_, word) => String(words[word]));
  svg.innerHTML = fill(fill(PICTURE));
  svg.setAttribute("preserveAspectRatio", "xMidYMax meet");
  svg.setAttribute("width", "100%");
  svg.setAttribute("height", "100%");
  /** @type {Record<string, SVGElement>} */
  const part = {};
  for (const element of svg.querySelectorAll("[data-p]")) {
    part[element.getAttribute("data-p") ?? ""] = /** @type {SVGElement} */ (element);
  }
  return { svg, part };
}

/** @param {string} path */
function ears(path) {
  if (!path) return "";
  const one = `<path d="${path}" fill="{skin}"/><path d="${path}" fill="#b5562f" opacity=".16"/>`;
  return `${one}<g transform="matrix(-1 0 0 1 400 0)">${one}</g>`;
}
