// @ts-check
/**
 * One side of the wire protocol v1 (`omotenashi.v1`) in a browser: connects, comes back, keeps order, resends.
 * It knows nothing of what facts mean; `on()` tells:
 *   state {state, code?, retryAt?}   ready frame   reset   fact Fact   run Run   frame any   outbox   refused {entry, why}
 */
import { Emitter } from "./emitter.js";
import { FactOrder } from "./facts.js";
import { newTxn, Outbox } from "./outbox.js";
import { afterClose, delay } from "./reconnect.js";
import { Runs } from "./runs.js";

export const SUBPROTOCOL = "omotenashi.v1";
const SILENCE_MS = 35_000; // the server pings after 25 s and browsers cannot see protocol pings
const ACK_MS = 15_000;
const STEADY_MS = 60_000;

/** @typedef {"idle" | "connecting" | "ready" | "waiting" | "stopped"} State */

export class Client extends Emitter {
  /** @type {State} */
  state = "idle";
  /** The close code that brought `waiting` or `stopped`. */
  code = 0;
  /** The last `session.ready`. @type {any} */
  session = null;
  order = new FactOrder();
  outbox;
  #options;
  #runs = new Runs();
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {Map<string, {resolve: (reply: any) => void, reject: (why: any) => void}>} */
  #asked = new Map();
  #inFlight = "";
  #attempt = 0;
  #retryAfter = 0;
  #synced = false;
  #spent = new Set();
  #torn = new Set();
  /** @type {Record<string, any>} */
  #timers = {};

  /**
   * @param {object} options
   * @param {string} options.url ws(s)://…/v1/visitor or /v1/agent
   * @param {import("./storage.js").Storage_} options.storage keeps token, conversation and outbox
   * @param {() => object} options.hello fields of `session.hello` that are not the client's own (locale, context, ticket)
   * @param {() => number} [options.random] 0–1, for jitter
   */
  constructor(options) {
    super();
    this.#options = options;
    this.outbox = new Outbox(options.storage, Date.now());
    window.addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.#hurry());
  }

  get conversation() {
    return this.session?.conversation ?? this.#options.storage.get("conversation");
  }

