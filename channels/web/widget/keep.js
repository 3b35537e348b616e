// What outlives a page: localStorage for all tabs, sessionStorage for one. Where a browser
// allows neither, things are kept until the page goes.

function storage(kind) {
  try {
    const found = window[kind];
    found.setItem("floorwalker", "");
    found.removeItem("floorwalker");
    return found;
  } catch {
    const kept = new Map();
    return {
      get length() { return kept.size; },
      key: (i) => [...kept.keys()][i],
      getItem: (name) => kept.get(name) ?? null,
      setItem: (name, text) => kept.set(name, text),
      removeItem: (name) => kept.delete(name),
    };
  }
}

export class Keep {
  #store;
  #prefix;

  /** @param kind "localStorage" or "sessionStorage"; names are kept under the prefix. */
  constructor(kind, prefix) {
    this.#store = storage(kind);
    this.#prefix = prefix;
  }

  get(name) {
    try {
      return JSON.parse(this.#store.getItem(this.#prefix + name));
    } catch {
      return null; // somebody else wrote there
    }
  }

  set(name, value) {
    try {
      this.#store.setItem(this.#prefix + name, JSON.stringify(value));
    } catch {
      this.remove(name); // no room: rather nothing than something old
    }
  }

  remove(name) { this.#store.removeItem(this.#prefix + name); }

  /** The names kept that begin with a text. */
  names(beginning) {
    const all = [];
    for (let i = 0; i < this.#store.length; i++) all.push(this.#store.key(i));
    const start = this.#prefix + beginning;
    return all.filter((name) => name.startsWith(start)).map((name) => name.slice(this.#prefix.length));
  }

  /** Tells of what other tabs change: the name, or null where everything was cleared. */
  heed(told) {
    window.addEventListener("storage", (e) => {
      if (e.storageArea !== this.#store) return;
      if (e.key === null) told(null);
      else if (e.key.startsWith(this.#prefix)) told(e.key.slice(this.#prefix.length));
    });
  }
}
