// @ts-check
/**
 * The one line on a company's page: a launcher and, once opened, an iframe of our own origin whose words the page's
 * scripts cannot read. Runs under a strict CSP: the page needs `script-src` and `frame-src` for our origin, no more.
 *
 *   <script type="module" src="https://HOST/widget.js" data-locale="ja" data-mode="bubble"></script>
 *
 * data-locale    ja | en                              default: the page's lang
 * data-mode      bubble | panel | page | kiosk        default bubble; page and kiosk open at once
 * data-target    CSS selector of the element that holds mode "page"     default: the whole window
 * data-position  right | left                         data-theme   auto | light | dark
 * data-look      which character                      data-open    open at once
 * data-label     the launcher's words
 *
 * window.Omotenashi: open() close() toggle() ask(text) identify(ticket) context({url, cart, order}) on(event, fn) → undo
 *
 * | event | detail                      | when                                                      |
 * |-------|-----------------------------|-----------------------------------------------------------|
 * | ready | {locale}                    | the panel can be talked to                                |
 * | open, close | {}                    | the panel appeared, went away                             |
 * | message | {from}                    | somebody wrote: visitor, assistant or agent (never words) |
 * | handoff | {state}                   | offered, queued, ringing, agent, wrap_up, assistant, closed |
 * | agent | {name, present}             | a person joined or left                                   |
 * | unread | {count}                    | messages not yet seen                                     |
 * | connection | {state}                | ready, waiting, stopped                                   |
 * Each is also dispatched on the element as `omotenashi:<event>`. Theme: the `--omo-…` variables of /widget/theme.css,
 * set on `omotenashi-widget` or above it.
 */
const HOME = new URL(import.meta.url).origin;
const PHONE = "(max-width: 640px), (max-height: 420px)";
const WORDS = {
  ja: { open: "AIアシスタントに相談", close: "閉じる", title: "AIアシスタントとの会話" },
  en: { open: "Ask our AI assistant", close: "Close", title: "Conversation with the AI assistant" },
};
const THEMED = ["accent", "on-accent", "accent-soft", "surface", "background", "text", "radius", "font"];
const CSS = `
:host{all:initial;--z:2147483000;position:fixed;z-index:var(--z);inset:auto;font-family:var(--omo-font,system-ui,sans-serif)}
:host([mode=page]){position:static;display:block;block-size:100%}
button{all:unset;box-sizing:border-box;position:fixed;z-index:var(--z);bottom:calc(20px + env(safe-area-inset-bottom));inset-inline-end:20px;
display:flex;align-items:center;gap:10px;min-block-size:60px;padding:0 24px 0 16px;border-radius:30px;cursor:pointer;
background:var(--omo-accent,#0b6b55);color:var(--omo-on-accent,#fff);font-size:15px;font-weight:600;letter-spacing:.02em;
box-shadow:0 2px 6px rgb(0 20 16/.18),0 10px 28px rgb(0 20 16/.22);transition:transform .18s,opacity .18s}
:host([position=left]) button{inset-inline:20px auto}
button:hover{transform:translateY(-2px)}
button:focus-visible{outline:3px solid var(--omo-on-accent,#fff);outline-offset:-6px;box-shadow:0 0 0 4px var(--omo-accent,#0b6b55)}
svg{inline-size:32px;block-size:32px;flex:none}
i{all:unset;position:absolute;inset:-4px -2px auto auto;min-inline-size:22px;box-sizing:border-box;padding:0 6px;border-radius:11px;
background:#c62828;color:#fff;font-size:12px;line-height:22px;text-align:center}
i:empty{display:none}
iframe{display:block;border:0;position:fixed;z-index:var(--z);inset-block:auto 20px;inset-inline:auto 20px;inline-size:min(420px,calc(100vw - 40px));
block-size:min(720px,calc(100dvh - 40px));border-radius:var(--omo-radius,20px);background:var(--omo-background,Canvas);color-scheme:normal;
box-shadow:0 4px 12px rgb(0 20 16/.14),0 24px 64px rgb(0 20 16/.26);opacity:0;transform:translateY(16px);visibility:hidden;
transition:opacity .2s,transform .2s,visibility .2s}
:host([position=left]) iframe{inset-inline:20px auto}
:host([open]) iframe{opacity:1;transform:none;visibility:visible}
:host([open]) button{opacity:0;visibility:hidden;pointer-events:none}
:host([mode=panel]) iframe{inset-block:0;inset-inline-end:0;block-size:100dvh;border-radius:0}
:host([mode=panel][position=left]) iframe{inset-inline:0 auto}
:host([mode=kiosk]) iframe{inset:0;inline-size:100vw;block-size:100dvh;border-radius:0}
:host([mode=page]) iframe{position:static;inline-size:100%;block-size:100%;min-block-size:480px;border-radius:0;box-shadow:none}
:host([mode=page][whole]) iframe{position:fixed;inset:0;block-size:100dvh}
:host([mode=page]) button,:host([mode=kiosk]) button{display:none}
:host([phone]:not([mode=page])) iframe{inset:0;inline-size:100%;block-size:100dvh;border-radius:0}
u{all:unset;position:fixed;visibility:hidden;padding:env(safe-area-inset-top) env(safe-area-inset-right) env(safe-area-inset-bottom) env(safe-area-inset-left)}
@media (max-width:640px){button{min-block-size:56px;padding:0 20px 0 14px;inset-inline-end:16px}}
@media (prefers-reduced-motion:reduce){button,iframe{transition:none;transform:none!important}}
@media print{:host{display:none}}
`;