  /** Opens the socket; a no-op while one is open. */
  connect() {
    if (this.#socket) return;
    clearTimeout(this.#timers.retry);
    this.#set("connecting");
    const socket = new WebSocket(this.#options.url, SUBPROTOCOL);
    this.#socket = socket;
    socket.onopen = () => this.#send(this.#hello());
    socket.onmessage = (event) => socket === this.#socket && this.#receive(event.data);
    socket.onclose = (event) => socket === this.#socket && this.#closed(event.code);
    this.#listen();
  }

  /** Ends the connection; `connect()` begins again where this stopped. */
  disconnect() {
    this.#drop();
    clearTimeout(this.#timers.retry);
    this.#set("idle");
  }

  /** Reconnects at once: after a gap, a changed identity, or a tap on "try now". */
  again() {
    this.#drop();
    this.#attempt = 0;
    this.connect();
  }

  /** Leaves this conversation for a new one; the visitor stays the same. */
  startOver() {
    this.session = null;
    this.#spent.add("fresh"); // the old conversation is still named: it proves who asks
    this.#reset(false);
    this.again();
  }

  /** Gives up who this was: the next connection is a stranger's. */
  forget() {
    for (const key of ["token", "conversation"]) this.#options.storage.remove(key);
    this.session = null;
    this.#reset(false);
  }

  /** A command that changes state: kept until acked. @param {string} type @param {object} [data] */
  command(type, data = {}) {
    const entry = this.outbox.add(type, data, this.conversation ?? undefined);
    this.emit("outbox");
    this.#pump();
    return entry;
  }

  /** @param {string} txn */
  retry(txn) {
    this.outbox.retry(txn, this.#spent.has(txn));
    this.emit("outbox");
    this.#pump();
  }

  /** @param {string} txn */
  discard(txn) {
    this.outbox.remove(txn);
    this.emit("outbox");
  }

  /** A command whose loss does no harm: answered or rejected, never kept. @param {string} type @param {object} data @returns {Promise<any>} */
  ask(type, data) {
    const txn = newTxn();
    return new Promise((resolve, reject) => {
      this.#asked.set(txn, { resolve, reject });
      if (!this.#send({ type, txn, conversation: this.conversation, data })) this.#answer(txn, { type: "error" });
    });
  }

  /** Something that changes no state: lost without harm. @param {string} type @param {object} [fields] */
  tell(type, fields = {}) {
    if (this.state === "ready") this.#send({ type, conversation: this.conversation, ...fields, data: fields });
  }

  /** Fetches the page of facts before the first known one. @param {number} limit
   *  @returns {Promise<{facts: import("./facts.js").Fact[], more: boolean}>} */
  async history(limit) {
    const reply = await this.ask("history.get", { before_seq: this.order.first, limit });
    const facts = reply.facts.filter((/** @type {any} */ f) => f.seq < this.order.first);
    const hidden = (reply.hidden ?? []).map((/** @type {number[]} */ r) => r[0]);
    this.order.first = Math.min(this.order.first, ...facts.map((/** @type {any} */ f) => f.seq), ...hidden);
    return { facts, more: Boolean(reply.more) };
  }

  #hello() {
    const { storage, hello } = this.#options;
    const resume = this.#synced && this.session ? { epoch: this.session.epoch, last_seq: this.order.last } : {};
    const fresh = this.#spent.delete("fresh") ? { new_conversation: true } : {};
    return {
      type: "session.hello",
      token: storage.get("token") ?? undefined,
      conversation: this.conversation ?? undefined,
      client: { name: "widget", version: "1", platform: "web" },
      ...resume, ...fresh, ...hello(),
    };
  }

  /** @param {string} raw */
  #receive(raw) {
    this.#listen();
    let frame;
    try {
      frame = JSON.parse(raw);
    } catch {
      return; // not ours to judge; the next gap would show
    }
    if (typeof frame.seq === "number" && frame.data) this.#fact(frame);
    else (this.#frames[frame.type] ?? (() => this.emit("frame", frame)))(frame);
  }

  /** Frames the connection itself answers; all others go to the view. @type {Record<string, (frame: any) => void>} */
  #frames = {
    "session.ready": (frame) => this.#ready(frame),
    "ping": () => this.#send({ type: "pong" }),
    "drain": (frame) => void (this.#retryAfter = frame.retry_after_ms ?? 1000),
    "facts": (frame) => {
      for (const fact of frame.facts ?? []) this.#fact(fact);
      this.order.hide(frame.hidden);
    },
    "ack": (frame) => this.#answer(frame.txn, frame),
    "history": (frame) => this.#answer(frame.txn, frame),
    "error": (frame) => (frame.txn ? this.#answer(frame.txn, frame) : this.emit("frame", frame)),
    "run.snapshot": (frame) => this.emit("run", this.#runs.snapshot(frame)),
    "message.delta": (frame) => this.#delta(frame),
  };

  /** @param {any} frame */
  #ready(frame) {
    const { storage } = this.#options;
    if (frame.token) storage.set("token", frame.token);
    storage.set("conversation", frame.conversation);
    const same = this.session?.conversation === frame.conversation && this.session?.epoch === frame.epoch;
    const keep = this.#synced && same && frame.resumed;
    this.session = frame;
    if (!keep) this.#reset(true);
    this.#synced = true;
    this.order.hide(frame.hidden);
    this.#timers.steady = setTimeout(() => (this.#attempt = 0), STEADY_MS);
    this.#set("ready");
    this.emit("ready", frame);
    this.#inFlight = "";
    this.#pump();
  }

  /** @param {boolean} floating */
  #reset(floating) {
    this.#synced = false;
    this.order.reset(floating);
    this.#runs.clear();
    this.emit("reset");
  }

  /** @param {import("./facts.js").Fact} fact */
  #fact(fact) {
    if (this.session && fact.conversation !== this.session.conversation) return;
    const verdict = this.order.offer(fact.seq);
    if (verdict === "gap") return this.#gap();
    if (verdict === "drop") return;
    if (fact.txn && this.outbox.get(fact.txn)) this.outbox.remove(fact.txn);
    if (fact.type === "run.started") this.#runs.start(fact.data.run, fact.data.message);
    this.emit("fact", fact);
    if (fact.data.run && fact.type !== "run.started") this.#runs.end(fact.data.run);
  }

  /** Facts are missing. More than fit inline were left out: begin again from the newest, older ones are paged. */
  #gap() {
    if (this.session?.more) {
      this.session.more = false;
      this.#reset(true);
    }
    this.again();
  }

  /** @param {any} frame */
  #delta(frame) {
    const run = this.#runs.delta(frame);
    if (run) return this.emit("run", run);
    // A hole: the snapshot that a resume brings fills it. Once per run, then wait for the whole message.
    if (!this.#torn.has(frame.run)) this.#torn.add(frame.run) && this.again();
  }

  #pump() {
    const entry = this.outbox.next();
    if (this.state !== "ready" || this.#inFlight || !entry) return;
    this.#inFlight = entry.txn;
    const { txn, type, data } = entry;
    // Only a conversation this visitor still has may be named; what was asked before the first one goes to the session's.
    this.#send({ type, txn, conversation: this.session.conversation, data });
    this.#timers.ack = setTimeout(() => this.again(), ACK_MS);
    this.#asked.set(txn, { resolve: () => this.#acked(txn), reject: (why) => this.#refused(txn, why) });
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
    const message = this.outbox.get(txn)?.type === "message.send";
    if (message) this.outbox.sent(txn);
    else this.outbox.remove(txn);
    this.emit("outbox");
    this.#pump();
  }

  /** @param {string} txn @param {any} why */
  #refused(txn, why) {
    this.#land();
    if (why.retryable) {
      this.#timers.pump = setTimeout(() => this.#pump(), why.retry_after_ms ?? 2000);
    } else {
      if (why.code === "txn_conflict") this.#spent.add(txn);
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

  /** @param {any} frame @returns {boolean} whether a socket took it */
  #send(frame) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  #listen() {
    clearTimeout(this.#timers.silence);
    this.#timers.silence = setTimeout(() => this.#lost(), SILENCE_MS);
  }

  /** A socket that still looks open but is not: do not wait for its close event. */
  #lost() {
    this.#drop();
    this.#closed(1006);
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    this.#land();
    for (const name of ["silence", "steady", "pump"]) clearTimeout(this.#timers[name]);
    socket?.close(1000);
    for (const [txn, waiting] of this.#asked) {
      this.#asked.delete(txn);
      if (!this.outbox.get(txn)) waiting.reject({ code: "lost", retryable: true });
    }
  }

  /** @param {number} code */
  #closed(code) {
    const inFlight = this.#inFlight;
    this.#drop();
    const action = afterClose(code);
    if (action === "stop" || this.#repeated(action)) return this.#set("stopped", { code });
    if (action === "too_big") this.outbox.fail(inFlight, "");
    if (action === "anonymous") this.forget();
    if (action === "unknown_conversation") this.#leave();
    if (action === "slow") this.#attempt = Math.max(this.#attempt, 2);
    const wait = this.#retryAfter || (action === "now" && this.#attempt === 0 ? 0 : delay(this.#attempt, this.#options.random ?? Math.random));
    this.#attempt += 1;
    this.#retryAfter = 0;
    this.#set("waiting", { code, retryAt: Date.now() + wait });
    this.#timers.retry = setTimeout(() => this.connect(), wait);
  }

  /** Identity and conversation are given up once; a server that refuses the new ones too is not asked again. @param {string} action */
  #repeated(action) {
    if (action !== "anonymous" && action !== "unknown_conversation") return false;
    if (this.#spent.has(action)) return true;
    this.#spent.add(action);
    return false;
  }

  #leave() {
    this.#options.storage.remove("conversation");
    this.session = null;
    this.#reset(false);
  }

  #hurry() {
    if (this.state !== "waiting") return;
    this.#attempt = Math.min(this.#attempt, 1);
    this.connect();
  }

  /** @param {State} state @param {{code?: number, retryAt?: number}} [more] */
  #set(state, more = {}) {
    this.state = state;
    this.code = more.code ?? 0;
    this.emit("state", { state, ...more });
  }
}
