// @ts-check
/** What the visitor asked for and the server has not yet committed: kept across reloads, sent in order, one at a time. */

/** @typedef {{txn: string, type: string, data: any, conversation?: string, at: number, order: number,
 *   state: "sending" | "sent" | "failed", error?: string}} Entry */

const KEY = "out.";
/** An old wish is not carried out behind the visitor's back: it waits for a tap. */
const STALE_MS = 3_600_000;

export class Outbox {
  /** @type {Entry[]} */
  entries = [];
  #storage;
  #order = 0;

  /** @param {import("./storage.js").Storage_} storage @param {number} now ms since 1970 */
  constructor(storage, now) {
    this.#storage = storage;
    // One key per entry, so that two tabs never overwrite each other's; sending one twice is harmless (same txn).
    for (const key of storage.keys().filter((k) => k.startsWith(KEY))) {
      const entry = storage.get(key);
      if (!entry?.txn) continue;
      if (now - entry.at > STALE_MS) entry.state = "failed";
      this.entries.push(entry);
    }
    this.entries.sort((a, b) => a.at - b.at || a.order - b.order);
  }

  /** @param {string} type @param {any} data @param {string} [conversation] @returns {Entry} */
  add(type, data, conversation) {
    const order = (this.#order += 1);
    /** @type {Entry} */
    const entry = { txn: newTxn(), type, data, conversation, at: Date.now(), order, state: "sending" };
    this.entries.push(entry);
    this.#save(entry);
    return entry;
  }

  /** @returns {Entry | undefined} the one to send next */
  next() {
    return this.entries.find((e) => e.state === "sending");
  }

  /** @param {string} txn */
  get(txn) {
    return this.entries.find((e) => e.txn === txn);
  }

  /** Committed: need not survive a reload, but stays in sight until its fact arrives. @param {string} txn */
  sent(txn) {
    const entry = this.get(txn);
    if (entry) entry.state = "sent";
    this.#storage.remove(KEY + txn);
  }

  /** @param {string} txn @param {string} error a sentence for the visitor */
  fail(txn, error) {
    const entry = this.get(txn);
    if (!entry) return;
    entry.state = "failed";
    entry.error = error;
    this.#save(entry);
  }

  /** @param {string} txn @param {boolean} fresh a new txn, where the old one is spent */
  retry(txn, fresh) {
    const entry = this.get(txn);
    if (!entry) return;
    this.#storage.remove(KEY + txn);
    Object.assign(entry, { state: "sending", error: undefined, at: Date.now(), txn: fresh ? newTxn() : txn });
    this.#save(entry);
  }

  /** @param {string} txn */
  remove(txn) {
    this.entries = this.entries.filter((e) => e.txn !== txn);
    this.#storage.remove(KEY + txn);
  }

  /** @param {Entry} entry */
  #save(entry) {
    this.#storage.set(KEY + entry.txn, entry);
  }
}

/** @returns {string} a UUID v4; `randomUUID` exists on secure origins only, a demo on plain http has none */
export function newTxn() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  return [...bytes].map((b, i) => ([4, 6, 8, 10].includes(i) ? "-" : "") + b.toString(16).padStart(2, "0")).join("");
}
