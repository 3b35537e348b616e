// Frames the server hasn't accepted yet, in the order they were made. Each is kept under a name of its
// own, so that tabs don't overwrite each other's; sending one twice is harmless, as its id
// stays the same.

const under = "out/";

export class Outbox {
  #keep;
  #frames = new Map(); // id → {frame, at}
  #last = 0;

  constructor(keep) { this.#keep = keep; }

  /** Takes in what this or another tab has left behind; returns what is new here. */
  load() {
    const fresh = this.#keep.names(under)
      .map((name) => this.#keep.get(name))
      .filter((kept) => kept?.frame?.id && !this.#frames.has(kept.frame.id))
      .sort((a, b) => a.at - b.at);
    for (const kept of fresh) this.#frames.set(kept.frame.id, kept);
    return fresh.map((kept) => kept.frame);
  }

  add(frame) {
    this.#last = Math.max(Date.now(), this.#last + 1);
    const kept = { frame, at: this.#last };
    this.#frames.set(frame.id, kept);
    this.#keep.set(under + frame.id, kept);
  }

  get(id) { return this.#frames.get(id)?.frame; }

  all() { return [...this.#frames.values()].sort((a, b) => a.at - b.at).map((kept) => kept.frame); }

  remove(id) {
    this.#frames.delete(id);
    this.#keep.remove(under + id);
  }

  clear() {
    for (const name of this.#keep.names(under)) this.#keep.remove(name);
    this.#frames.clear();
  }
}
