// @ts-check
/**
 * The agent's side of the wire protocol: one socket for many conversations. Comes back by itself, resends what was not acked.
 * It knows nothing of what frames mean; `on()` tells: state {state, code?, retryAt?}  ready frame  fact Fact  frame any
 *   outbox  refused {entry, why}  signedOut
 */
import { SUBPROTOCOL } from "../shared/client.js";
import { Emitter } from "../shared/emitter.js";
import { newTxn, Outbox } from "../shared/outbox.js";
import { afterClose, delay } from "../shared/reconnect.js";

const SILENCE_MS = 35_000;
const ACK_MS = 15_000;
const STEADY_MS = 60_000;

export class Link extends Emitter {
  /** @type {"idle" | "connecting" | "ready" | "waiting" | "stopped"} */
  state = "idle";
  code = 0;
  retryAt = 0;
  outbox;
  #options;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {Map<string, {resolve: (reply: any) => void, reject: (why: any) => void}>} */
  #asked = new Map();
  #inFlight = "";
  #attempt = 0;
  #retryAfter = 0;
  #try = 0;
  /** @type {Record<string, any>} */
  #timers = {};
  #end = new AbortController();

  /**
   * @param {object} options
   * @param {import("../shared/storage.js").Storage_} options.storage
   * @param {() => Promise<string>} options.ticket a fresh one-time ticket; rejects with {status}
   * @param {() => object} options.hello
   */
  constructor(options) {
    super();
    this.#options = options;
    this.outbox = new Outbox(options.storage, Date.now());
    const { signal } = this.#end;
    window.addEventListener("online", () => this.#hurry(), { signal });
    document.addEventListener("visibilitychange", () => document.hidden || this.#hurry(), { signal });
  }

  async connect() {
    if (this.#socket || this.state === "connecting") return;
    clearTimeout(this.#timers.retry);
    this.#set("connecting");
    const mine = (this.#try += 1);
    let ticket;
    try {
      ticket = await this.#options.ticket();
    } catch (why) {
      if (mine !== this.#try) return;
      if (/** @type {any} */ (why).status === 401) return this.#signedOut();
      return this.#later(1006);
    }
    if (mine === this.#try) this.#open(ticket);
  }

  /** @param {string} ticket */
  #open(ticket) {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/v1/agent`, SUBPROTOCOL);
    this.#socket = socket;
    socket.onopen = () => this.#send({ type: "session.hello", ticket, client: { name: "desk", version: "1", platform: "web" }, ...this.#options.hello() });
    socket.onmessage = (event) => socket === this.#socket && this.#receive(event.data);
    socket.onclose = (event) => socket === this.#socket && this.#closed(event.code);
    this.#listen();
  }

  /** Ends for good. */
  destroy() {
    this.#end.abort();
    this.#drop();
    this.#try += 1;
    clearTimeout(this.#timers.retry);
    this.#set("idle");
  }

  again() {
    this.#drop();
    this.#attempt = 0;
    this.state = "idle";
    void this.connect();
  }

  /** A command that must not be lost: kept until acked, across reloads. @param {string} type @param {string} conversation @param {object} data */
  command(type, conversation, data) {
    const entry = this.outbox.add(type, data, conversation);
    this.emit("outbox");
    this.#pump();
    return entry;
  }

  /** @param {string} txn */
  retry(txn) {
    this.outbox.retry(txn, true); // it was refused, so it is not stored: a new txn does no harm
    this.emit("outbox");
    this.#pump();
  }

  /** @param {string} txn */
  discard(txn) {
    this.outbox.remove(txn);
    this.emit("outbox");
  }

  /** A command that the person sees succeed or fail. @param {string} type @param {string | undefined} conversation @param {object} [data] @returns {Promise<any>} */
  ask(type, conversation, data = {}) {
    const txn = newTxn();
    return new Promise((resolve, reject) => {
      this.#asked.set(txn, { resolve, reject });
      if (this.state !== "ready" || !this.#send({ type, txn, conversation, data })) this.#answer(txn, { type: "error", code: "lost", retryable: true });
    });
  }

  /** Lost without harm. @param {string} type @param {string} conversation @param {object} data */
  tell(type, conversation, data) {
    if (this.state === "ready") this.#send({ type, conversation, ...data, data });
  }

  /** @param {string} raw */
  #receive(raw) {
    this.#listen();
    let frame;
    try {
      frame = JSON.parse(raw);
    } catch {
      return;
    }
    if (typeof frame.seq === "number" && frame.data && frame.type !== "ack") this.#fact(frame);
    else (this.#frames[frame.type] ?? (() => this.emit("frame", frame)))(frame);
  }

  /** @type {Record<string, (frame: any) => void>} */
  #frames = {
    "session.ready": (frame) => this.#ready(frame),
    "ping": () => this.#send({ type: "pong" }),
    "drain": (frame) => void (this.#retryAfter = frame.retry_after_ms ?? 1000),
    "facts": (frame) => frame.facts?.forEach((/** @type {any} */ f) => this.#fact(f)),
    "ack": (frame) => this.#answer(frame.txn, frame),
    "history": (frame) => this.#answer(frame.txn, frame),
    "error": (frame) => (frame.txn ? this.#answer(frame.txn, frame) : this.emit("frame", frame)),
  };

  /** @param {any} frame */
  #ready(frame) {
    this.#timers.steady = setTimeout(() => (this.#attempt = 0), STEADY_MS);
    this.#inFlight = "";
    this.state = "ready"; // who hears of it may ask at once
    this.emit("ready", frame);
    this.#set("ready");
    this.#pump();
  }

  /** @param {any} fact */
  #fact(fact) {
    if (fact.txn && this.outbox.get(fact.txn)) {
      this.outbox.remove(fact.txn);
      this.emit("outbox");
    }
    this.emit("fact", fact);
  }

  #pump() {
    const entry = this.outbox.next();
    if (this.state !== "ready" || this.#inFlight || !entry) return;
    const { txn, type, conversation, data } = entry;
    this.#inFlight = txn;
    this.#timers.ack = setTimeout(() => this.again(), ACK_MS);
    this.#asked.set(txn, { resolve: () => this.#acked(txn), reject: (why) => this.#refused(txn, why) });
    this.#send({ type, txn, conversation, data });
  }

  /** @param {string} txn @param {any} reply */
  #answer(txn, reply) {
    const waiting = this.#asked.get(txn);
    this.#asked.delete(txn);
    if (reply.type === "error") waiting?.reject(reply);
    else waiting?.resolve(reply);
  }

  /** @param {string} txn */
  #acked(txn) {
    this.#land();
    this.outbox.sent(txn);
    this.emit("outbox");
    this.#pump();
  }

  /** @param {string} txn @param {any} why */
  #refused(txn, why) {
    if (why.code === "lost") return;
    this.#land();
    if (why.retryable) {
      this.#timers.pump = setTimeout(() => this.#pump(), why.retry_after_ms ?? 2000);
    } else {
      this.outbox.fail(txn, why.message ?? "");
      this.emit("refused", { entry: this.outbox.get(txn), why });
      this.#pump();
    }
    this.emit("outbox");
  }

  #land() {
    this.#inFlight = "";
    clearTimeout(this.#timers.ack);
  }

  /** @param {any} frame @returns {boolean} */
  #send(frame) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  #listen() {
    clearTimeout(this.#timers.silence);
    this.#timers.silence = setTimeout(() => this.#closed(1006), SILENCE_MS);
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    this.#land();
    for (const name of ["silence", "steady", "pump"]) clearTimeout(this.#timers[name]);
    socket?.close(1000);
    for (const [txn, waiting] of [...this.#asked]) {
      this.#asked.delete(txn);
      waiting.reject({ code: "lost", retryable: true });
    }
  }

  /** @param {number} code */
  #closed(code) {
    this.#drop();
    const action = afterClose(code);
    if (code === 4001) this.#attempt = Math.max(this.#attempt, 1); // the ticket lapsed: the next one tells whether the session did
    else if (action === "stop") return this.#set("stopped", { code });
    if (action === "slow") this.#attempt = Math.max(this.#attempt, 2);
    this.#later(code, action === "now" && this.#attempt === 0 ? 0 : undefined);
  }

  /** @param {number} code @param {number} [wait] ms */
  #later(code, wait) {
    const pause = this.#retryAfter || (wait ?? delay(this.#attempt, Math.random));
    this.#attempt += 1;
    this.#retryAfter = 0;
    this.#set("waiting", { code, retryAt: Date.now() + pause });
    this.#timers.retry = setTimeout(() => void this.connect(), pause);
  }

  #signedOut() {
    this.#set("stopped", { code: 4001 });
    this.emit("signedOut");
  }

  #hurry() {
    if (this.state !== "waiting") return;
    this.#attempt = Math.min(this.#attempt, 1);
    void this.connect();
  }

  /** @param {Link["state"]} state @param {{code?: number, retryAt?: number}} [more] */
  #set(state, more = {}) {
    this.state = state;
    this.code = more.code ?? 0;
    this.retryAt = more.retryAt ?? 0;
    this.emit("state", { state, ...more });
  }
}