/** @param {string} tag @param {Record<string, string>} attributes @param {...Element} children */
function svg(tag, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

class OmotenashiWidget extends HTMLElement {
  /** @type {HTMLIFrameElement | null} */
  #frame = null;
  #ready = false;
  /** @type {object[]} */
  #waiting = [];
  /** @type {Map<string, Set<(detail: any) => void>>} */
  #listeners = new Map();
  #button = document.createElement("button");
  #badge = document.createElement("i");
  #inset = document.createElement("u");
  #overflow = "";

  connectedCallback() {
    if (this.shadowRoot) return; // moved, not made
    const root = this.attachShadow({ mode: "closed" });
    const sheet = new CSSStyleSheet(); // constructed sheets pass a CSP without 'unsafe-inline'
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [sheet];
    this.setAttribute("mode", this.mode);
    this.setAttribute("position", this.dataset.position === "left" ? "left" : "right");
    this.toggleAttribute("whole", this.mode === "page" && !this.dataset.target);
    const label = document.createElement("span");
    label.textContent = this.dataset.label || this.words.open;
    this.#button.type = "button";
    this.#button.setAttribute("aria-expanded", "false");
    this.#button.append(this.#icon(), label, this.#badge);
    this.#button.onclick = () => this.open();
    root.append(this.#button, this.#inset);
    window.addEventListener("message", (event) => this.#heard(event));
    const phone = matchMedia(PHONE);
    const fit = () => this.#fit(phone.matches);
    phone.onchange = fit;
    window.visualViewport?.addEventListener("resize", fit);
    window.visualViewport?.addEventListener("scroll", fit);
    fit();
    if (this.dataset.open !== undefined || !this.closable) this.open(false);
  }

  get mode() {
    const mode = this.dataset.mode ?? "";
    return ["panel", "page", "kiosk"].includes(mode) ? mode : "bubble";
  }

  get closable() {
    return this.mode === "bubble" || this.mode === "panel";
  }

  get locale() {
    return (this.dataset.locale || document.documentElement.lang || navigator.language).startsWith("ja") ? "ja" : "en";
  }

  get words() {
    return WORDS[/** @type {"ja" | "en"} */ (this.locale)];
  }

  /** @param {boolean} [focus] whether the keyboard moves into the panel */
  open(focus = true) {
    if (!this.#frame) this.#makeFrame();
    if (!this.hasAttribute("open")) {
      this.setAttribute("open", "");
      this.#button.setAttribute("aria-expanded", "true");
      this.#fit(matchMedia(PHONE).matches);
      this.#emit("open", {});
    }
    this.#post({ type: "open", focus });
  }

  close() {
    if (!this.closable || !this.hasAttribute("open")) return;
    this.removeAttribute("open");
    this.#button.setAttribute("aria-expanded", "false");
    this.#fit(false);
    this.#button.focus({ preventScroll: true });
    this.#post({ type: "close" });
    this.#emit("close", {});
  }

  toggle() {
    if (this.hasAttribute("open")) this.close();
    else this.open();
  }

  /** @param {string} text asked in the visitor's name, as if typed */
  ask(text) {
    this.open();
    this.#post({ type: "ask", text: String(text).slice(0, 8000) });
  }

  /** @param {string} ticket the site's signed statement of who this is */
  identify(ticket) {
    this.#post({ type: "identify", ticket: String(ticket) });
  }

  /** @param {Record<string, unknown>} data what the assistant may know of this page */
  context(data) {
    const text = (/** @type {unknown} */ v) => (typeof v === "string" ? v : JSON.stringify(v));
    this.#post({ type: "context", data: Object.fromEntries(Object.entries(data).map(([k, v]) => [k, text(v)])) });
  }

  /** @param {string} event @param {(detail: any) => void} listener @returns {() => void} */
  on(event, listener) {
    const set = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, set.add(listener));
    return () => void set.delete(listener);
  }

  #icon() {
    const line = { fill: "none", stroke: "currentColor", "stroke-width": "1.9", "stroke-linecap": "round" };
    return svg("svg", { viewBox: "0 0 32 32", "aria-hidden": "true" },
      svg("path", { ...line, d: "M16 4.5c7 0 12 4.6 12 10.4s-5 10.4-12 10.4c-1.5 0-3-.2-4.300-.6L6 27.500l1.200-5.300C5.200 20.300 4 17.700 4 14.900 4 9.100 9 4.500 16 4.500Z", "stroke-linejoin": "round" }),
      svg("path", { ...line, d: "M12 12.600v1.600M20 12.600v1.600M12.200 18.300c2.100 1.900 5.500 1.900 7.600 0" }));
  }

  #makeFrame() {
    const frame = document.createElement("iframe");
    const { look = "", theme = "auto" } = this.dataset;
    const query = new URLSearchParams({ host: location.origin, locale: this.locale, mode: this.mode, look, theme });
    frame.src = `${HOME}/widget/frame.html?${query}`;
    frame.title = this.words.title;
    frame.allow = "microphone; autoplay; clipboard-write";
    this.#frame = frame;
    /** @type {ShadowRoot} */ (this.#button.getRootNode()).append(frame);
  }

  /** @param {object} message */
  #post(message) {
    if (this.#ready) this.#frame?.contentWindow?.postMessage({ omotenashi: 1, ...message }, HOME);
    else this.#waiting.push(message);
  }

  /** @param {MessageEvent} event */
  #heard(event) {
    if (!this.#frame || event.source !== this.#frame.contentWindow || event.origin !== HOME || event.data?.omotenashi !== 1) return;
    const { type, detail = {} } = event.data;
    if (type === "loaded") this.#loaded();
    else if (type === "close") this.close();
    else if (type === "event") {
      const { event: name, ...rest } = detail;
      if (name === "unread") this.#badge.textContent = rest.count ? String(rest.count) : "";
      this.#emit(name, rest);
    }
  }

  #loaded() {
    this.#ready = true;
    const style = getComputedStyle(this);
    const theme = Object.fromEntries(THEMED.map((name) => [name, style.getPropertyValue(`--omo-${name}`).trim()]).filter(([, v]) => v));
    this.#post({ type: "theme", theme });
    this.#insets();
    for (const message of this.#waiting.splice(0)) this.#post(message);
  }

  /** @param {string} name @param {any} detail */
  #emit(name, detail) {
    for (const listener of this.#listeners.get(name) ?? []) listener(detail);
    this.dispatchEvent(new CustomEvent(`omotenashi:${name}`, { detail, bubbles: true }));
  }

  /** On a phone the panel is the screen: above the keyboard, the page behind it held still. @param {boolean} phone */
  #fit(phone) {
    this.toggleAttribute("phone", phone);
    const covers = phone && this.hasAttribute("open") && this.mode !== "page";
    const root = document.documentElement.style;
    if (covers && !this.#overflow) [this.#overflow, root.overflow] = [root.overflow || "visible", "hidden"];
    if (!covers && this.#overflow) [root.overflow, this.#overflow] = [this.#overflow === "visible" ? "" : this.#overflow, ""];
    const view = window.visualViewport;
    if (!this.#frame || !view) return;
    const zoomed = view.scale > 1.01; // pinch zoom is the reader's own business
    this.#frame.style.height = covers && !zoomed ? `${view.height}px` : "";
    this.#frame.style.top = covers && !zoomed ? `${view.offsetTop}px` : "";
    this.#insets();
  }

  /** Safe areas are known to the top page only. */
  #insets() {
    const { paddingTop, paddingBottom } = getComputedStyle(this.#inset);
    const phone = this.hasAttribute("phone");
    if (this.#ready) this.#post({ type: "insets", phone, top: phone ? paddingTop : "0px", bottom: phone ? paddingBottom : "0px" });
  }
}

function begin() {
  if (customElements.get("omotenashi-widget")) return; // the line stands twice on the page
  customElements.define("omotenashi-widget", OmotenashiWidget);
  const script = [...document.scripts].find((s) => s.src === import.meta.url);
  const widget = /** @type {OmotenashiWidget} */ (document.createElement("omotenashi-widget"));
  Object.assign(widget.dataset, script?.dataset);
  const call = (/** @type {string} */ name) => (/** @type {any[]} */ ...args) => /** @type {any} */ (widget)[name](...args);
  const names = ["open", "close", "toggle", "ask", "identify", "context", "on"];
  Object.assign(window, { Omotenashi: Object.freeze(Object.fromEntries(names.map((n) => [n, call(n)]))) });
  (document.querySelector(widget.dataset.target || "body") ?? document.body).append(widget);
  document.dispatchEvent(new CustomEvent("omotenashi:available"));
}

if (document.body) begin();
else document.addEventListener("DOMContentLoaded", begin);
