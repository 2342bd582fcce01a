// @ts-check
/** What the desk knows: the line, my conversations, colleagues, alerts. It changes on facts and frames only and draws nothing. */
import { Talk } from "./talk.js";

/** @typedef {any} Ticket one place in the line, as the server tells it */
/** @typedef {any} Conv one conversation of mine */

const TYPING_MS = 9000;

export class Store {
  /** @type {{id: string, name: string, role: string}} */
  agent = { id: "", name: "", role: "agent" };
  presence = "available";
  limit = 10_000;
  duty = { open: true, opens: null };
  /** @type {any[]} */
  team = [];
  /** @type {Map<string, Ticket>} */
  tickets = new Map();
  /** @type {Map<string, Conv>} */
  mine = new Map();
  /** @type {Map<string, Talk>} */
  talks = new Map();
  /** @type {Map<string, {ticket: Ticket, until: number, total: number}>} */
  ringing = new Map();
  /** @type {any[]} */
  alerts = [];
  ready = false;
  /** How many wait in all; the server tells only the first few hundred of a long line. */
  waiting = 0;
  /** The conversation in the middle. */
  current = "";
  /** @type {Ticket[] | null} */
  #sorted = null;

  get senior() {
    return this.agent.role === "supervisor" || this.agent.role === "admin";
  }

  /** Waiting tickets in the order in which they will be helped. @returns {Ticket[]} */
  get line() {
    this.#sorted ??= [...this.tickets.values()].filter((t) => t.state !== "held").sort(inOrder);
    return this.#sorted;
  }

  /** @returns {Talk | undefined} */
  get talk() {
    return this.talks.get(this.current);
  }

  /** @param {string} conversation @returns {Ticket | undefined} */
  ticketOf(conversation) {
    for (const ticket of this.tickets.values()) if (ticket.conversation === conversation) return ticket;
    return undefined;
  }

  /** @param {string} id @returns {Talk} */
  keep(id) {
    const talk = this.talks.get(id) ?? new Talk(id);
    this.talks.set(id, talk);
    return talk;
  }

  /** @param {string} conversation how many messages wait for me there */
  unread(conversation) {
    const talk = this.talks.get(conversation);
    return talk && talk.seen >= 0 ? talk.unread : this.mine.get(conversation)?.unread ?? 0;
  }

  get unreadAll() {
    return [...this.mine.keys()].reduce((n, id) => n + this.unread(id), 0);
  }

  /** @param {any} frame `session.ready` */
  start(frame) {
    Object.assign(this.agent, frame.agent);
    this.presence = frame.presence ?? this.presence;
    this.limit = frame.limits?.text ?? this.limit;
    this.duty = frame.duty ?? this.duty;
    this.team = frame.team ?? [];
    this.tickets = new Map((frame.line ?? []).map((/** @type {Ticket} */ t) => [t.ticket, t]));
    this.mine = new Map((frame.mine ?? []).map((/** @type {Conv} */ c) => [c.conversation, c]));
    this.waiting = frame.waiting ?? this.tickets.size;
    this.ringing.clear();
    this.#sorted = null;
    this.ready = true;
  }

  /** @param {any} frame @returns {boolean} whether anything was understood */
  frame(frame) {
    const apply = this.#frames[frame.type];
    apply?.(frame);
    return Boolean(apply);
  }

  /** @type {Record<string, (frame: any) => void>} */
  #frames = {
    "line.updated": (f) => {
      for (const id of f.removed ?? []) this.tickets.delete(id);
      for (const t of f.tickets ?? []) this.tickets.set(t.ticket, t);
      for (const id of this.ringing.keys()) if (!this.tickets.has(id)) this.ringing.delete(id);
      this.#sorted = null;
      this.waiting = f.waiting ?? this.line.length;
    },
    "mine.updated": (f) => void (this.mine = new Map(f.conversations.map((/** @type {Conv} */ c) => [c.conversation, c]))),
    "team.updated": (f) => {
      this.team = f.team ?? [];
      this.presence = this.team.find((m) => m.id === this.agent.id)?.presence ?? this.presence;
    },
    "presence": (f) => void (f.presence && (!f.agent || f.agent === this.agent.id) && (this.presence = f.presence)),
    "duty": (f) => void (this.duty = f.duty ?? f),
    "ringing": (f) => {
      const total = (f.expires_in_s ?? 30) * 1000;
      this.tickets.set(f.ticket.ticket, f.ticket);
      this.#sorted = null;
      this.ringing.set(f.ticket.ticket, { ticket: f.ticket, until: Date.now() + total, total });
    },
    "ringing.ended": (f) => void this.ringing.delete(f.ticket?.ticket ?? f.ticket),
    "brief": (f) => void (this.keep(f.conversation).brief = f.brief),
    "suggestion": (f) => {
      const talk = this.keep(f.conversation);
      talk.suggestions = { message: f.message, items: f.items ?? [] };
      talk.asking = false;
    },
    "seen": (f) => {
      const talk = this.talks.get(f.conversation);
      if (talk && f.actor === "visitor") talk.theirs = Math.max(talk.theirs, f.seq);
    },
    "typing": (f) => {
      const talk = this.talks.get(f.conversation);
      if (!talk || f.actor === "assistant" || (f.actor === "agent" && f.name === this.agent.name)) return;
      talk.typing = { name: f.name ?? "", until: f.on ? Date.now() + TYPING_MS : 0 };
    },
    "message.delta": (f) => this.talks.get(f.conversation)?.grow(f),
    "run.snapshot": (f) => this.talks.get(f.conversation)?.grow(f),
    "alert": (f) => {
      this.alerts = this.alerts.filter((a) => a.kind !== f.kind || a.conversation !== f.conversation);
      this.alerts.push({ ...f, at: Date.now(), key: `${f.kind} ${f.conversation} ${Date.now()}` });
      this.alerts = this.alerts.slice(-5);
    },
    "queue.updated": () => {},
  };

  /** @param {string} key */
  dismiss(key) {
    this.alerts = this.alerts.filter((a) => a.key !== key);
  }

  /** What this agent may do with the conversation in the middle. */
  get rights() {
    const talk = this.talk;
    const ticket = this.ticketOf(this.current);
    const mine = this.mine.has(this.current);
    const joined = Boolean(talk?.agents.has(this.agent.id));
    const driver = talk?.driver || this.mine.get(this.current)?.driver || (ticket ? "queued" : "");
    const live = talk?.state === "live";
    return {
      ticket, mine, joined, driver,
      write: live && driver === "agent" && (mine || joined),
      accept: Boolean(ticket) && ticket.state !== "held" && !mine,
      join: live && this.senior && driver === "agent" && !mine && !joined,
      pull: live && !mine && !ticket && (driver === "assistant" || driver === "offered"),
      note: live,
    };
  }
}

/** @param {Ticket} a @param {Ticket} b */
function inOrder(a, b) {
  return (a.rank ?? a.position ?? 0) - (b.rank ?? b.position ?? 0) || String(a.entered_at).localeCompare(String(b.entered_at)) || String(a.ticket).localeCompare(b.ticket);
}
