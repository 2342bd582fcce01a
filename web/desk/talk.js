// @ts-check
/** One conversation as an agent sees it: facts in order become items, moments and what is known. Draws nothing. */
import { FactOrder } from "../shared/facts.js";
import { Runs } from "../shared/runs.js";

/** @typedef {import("../shared/facts.js").Fact} Fact */
/** @typedef {{key: string, kind: "message" | "note" | "line" | "day", at: string, seq: number, from?: string, name?: string, text: string,
 *   message?: string, citations?: any[], status?: string, line?: string, data?: any, abuse?: boolean, opened?: boolean, read?: boolean, moment?: any}} Item */

/** Facts that become a quiet line between the messages. */
const LINES = new Set(["conversation.started", "conversation.closed", "conversation.reopened", "handoff.offered", "handoff.requested", "handoff.queued",
  "handoff.declined", "handoff.released", "handoff.expired", "handoff.contact", "agent.joined", "agent.left", "feedback.given", "collect.given",
  "sla.warning", "sla.breached"]);

export class Talk {
  order = new FactOrder();
  /** @type {Item[]} */
  items = [];
  /** @type {Map<string, Item>} */
  byMessage = new Map();
  /** @type {{message: string, at: string, kind: string, intensity: number, valence: number, label: string, abuse: boolean}[]} */
  moments = [];
  /** @type {Record<string, string>} */
  collected = {};
  /** Ids of agents who are in the talk. @type {Set<string>} */
  agents = new Set();
  driver = "";
  locale = "";
  /** @type {any} */
  brief = null;
  /** @type {any} */
  customer = null;
  /** @type {any[] | null} */
  earlier = null;
  /** @type {{message?: string, items: any[]} | null} */
  suggestions = null;
  asking = false;
  typing = { name: "", until: 0 };
  /** loading → live (socket) or kept (a closed one, read through REST) @type {"loading" | "live" | "kept" | "failed"} */
  state = "loading";
  partial = false;
  /** Last number the agent has looked at; -1 until known. */
  seen = -1;
  /** Last number the customer has looked at. */
  theirs = 0;
  #runs = new Runs();
  #day = "";

  /** @param {string} id */
  constructor(id) {
    this.id = id;
    this.order.reset(true);
  }

  /** @param {Fact} fact @returns {"drop" | "apply" | "gap"} */
  offer(fact) {
    const verdict = this.order.offer(fact.seq);
    if (verdict === "apply") {
      if (this.order.first > 1) this.partial = true;
      this.#apply(fact);
    }
    return verdict;
  }

  /** All facts of a conversation anew, from 1. @param {Fact[]} facts */
  rebuild(facts) {
    this.order.reset(false);
    Object.assign(this, { items: [], moments: [], collected: {}, partial: false });
    this.byMessage.clear();
    this.agents.clear();
    this.#runs.clear();
    this.#day = "";
    for (const fact of facts) this.offer(fact);
  }

  /** Messages of the customer that nobody here has looked at. */
  get unread() {
    return this.seen < 0 ? 0 : this.items.filter((i) => i.kind === "message" && i.from === "visitor" && i.seq > this.seen).length;
  }

  /** Counts the last `n` customer messages as unread. @param {number} n */
  unseen(n) {
    const theirs = this.items.filter((i) => i.kind === "message" && i.from === "visitor");
    this.seen = n > 0 && theirs.length ? theirs[Math.max(0, theirs.length - n)].seq - 1 : this.order.last;
  }

  /** A piece of the assistant's reply. @param {any} frame */
  grow(frame) {
    const run = frame.type === "run.snapshot" ? this.#runs.snapshot(frame) : this.#runs.delta(frame);
    if (!run || this.byMessage.get(run.message)?.status === "done") return;
    const item = this.#message(run.message, { at: new Date().toISOString(), seq: this.order.last, from: "assistant" });
    item.text = run.text;
    item.status = "growing";
  }

  /** @param {Fact} fact */
  #apply(fact) {
    const { type, data } = fact;
    if (LINES.has(type)) this.#line(fact);
    this.#facts[type]?.(fact, data);
  }

  /** @type {Record<string, (fact: Fact, data: any) => void>} */
  #facts = {
    "conversation.started": (_, d) => void (this.locale = d.locale),
    "message.created": (f, d) => {
      const item = this.#message(d.message, f);
      Object.assign(item, { seq: f.seq, at: f.at, from: f.actor.kind, name: f.actor.name, text: d.text, citations: d.citations ?? [], status: "done", finish: d.finish_reason });
      if (d.run) this.#runs.end(d.run);
      if ((f.actor.name ?? "") === this.typing.name || f.actor.kind === "visitor") this.typing.until = 0;
    },
    "message.redacted": (_, d) => {
      const item = this.byMessage.get(d.message);
      if (item) Object.assign(item, { text: "", status: "redacted" });
    },
    "run.started": (_, d) => void this.#runs.start(d.run, d.message),
    "run.failed": (f, d) => this.#ended(f, d, [d.partial, d.text].filter(Boolean).join("\n\n"), "interrupted"),
    "run.cancelled": (f, d) => this.#ended(f, d, d.kept, "cancelled"),
    "moment.detected": (f, d) => this.#moment(f, d),
    "collect.given": (_, d) => void (this.collected[d.key] = d.value),
    "note.added": (f, d) => this.#push({ key: d.note ?? f.id, kind: "note", at: f.at, seq: f.seq, name: f.actor.name, text: d.text }),
    "agent.joined": (f) => void this.agents.add(f.actor.id ?? ""),
    "agent.left": (f) => void this.agents.delete(f.actor.id ?? ""),
    "driver.changed": (_, d) => {
      this.driver = d.to;
      if (d.from === "agent") this.agents.clear();
    },
    "conversation.closed": () => void (this.driver = "closed"),
  };

  /** @param {Fact} fact @param {any} data */
  #moment(fact, data) {
    const r = data.reading ?? {};
    const moment = { message: data.message, at: fact.at, kind: r.moment?.kind ?? "none", intensity: Number(r.intensity) || 0, valence: Number(r.valence) || 0,
      label: r.emotion?.label ?? "", abuse: Boolean(r.abuse) };
    this.moments.push(moment);
    const item = this.byMessage.get(data.message);
    if (item) Object.assign(item, { moment, abuse: moment.abuse });
  }

  /** @param {Fact} fact @param {any} data @param {string} text @param {string} status */
  #ended(fact, data, text, status) {
    const item = this.#message(data.message, { at: fact.at, seq: fact.seq, from: "assistant" });
    Object.assign(item, { text, status, from: "assistant" });
    this.#runs.end(data.run);
  }

  /** @param {string} message @param {any} seed @returns {Item} */
  #message(message, seed) {
    const known = this.byMessage.get(message);
    if (known) return known;
    /** @type {Item} */
    const item = { key: message, kind: "message", message, text: "", at: seed.at, seq: seed.seq, from: seed.from ?? seed.actor?.kind };
    this.byMessage.set(message, item);
    this.#push(item);
    return item;
  }

  /** @param {Fact} fact */
  #line(fact) {
    const name = fact.data.name ?? fact.actor.name ?? "";
    this.#push({ key: fact.id, kind: "line", at: fact.at, seq: fact.seq, line: fact.type, name, text: "", data: fact.data });
  }

  /** @param {Item} item */
  #push(item) {
    const date = new Date(item.at).toDateString();
    if (date !== this.#day) this.items.push({ key: `day ${date}`, kind: "day", at: item.at, seq: item.seq, text: "" });
    this.#day = date;
    this.items.push(item);
  }
}
