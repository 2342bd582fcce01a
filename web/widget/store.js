// @ts-check
/** What the facts add up to for one visitor. Only facts and frames change it, never a hope; views read it. */

/** @typedef {import("../shared/facts.js").Fact} Fact */
/** @typedef {{n: number, page: string, anchor: string, title: string, url: string, quote: string}} Citation */
/** @typedef {{key: string, kind: "message" | "line" | "failed" | "day", seq: number, at: string, version: number, from?: string,
 *   name?: string, text: string, line?: string, status?: "growing" | "done" | "cancelled" | "interrupted" | "redacted",
 *   citations?: Citation[], replies?: string[], offer?: string | null, message?: string, run?: string, urgent?: string, given?: string}} Item */

export class Store {
  /** @type {Fact[]} */
  facts = [];
  /** Text of replies being made, by message. @type {Map<string, {run: string, text: string}>} */
  #growing = new Map();
  /** @type {any} */
  session = null;
  hasOlder = false;
  /** The last `queue.updated`. @type {any} */
  queue = null;
  mood = "idle";
  /** Name of the agent who is writing. */
  typing = "";
  /** @type {Item[]} */
  items = [];
  /** @type {Map<string, Item>} */
  byMessage = new Map();
  /** The run that is being made. */
  run = "";
  agent = "";
  contact = "";
  offered = 0;
  /** @type {string} */
  driver = "assistant";
  /** Seq after which the visitor is asked how it went; 0 while there is nothing to ask. */
  feedbackDue = 0;
  /** @type {Record<string, string>} */
  feedback = {};
  /** Called after every change. */
  changed = () => {};

  clear() {
    Object.assign(this, { facts: [], hasOlder: false, queue: null, mood: "idle", typing: "" });
    this.#growing.clear();
    this.#begin();
    this.changed();
  }

  #begin() {
    this.items = [];
    this.byMessage = new Map();
    Object.assign(this, { run: "", agent: "", contact: "", offered: 0, driver: "assistant", feedbackDue: 0, feedback: {} });
  }

  /** @param {any} session `session.ready` */
  ready(session) {
    this.session = session;
    if (!this.facts.length) this.driver = session.driver;
    this.hasOlder = Boolean(session.more);
    this.changed();
  }

  /** @param {Fact} fact */
  apply(fact) {
    this.facts.push(fact);
    this.#reduce(fact);
    this.changed();
  }

  /** @param {Fact[]} facts older than all known @param {boolean} more */
  prepend(facts, more) {
    const { driver } = this;
    this.hasOlder = more;
    this.facts = [...facts, ...this.facts];
    this.#begin();
    for (const fact of this.facts) this.#reduce(fact);
    this.driver = driver;
    this.changed();
  }

  /** @param {{run: string, message: string, text: string}} run a reply so far */
  grow(run) {
    this.#growing.set(run.message, { run: run.run, text: run.text });
    const item = this.byMessage.get(run.message);
    if (item?.status !== "growing") return;
    item.text = run.text;
    item.version += 1;
    this.changed();
  }

  /** @param {any} frame */
  frame(frame) {
    FRAMES[frame.type]?.(this, frame);
    this.changed();
  }

  /** @param {Fact} fact */
  #reduce(fact) {
    const day = fact.at.slice(0, 10);
    if (fact.type === "message.created" && this.items.findLast((i) => i.kind === "day")?.text !== day) {
      this.items.push({ key: `day-${day}`, kind: "day", seq: fact.seq, at: fact.at, version: 0, text: day });
    }
    FACTS[fact.type]?.(this, fact);
  }

  /** @param {Fact} fact @param {string} line a key of the strings @param {string} [name] */
  line(fact, line, name = "") {
    this.items.push({ key: fact.id, kind: "line", seq: fact.seq, at: fact.at, version: 0, text: "", line, name });
  }

  /** @param {Fact} fact @param {string} message @returns {Item} */
  message(fact, message) {
    const known = this.byMessage.get(message);
    if (known) return known;
    /** @type {Item} */
    const item = { key: message, message, kind: "message", seq: fact.seq, at: fact.at, version: 0, from: fact.actor.kind, name: fact.actor.name, text: "" };
    this.items.push(item);
    this.byMessage.set(message, item);
    return item;
  }

  /** @param {string} run */
  growingText(run) {
    return [...this.#growing.values()].find((g) => g.run === run)?.text ?? "";
  }

  /** @returns {Item | undefined} the newest message, whoever wrote it */
  get lastMessage() {
    return this.items.findLast((i) => i.kind === "message" || i.kind === "failed");
  }

  get waiting() {
    return this.driver === "queued" || this.driver === "ringing";
  }

  /** Whether a person is being offered right now. */
  get offering() {
    const last = this.lastMessage;
    if (this.waiting || this.driver === "agent" || this.driver === "closed" || this.run || last?.kind === "failed") return false;
    return last?.from === "assistant" && (last.offer === "person" || (this.driver === "offered" && this.offered > 0));
  }
}

