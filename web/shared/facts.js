// @ts-check
/** The order of facts: applies each number once, in order, and says when one is missing. */

/** @typedef {{v: 1, type: string, conversation: string, seq: number, id: string, at: string,
 *   actor: {kind: "visitor"|"assistant"|"agent"|"system", id?: string, name?: string}, txn?: string, data: any}} Fact */

export class FactOrder {
  last = 0;
  /** Lowest number known: what lies below is fetched as history. */
  first = 1;
  /** After a reset with older facts left out, the first number seen becomes the base. @type {boolean} */
  #floating = false;
  /** @type {[number, number][]} */
  #hidden = [];

  /** @param {boolean} floating whether the server may begin above 1 */
  reset(floating) {
    this.last = 0;
    this.first = 1;
    this.#floating = floating;
    this.#hidden = [];
  }

  /** Numbers this client may not see count as seen. @param {[number, number][] | undefined} ranges inclusive */
  hide(ranges) {
    for (const range of ranges ?? []) this.#hidden.push(range);
    this.#skip();
  }

  /** @param {number} seq @returns {"drop" | "apply" | "gap"} */
  offer(seq) {
    if (this.#floating) {
      this.#floating = false;
      this.first = seq;
      this.last = seq - 1;
    }
    if (seq <= this.last) return "drop";
    if (seq > this.last + 1) return "gap";
    this.last = seq;
    this.#skip();
    return "apply";
  }

  #skip() {
    if (this.#floating) return;
    let moved = true;
    while (moved) {
      moved = false;
      for (const [from, to] of this.#hidden) {
        if (from <= this.last + 1 && to > this.last) {
          this.last = to;
          moved = true;
        }
      }
    }
    this.#hidden = this.#hidden.filter(([, to]) => to > this.last);
  }
}
