// @ts-check
/** The door to the company's page: messages go to its exact origin only, and are heard from the parent window only. */

/** @typedef {Record<string, (message: any) => void>} Handlers */

export class Host {
  #origin;

  /** @param {string} origin of the embedding page @param {Handlers} handlers by message type */
  constructor(origin, handlers) {
    // The browser's own word on who embeds us, where it gives one, beats the query string's.
    this.#origin = location.ancestorOrigins?.[0] ?? origin;
    window.addEventListener("message", (event) => {
      if (event.source !== window.parent || event.origin !== this.#origin || event.data?.omotenashi !== 1) return;
      if (Object.hasOwn(handlers, event.data.type)) handlers[event.data.type](event.data);
    });
  }

  /** @param {string} type @param {object} [detail] */
  post(type, detail = {}) {
    if (window.parent !== window && this.#origin) window.parent.postMessage({ omotenashi: 1, type, detail }, this.#origin);
  }

  /** @param {string} name an event of the table in widget.js @param {object} [detail] never a person's words */
  event(name, detail = {}) {
    this.post("event", { ...detail, event: name });
  }
}