/** @type {Record<string, (store: Store, fact: Fact) => void>} */
const FACTS = {
  "message.created": (store, fact) => {
    const { message, text, citations, finish_reason: reason, quick_replies: replies, offer, run, urgent } = fact.data;
    const item = store.message(fact, message);
    const status = reason === "cancelled" || reason === "interrupted" ? reason : "done";
    Object.assign(item, { text, citations, replies, offer, run, urgent, status, kind: "message", version: item.version + 1 });
    if (fact.actor.kind === "agent") store.typing = "";
    if (run && store.run === run) store.run = "";
    if (fact.actor.kind === "visitor" && store.driver !== "closed") store.feedbackDue = 0; // the talk goes on
  },
  "message.redacted": (store, fact) => {
    const item = store.byMessage.get(fact.data.message);
    if (item) Object.assign(item, { text: "", citations: [], status: "redacted", version: item.version + 1 });
  },
  "run.started": (store, fact) => {
    const item = store.message(fact, fact.data.message);
    Object.assign(item, { from: "assistant", run: fact.data.run });
    if (item.status) return;
    item.status = "growing";
    item.text = store.growingText(fact.data.run);
    store.run = fact.data.run;
  },
  "run.completed": (store, fact) => end(store, fact.data.run),
  "run.cancelled": (store, fact) => {
    end(store, fact.data.run);
    const item = store.message(fact, fact.data.message);
    Object.assign(item, { text: item.status === "done" ? item.text : fact.data.kept || item.text, status: "cancelled", from: "assistant", version: item.version + 1 });
  },
  "run.failed": (store, fact) => {
    end(store, fact.data.run);
    const item = store.message(fact, fact.data.message);
    const kept = fact.data.partial || (item.status === "growing" ? item.text : "");
    Object.assign(item, { text: kept, status: "interrupted", from: "assistant", version: item.version + 1 });
    store.items.push({ key: fact.id, kind: "failed", seq: fact.seq, at: fact.at, version: 0, from: "assistant", text: fact.data.text ?? "", offer: fact.data.offer });
  },
  "driver.changed": (store, fact) => {
    if (fact.data.from === "agent" && fact.data.to !== "queued") store.feedbackDue = fact.seq;
    store.driver = fact.data.to;
    if (!store.waiting) store.queue = null;
    if (fact.data.to !== "agent") store.typing = "";
  },
  "handoff.offered": (store, fact) => void (store.offered = fact.seq),
  "handoff.queued": (store, fact) => {
    store.contact = "";
    store.line(fact, "queued");
    if (fact.data.open === false) store.queue = { open: false, ...store.queue };
  },
  "handoff.declined": (store, fact) => {
    store.offered = 0;
    if (fact.data.ticket) store.line(fact, "withdrawn");
  },
  "handoff.released": (store, fact) => {
    store.agent = "";
    if (fact.data.to === "assistant") store.line(fact, "released");
  },
  "handoff.expired": (store, fact) => store.line(fact, "expired"),
  "handoff.contact": (store, fact) => {
    store.contact = fact.data.choice;
    store.line(fact, { email: "contactEmail", callback: "contactCallback" }[/** @type {string} */ (fact.data.choice)] ?? "contactWait");
  },
  "agent.joined": (store, fact) => {
    store.agent = fact.data.name;
    store.feedbackDue = 0;
    store.line(fact, "joined", fact.data.name);
  },
  "agent.left": (store, fact) => {
    store.agent = "";
    store.line(fact, "agentLeft", fact.data.name);
  },
  "conversation.closed": (store, fact) => {
    store.line(fact, "closed");
    if (store.items.some((i) => i.from === "visitor")) store.feedbackDue ||= fact.seq;
    store.driver = "closed";
  },
  "conversation.reopened": (store) => void (store.feedbackDue = 0),
  "feedback.given": (store, fact) => {
    const { kind, value, message, comment } = fact.data;
    const item = store.byMessage.get(message);
    if (kind === "answer" && item) Object.assign(item, { given: value, version: item.version + 1 });
    else store.feedback[kind] = value;
    if (comment) store.feedback.comment = comment;
  },
};

/** @type {Record<string, (store: Store, frame: any) => void>} */
const FRAMES = {
  "queue.updated": (store, frame) => void (store.queue = frame),
  "avatar.mood": (store, frame) => void (store.mood = frame.mood),
  "typing": (store, frame) => {
    const kind = frame.actor?.kind ?? frame.actor;
    if (kind === "agent") store.typing = frame.on ? frame.actor?.name || store.agent || " " : "";
  },
};

/** @param {Store} store @param {string} run */
function end(store, run) {
  if (store.run === run) store.run = "";
}
