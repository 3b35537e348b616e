// The socket: says hello, hands on frames, and connects again when it was lost, later each
// time and never all clients at once.

const first = 500, longest = 30_000; // ms between attempts, before jitter
const patience = 15_000; // ms from connecting to welcome
const steady = 5_000; // ms after which a connection counts as one that holds

export class Wire {
  open = false; // welcome has come
  #url;
  #hello;
  #take;
  #told;
  #socket = null;
  #timer = 0;
  #attempts = 0;

  /**
   * @param hello makes the first frame
   * @param take gets every frame
   * @param told gets ("lost") and ("refused", error frame or undefined)
   */
  constructor(url, { hello, take, told }) {
    this.#url = url;
    this.#hello = hello;
    this.#take = take;
    this.#told = told;
  }

  /** Connected, connecting, or about to. */
  get busy() { return this.#socket !== null || this.#timer !== 0; }

  start() { if (!this.busy) this.#connect(); }

  /** Connects anew, at once. */
  restart() {
    this.stop();
    this.#attempts = 0;
    this.#connect();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const socket = this.#socket;
    this.#socket = null;
    this.open = false;
    socket?.close();
  }

  send(frame) {
    if (this.open && this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #connect() {
    this.#timer = 0;
    const socket = new WebSocket(this.#url, "floorwalker.v1");
    this.#socket = socket;
    let refusal, welcomed = 0;
    const impatience = setTimeout(() => this.#lost(socket), patience);
    socket.onopen = () => socket === this.#socket && socket.send(JSON.stringify(this.#hello()));
    socket.onmessage = (message) => {
      if (socket !== this.#socket) return;
      const frame = JSON.parse(message.data);
      if (frame.type === "welcome") {
        clearTimeout(impatience);
        this.open = true;
        welcomed = Date.now();
      } else if (frame.type === "error" && !this.open) {
        refusal = frame;
      }
      this.#take(frame);
    };
    socket.onclose = (e) => {
      clearTimeout(impatience);
      if (socket !== this.#socket) return;
      if (welcomed && Date.now() - welcomed > steady) this.#attempts = 0;
      if (e.code !== 1008) return this.#lost(socket, refusal?.retry_after_ms);
      this.stop();
      this.#told("refused", refusal);
    };
  }

  #lost(socket, atLeast = 0) {
    if (socket !== this.#socket) return;
    this.stop();
    const delay = Math.min(longest, first * 2 ** this.#attempts++) * (0.5 + Math.random());
    this.#timer = setTimeout(() => this.#connect(), Math.max(delay, atLeast));
    this.#told("lost");
  }

  /** The network is gone: no use waiting until the socket notices. */
  cut() { if (this.#socket) this.#lost(this.#socket); }
}
