// @ts-check
/** Replies being made: joins deltas by code-point offset, so a repeat does no harm and a hole is seen. */
import { dropFirst, length } from "./codepoints.js";

/** @typedef {{run: string, message: string, text: string, size: number}} Run */

export class Runs {
  /** @type {Map<string, Run>} */
  #open = new Map();

  /** @param {string} run @param {string} message @returns {Run} */
  start(run, message) {
    const known = this.#open.get(run);
    if (known) return known;
    const made = { run, message, text: "", size: 0 };
    this.#open.set(run, made);
    return made;
  }

  /** @param {{run: string, message: string, text: string}} frame @returns {Run} */
  snapshot(frame) {
    const run = this.start(frame.run, frame.message);
    run.text = frame.text;
    run.size = length(frame.text);
    return run;
  }

  /** @param {{run: string, message: string, offset: number, text: string}} frame
   *  @returns {Run | null} null when text before `offset` is missing */
  delta(frame) {
    const run = this.start(frame.run, frame.message);
    if (frame.offset > run.size) return null;
    const fresh = dropFirst(frame.text, run.size - frame.offset);
    run.text += fresh;
    run.size += length(fresh);
    return run;
  }

  /** @param {string} run */
  end(run) {
    this.#open.delete(run);
  }

  clear() {
    this.#open.clear();
  }
}
