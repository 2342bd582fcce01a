// @ts-check
/** How charged the customer's messages were, one point each; the kinds of moment are written where they begin. */
import { h, s } from "../shared/dom.js";
import { clock } from "../shared/i18n.js";

const WIDE = 320;
const HIGH = 104;
const TOP = 22;
const FOOT = 16;
const SIDE = 14;
const MOST = 24;

/** @param {import("./app.js").App} app */
export function makeCurve(app) {
  const { t, store } = app;
  const figure = h("figure", { class: "curve" });
  let shown = "";
  return {
    node: figure,
    render() {
      const moments = (store.talk?.moments ?? []).slice(-MOST);
      const key = JSON.stringify([store.current, moments, app.locale]);
      if (key === shown) return;
      shown = key;
      figure.hidden = !moments.length;
      if (moments.length) figure.replaceChildren(draw(app, moments), h("figcaption", null, h("span", null, t("curve")), h("span", { class: "soft" }, t("curveNow", { n: steps(moments[moments.length - 1].intensity), kind: t(`kind.${moments[moments.length - 1].kind}`) }))));
    },
  };
}

/** @param {number} intensity */
function steps(intensity) {
  return Math.min(5, Math.max(1, Math.ceil(intensity * 5)));
}

/** @param {import("./app.js").App} app @param {import("./talk.js").Talk["moments"]} moments */
function draw(app, moments) {
  const { t, locale } = app;
  const x = (/** @type {number} */ i) => (moments.length === 1 ? WIDE / 2 : SIDE + (i * (WIDE - 2 * SIDE)) / (moments.length - 1));
  const y = (/** @type {number} */ v) => HIGH - FOOT - v * (HIGH - FOOT - TOP);
  const path = moments.map((m, i) => `${i ? "L" : "M"}${x(i).toFixed(1)} ${y(m.intensity).toFixed(1)}`).join("");
  const area = `${path}L${x(moments.length - 1).toFixed(1)} ${HIGH - FOOT}L${x(0).toFixed(1)} ${HIGH - FOOT}Z`;
  const words = moments.map((m) => `${clock(m.at, locale)} ${t("heat", { n: steps(m.intensity) })} ${t(`kind.${m.kind}`)}`).join("; ");
  const points = moments.map((m, i) => {
    const dot = s("circle", { class: `dot h${steps(m.intensity)}`, cx: x(i), cy: y(m.intensity), r: 5 }, s("title", null, `${clock(m.at, locale)} · ${t("heat", { n: steps(m.intensity) })} · ${t(`kind.${m.kind}`)}`));
    dot.addEventListener("click", () => app.goTo?.(m.message));
    return dot;
  });
  return s("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": `${t("curve")}: ${words}` },
    ...[0, 0.5, 1].map((v) => s("line", { class: "grid", x1: SIDE, x2: WIDE - SIDE, y1: y(v), y2: y(v) })),
    s("path", { class: "area", d: area }), s("path", { class: "stroke", d: path }), ...labels(t, moments, x, y), ...points,
    s("text", { class: "tick", x: SIDE, y: HIGH - 3 }, clock(moments[0].at, locale)),
    moments.length > 1 && s("text", { class: "tick", x: WIDE - SIDE, y: HIGH - 3, "text-anchor": "end" }, clock(moments[moments.length - 1].at, locale)));
}

/** A kind is written where it begins; two labels never lie on each other.
 * @param {import("../shared/i18n.js").Translate} t @param {import("./talk.js").Talk["moments"]} moments @param {(i: number) => number} x @param {(v: number) => number} y */
function labels(t, moments, x, y) {
  const out = [];
  let free = 0;
  for (const [i, m] of moments.entries()) {
    if (m.kind === "none" || m.kind === moments[i - 1]?.kind) continue;
    const text = t(`kind.${m.kind}`);
    const wide = [...text].reduce((n, c) => n + (c.charCodeAt(0) > 255 ? 11 : 6.5), 0);
    const at = Math.min(Math.max(x(i), SIDE + wide / 2), WIDE - SIDE - wide / 2);
    if (at - wide / 2 < free) continue;
    free = at + wide / 2 + 6;
    out.push(s("text", { class: "kind", x: at, y: Math.max(12, y(m.intensity) - 10), "text-anchor": "middle" }, text));
  }
  return out;
}
