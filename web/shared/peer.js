// @ts-check
/**
 * One side of the protocol over a wire that comes back: what it asks is kept until acked and sent in order (`keep`), or
 * answered once (`askIn`). It knows nothing of what facts mean. `on()` tells besides: outbox   refused {entry, why}
 */
import { newTxn, Outbox } from "./outbox.js";
import { Wire } from "./wire.js";

const ACK_MS = 15_000;

export class Peer extends Wire {
  outbox;
  /** The txn that is on its way, or "". */
  inFlight = "";
  /** @type {Map<string, {resolve: (reply: any) => void, reject: (why: any) => void}>} */
  #asked = new Map();
  #ackTimer = 0;
  #pumpTimer = 0;

  /** @param {string} url @param {import("./storage.js").Storage_} storage keeps the outbox @param {() => number} [random] */
  constructor(url, storage, random) {
    super(url, random);
    this.outbox = new Outbox(storage, Date.now());
  }

  /** Which conversation a kept command is for. @param {import("./outbox.js").Entry} entry */
  conversationOf(entry) {
    return entry.conversation;
  }

  /** Whether a command that was acked stays in sight until its fact arrives. @param {string} _type */
  shown(_type) {
    return true;
  }

  /** Keeps a command until it is acked, across reloads. @param {string} type @param {object} data @param {string} [conversation] */
  keep(type, data, conversation) {
    const entry = this.outbox.add(type, data, conversation);
    this.#changed();
    return entry;
  }

  /** @param {string} txn @param {boolean} fresh under a new txn, where the old one is spent */
  resend(txn, fresh) {
    this.outbox.retry(txn, fresh);
    this.#changed();
  }

  /** @param {string} txn */
  discard(txn) {
    this.outbox.remove(txn);
    this.emit("outbox");
  }

  /** A command that is answered or rejected, never kept. @param {string} type @param {string | undefined} conversation @param {object} data @returns {Promise<any>} */
  askIn(type, conversation, data) {
    const txn = newTxn();
    return new Promise((resolve, reject) => {
      this.#asked.set(txn, { resolve, reject });
      if (this.state !== "ready" || !this.send({ type, txn, conversation, data })) this.#answer({ type: "error", txn, code: "lost", retryable: true });
    });
  }

  /** Something that changes no state: lost without harm. @param {string} type @param {string | undefined} conversation @param {object} fields */
  tellIn(type, conversation, fields) {
    if (this.state === "ready") this.send({ type, conversation, ...fields, data: fields });
  }

  /** What both sides answer alike; all else is `told`. @param {any} frame */
  receive(frame) {
    const { type } = frame;
    if (type === "drain") this.comeBackAfter(frame.retry_after_ms ?? 1000);
    else if (type === "ack" || type === "history" || (type === "error" && frame.txn)) this.#answer(frame);
    else this.told(frame);
  }

  /** @param {any} _frame */
  told(_frame) {}

  /** @param {any} reply */
  #answer(reply) {
    const waiting = this.#asked.get(reply.txn);
    this.#asked.delete(reply.txn);
    if (reply.type === "error") waiting?.reject(reply);
    else waiting?.resolve(reply);
  }

  /** The server is ready: sends what waits. */
  begin() {
    this.inFlight = "";
    this.#pump();
  }

  /** The wire is down: what was asked is lost, what is kept will be sent again. */
  dropped() {
    this.#land();
    clearTimeout(this.#pumpTimer);
    for (const [txn, waiting] of this.#asked) {
      this.#asked.delete(txn);
      if (!this.outbox.get(txn)) waiting.reject({ code: "lost", retryable: true });
    }
  }

  #changed() {
    this.emit("outbox");
    this.#pump();
  }

  #pump() {
    const entry = this.outbox.next();
    if (this.state !== "ready" || this.inFlight || !entry) return;
    const { txn, type, data } = entry;
    this.inFlight = txn;
    this.#ackTimer = window.setTimeout(() => this.again(), ACK_MS);
    this.#asked.set(txn, { resolve: () => this.#acked(txn), reject: (why) => this.#refused(txn, why) });
    this.send({ type, txn, conversation: this.conversationOf(entry), data });
  }

  /** @param {string} txn */
  #acked(txn) {
    this.#land();
    if (this.shown(this.outbox.get(txn)?.type ?? "")) this.outbox.sent(txn);
    else this.outbox.remove(txn);
    this.#changed();
  }

  /** @param {string} txn @param {any} why */
  #refused(txn, why) {
    this.#land();
    if (why.retryable) {
      this.#pumpTimer = window.setTimeout(() => this.#pump(), why.retry_after_ms ?? 2000);
      return this.emit("outbox");
    }
    this.outbox.fail(txn, why.message ?? "");
    this.emit("refused", { entry: this.outbox.get(txn), why });
    this.#changed();
  }

  #land() {
    this.inFlight = "";
    clearTimeout(this.#ackTimer);
  }
}
