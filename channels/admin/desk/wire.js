// What the page asks the server for, and what it is told.

/** Refused is what the server says no with. */
export class Refused extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

async function ask(path, options) {
  const response = await fetch(path, options);
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(body.code ?? String(response.status), body.message ?? response.statusText);
  return body;
}

export const get = (path, query = {}) => ask(`api/${path}?${new URLSearchParams(query)}`);

export const post = (path, body) =>
  ask(`api/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

/** listen is told things until close() is called: on is functions by name of event; state is
 *  called with whether the connection is there. A connection that the server refuses for good
 *  is tried anew, slowly. */
export function listen(path, query, on, state = () => {}) {
  let source, timer, closed = false;
  const connect = () => {
    source = new EventSource(`api/${path}?${new URLSearchParams(query)}`);
    source.onopen = () => state(true);
    source.onerror = () => {
      state(false);
      if (source.readyState === EventSource.CLOSED && !closed) timer = setTimeout(connect, 3000 + Math.random() * 4000);
    };
    for (const [name, heard] of Object.entries(on)) source.addEventListener(name, (e) => heard(JSON.parse(e.data)));
  };
  connect();
  return { close() { closed = true; clearTimeout(timer); source.close(); } };
}

/** freshID is an id of a message that no other has. */
export const freshID = () => [...crypto.getRandomValues(new Uint8Array(12))].map((b) => b.toString(16).padStart(2, "0")).join("");
