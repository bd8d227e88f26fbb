// One page that is open and follows a run by server-sent events: what it has of the pieces, and how much waits for it.
import type { ServerResponse } from 'node:http';
import type { LiveView } from './server.ts';

/** Who is so far behind gets nothing more until that is read. */
const waitingBytesMax = 4 * 1024 * 1024;

export class Viewer {
  readonly #response: ServerResponse;
  /** Ids of the pieces that it was sent, and still shows. */
  #has: ReadonlySet<string> = new Set();

  constructor(response: ServerResponse) {
    this.#response = response;
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
    // How long a page waits before it comes again.
    response.write('retry: 2000\n\n');
  }

  /** `second` of the run. */
  show(view: LiveView, second: number): void {
    if (this.#response.writableLength > waitingBytesMax) return;
    this.#send('pieces', { second, ...this.#newOf(view) });
  }

  /** The last of it. */
  report(view: LiveView, told: { readonly where: string; readonly tone: string }): void {
    this.#send('report', { ...told, ...this.#newOf(view) });
  }

  fail(message: string): void {
    this.#send('failure', { message });
  }

  /** Resolves when all is read and the page is content, or after so long. */
  finish(msMax: number): Promise<void> {
    const response = this.#response;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, msMax);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      if (response.closed || response.destroyed) done();
      else response.once('close', done).end();
    });
  }

  #newOf({ title, icon, order, pieces }: LiveView) {
    const fresh = [...pieces].filter(([id]) => !this.#has.has(id));
    this.#has = new Set(pieces.keys());
    return { title, icon, order, pieces: Object.fromEntries(fresh) };
  }

  #send(event: string, data: object): void {
    this.#response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }
}
