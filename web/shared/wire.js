// @ts-check
/**
 * A socket that comes back: it notices silence, waits as the close code asks, and says how it stands. It knows no frame
 * but pings. `on()` tells: state {state, code?, retryAt?}
 */
const SUBPROTOCOL = "omotenashi.v1";
const SILENCE_MS = 35_000; // the server pings after 25 s and browsers cannot see protocol pings
const STEADY_MS = 60_000;
const FIRST_MS = 1000;
const MOST_MS = 30_000;

/** @typedef {"stop" | "now" | "later" | "slow" | "anonymous" | "unknown_conversation" | "too_big"} Action */
/** @typedef {"idle" | "connecting" | "ready" | "waiting" | "stopped"} State */

/** Exact codes first, then ranges. @type {Record<number, Action>} */
const CODES = {
  1003: "stop", 1007: "too_big", 1008: "stop", 1009: "too_big",
  4001: "anonymous", 4004: "unknown_conversation", 4008: "later",
  4200: "now", 4205: "now", 4210: "now",
};

/** @param {number} code WebSocket close code @returns {Action} */
function afterClose(code) {
  if (CODES[code]) return CODES[code];
  if (code >= 4000 && code < 4100) return "stop";
  if (code >= 4100 && code < 4200) return "slow";
  return code >= 4200 && code < 4300 ? "now" : "later";
}

/** Full jitter: a fair share of a doubling ceiling, so that a restart is not a stampede.
 *  @param {number} attempt 0 for the first try @param {() => number} random 0–1 @returns {number} ms */
function delay(attempt, random) {
  return Math.round(random() * Math.min(MOST_MS, FIRST_MS * 2 ** attempt));
}

export class Wire {
  /** @type {State} */
  state = "idle";
  /** The close code that brought `waiting` or `stopped`. */
  code = 0;
  /** When `waiting` ends, ms since 1970. */
  retryAt = 0;
  #url;
  #random;
  /** @type {WebSocket | null} */
  #socket = null;
  #attempt = 0;
  #retryAfter = 0;
  #try = 0;
  /** @type {Record<string, any>} */
  #timers = {};
  /** @type {Map<string, Set<(value: any) => void>>} */
  #listeners = new Map();

  /** @param {string} url ws(s)://…/v1/visitor or /v1/agent @param {() => number} [random] 0–1, for jitter */
  constructor(url, random = Math.random) {
    this.#url = url;
    this.#random = random;
    window.addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.#hurry());
  }

  /** @param {string} name @param {(value: any) => void} listener @returns {() => void} its undo */
  on(name, listener) {
    const set = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, set.add(listener));
    return () => void set.delete(listener);
  }

  /** @param {string} name @param {any} [value] */
  emit(name, value) {
    for (const listener of this.#listeners.get(name) ?? []) listener(value);
  }

  /** What `hello` needs; a rejection is tried again later, one with status 401 ends all. @returns {Promise<any>} */
  async prepare() {}

  /** The first frame. @param {any} _prepared @returns {object} */
  hello(_prepared) {
    return {};
  }

  /** @param {any} _frame */
  receive(_frame) {}

  /** The socket is gone. */
  dropped() {}

  /** Hears of every close and tells whether it ends all. @param {Action} action @returns {boolean} */
  final(action) {
    return action === "stop";
  }

  /** Opens the socket; a no-op while one is open or on its way. */
  async connect() {
    if (this.#socket || this.state === "connecting") return;
    clearTimeout(this.#timers.retry);
    this.#set("connecting");
    const mine = (this.#try += 1);
    let prepared;
    try {
      prepared = await this.prepare();
    } catch (/** @type {any} */ why) {
      if (mine !== this.#try) return;
      return why.status === 401 ? this.#set("stopped", { code: 4001 }) : this.#later(1006);
    }
    if (mine === this.#try) this.#open(prepared);
  }

  /** Ends for good. */
  destroy() {
    this.#drop();
    this.#try += 1;
    clearTimeout(this.#timers.retry);
    this.#set("idle");
  }

  /** Reconnects at once: after a gap, a changed identity, or a tap on "try now". */
  again() {
    this.#drop();
    this.#attempt = 0;
    this.state = "idle";
    void this.connect();
  }

  /** The server has greeted back. @param {() => void} tell says so to whoever may ask at once, before `state` does */
  greeted(tell) {
    this.#timers.steady = setTimeout(() => (this.#attempt = 0), STEADY_MS);
    this.state = "ready";
    tell();
    if (this.state === "ready") this.#set("ready");
  }

  /** The server goes down and asks to come back after so many ms. @param {number} ms */
  comeBackAfter(ms) {
    this.#retryAfter = ms;
  }

  /** @param {any} frame @returns {boolean} whether a socket took it */
  send(frame) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** @param {any} prepared */
  #open(prepared) {
    const socket = new WebSocket(this.#url, SUBPROTOCOL);
    this.#socket = socket;
    socket.onopen = () => this.send(this.hello(prepared));
    socket.onmessage = (event) => socket === this.#socket && this.#receive(event.data);
    socket.onclose = (event) => socket === this.#socket && this.#closed(event.code);
    this.#listen();
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
    if (frame.type === "ping") this.send({ type: "pong" });
    else this.receive(frame);
  }

  /** A socket that still looks open but is not: its close event is not waited for. */
  #listen() {
    clearTimeout(this.#timers.silence);
    this.#timers.silence = setTimeout(() => this.#closed(1006), SILENCE_MS);
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    for (const name of ["silence", "steady"]) clearTimeout(this.#timers[name]);
    socket?.close(1000);
    this.dropped();
  }

  /** @param {number} code */
  #closed(code) {
    const action = afterClose(code);
    const final = this.final(action);
    this.#drop();
    if (final) return this.#set("stopped", { code });
    if (action === "slow") this.#attempt = Math.max(this.#attempt, 2);
    this.#later(code, action === "now" && this.#attempt === 0 ? 0 : undefined);
  }

  /** @param {number} code @param {number} [wait] ms */
  #later(code, wait) {
    const pause = this.#retryAfter || (wait ?? delay(this.#attempt, this.#random));
    this.#attempt += 1;
    this.#retryAfter = 0;
    this.#set("waiting", { code, retryAt: Date.now() + pause });
    this.#timers.retry = setTimeout(() => void this.connect(), pause);
  }

  #hurry() {
    if (this.state !== "waiting") return;
    this.#attempt = Math.min(this.#attempt, 1);
    void this.connect();
  }

  /** @param {State} state @param {{code?: number, retryAt?: number}} [more] */
  #set(state, more = {}) {
    this.state = state;
    this.code = more.code ?? 0;
    this.retryAt = more.retryAt ?? 0;
    this.emit("state", { state, ...more });
  }
}
