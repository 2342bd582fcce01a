// @ts-check
/**
 * One side of the wire protocol v1 (`omotenashi.v1`) in a browser: connects, comes back, keeps order, resends.
 * It knows nothing of what facts mean; `on()` tells:
 *   state {state, code?, retryAt?}   ready frame   reset   fact Fact   run Run   frame any   outbox   refused {entry, why}
 */
import { FactOrder } from "./facts.js";
import { Peer } from "./peer.js";
import { Runs } from "./runs.js";

export class Client extends Peer {
  /** The last `session.ready`. @type {any} */
  session = null;
  order = new FactOrder();
  #options;
  #runs = new Runs();
  #synced = false;
  #spent = new Set();
  #torn = new Set();

  /**
   * @param {object} options
   * @param {string} options.url ws(s)://…/v1/visitor
   * @param {import("./storage.js").Storage_} options.storage keeps token, conversation and outbox
   * @param {() => object} options.hello fields of `session.hello` that are not the client's own (locale, context, ticket)
   * @param {() => number} [options.random] 0–1, for jitter
   */
  constructor(options) {
    super(options.url, options.storage, options.random);
    this.#options = options;
    this.on("refused", ({ entry, why }) => why.code === "txn_conflict" && this.#spent.add(entry.txn));
  }

  get conversation() {
    return this.session?.conversation ?? this.#options.storage.get("conversation");
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
    this.#options.storage.remove("token");
    this.#leave();
  }

  /** A command that changes state: kept until acked. @param {string} type @param {object} [data] */
  command(type, data = {}) {
    return this.keep(type, data, this.conversation ?? undefined);
  }

  /** @param {string} txn */
  retry(txn) {
    this.resend(txn, this.#spent.has(txn));
  }

  /** A command whose loss does no harm: answered or rejected, never kept. @param {string} type @param {object} data @returns {Promise<any>} */
  ask(type, data) {
    return this.askIn(type, this.conversation, data);
  }

  /** Something that changes no state: lost without harm. @param {string} type @param {object} [fields] */
  tell(type, fields = {}) {
    this.tellIn(type, this.conversation, fields);
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

  hello() {
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

  /** @param {any} frame */
  told(frame) {
    if (typeof frame.seq === "number" && frame.data) this.#fact(frame);
    else (this.#frames[frame.type] ?? (() => this.emit("frame", frame)))(frame);
  }

  /** Frames the connection itself answers; all others go to the view. @type {Record<string, (frame: any) => void>} */
  #frames = {
    "session.ready": (frame) => this.#ready(frame),
    "facts": (frame) => {
      for (const fact of frame.facts ?? []) this.#fact(fact);
      this.order.hide(frame.hidden);
    },
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
    this.greeted(() => this.emit("ready", frame));
    this.begin();
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

  /** Only a conversation this visitor still has may be named; what was asked before the first one goes to the session's. */
  conversationOf() {
    return this.session.conversation;
  }

  /** @param {string} type */
  shown(type) {
    return type === "message.send";
  }

  /** Identity and conversation are given up once; a server that refuses the new ones too is not asked again.
   *  @param {import("./wire.js").Action} action */
  final(action) {
    if (action === "stop") return true;
    if (action === "too_big") this.outbox.fail(this.inFlight, "");
    if (action !== "anonymous" && action !== "unknown_conversation") return false;
    if (this.#spent.has(action)) return true;
    this.#spent.add(action);
    if (action === "anonymous") this.forget();
    else this.#leave();
    return false;
  }

  #leave() {
    this.#options.storage.remove("conversation");
    this.session = null;
    this.#reset(false);
  }
}
