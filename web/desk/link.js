// @ts-check
/**
 * The agent's side of the wire protocol: one socket for many conversations. Comes back by itself, resends what was not acked.
 * It knows nothing of what frames mean; `on()` tells: state {state, code?, retryAt?}  ready frame  fact Fact  frame any
 *   outbox  refused {entry, why}  signedOut
 */
import { Peer } from "../shared/peer.js";

const CLIENT = { name: "desk", version: "1", platform: "web" };

export class Link extends Peer {
  #options;

  /**
   * @param {object} options
   * @param {import("../shared/storage.js").Storage_} options.storage
   * @param {() => Promise<string>} options.ticket a fresh one-time ticket; rejects with {status}
   * @param {() => object} options.hello
   */
  constructor(options) {
    super(`${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/v1/agent`, options.storage);
    this.#options = options;
    this.on("state", ({ state, code }) => state === "stopped" && code === 4001 && this.emit("signedOut"));
  }

  prepare() {
    return this.#options.ticket();
  }

  /** @param {string} ticket */
  hello(ticket) {
    return { type: "session.hello", ticket, client: CLIENT, ...this.#options.hello() };
  }

  /** A command that must not be lost: kept until acked, across reloads. @param {string} type @param {string} conversation @param {object} data */
  command(type, conversation, data) {
    return this.keep(type, data, conversation);
  }

  /** @param {string} txn */
  retry(txn) {
    this.resend(txn, true); // it was refused, so it is not stored: a new txn does no harm
  }

  /** A command that the person sees succeed or fail. @param {string} type @param {string | undefined} conversation @param {object} [data] @returns {Promise<any>} */
  ask(type, conversation, data = {}) {
    return this.askIn(type, conversation, data);
  }

  /** Lost without harm. @param {string} type @param {string} conversation @param {object} data */
  tell(type, conversation, data) {
    this.tellIn(type, conversation, data);
  }

  /** @param {any} frame */
  told(frame) {
    if (typeof frame.seq === "number" && frame.data) this.#fact(frame);
    else if (frame.type === "facts") frame.facts?.forEach((/** @type {any} */ f) => this.#fact(f));
    else if (frame.type === "session.ready") this.#ready(frame);
    else this.emit("frame", frame);
  }

  /** @param {any} frame */
  #ready(frame) {
    this.greeted(() => this.emit("ready", frame));
    this.begin();
  }

  /** @param {any} fact */
  #fact(fact) {
    if (fact.txn && this.outbox.get(fact.txn)) {
      this.outbox.remove(fact.txn);
      this.emit("outbox");
    }
    this.emit("fact", fact);
  }
}
