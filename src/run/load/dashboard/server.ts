// Serves the page of a load run on loopback while it goes on: the page itself, and as server-sent events the pieces of
// it that changed. What a page is, the command line gives; who asks from elsewhere, or by another name, gets nothing.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Results } from '../../../../reports/results.ts';
import { UserError } from '../../../lib/user-error.ts';
import { Seldom } from '../../seldom.ts';
import { Viewer } from './viewer.ts';

/** A page and its pieces (reports/html/live.ts). */
export interface LiveView {
  readonly page: string;
  readonly policy: string;
  readonly title: string;
  readonly icon: string;
  readonly order: Readonly<Record<string, readonly string[]>>;
  readonly pieces: ReadonlyMap<string, string>;
}

export type Render = (results: Results, isRunning: boolean) => LiveView;

const address = '127.0.0.1';
const viewersMax = 20;
const connectionsMax = 64;
const headersMsMax = 5_000;
/** Between two events. */
const tickMs = 1_000;
/** Rendering takes at most about a tenth of a core, so that the measurement is not disturbed. */
const pace = {
  restFactor: 10,
  // A little less than a tick: the next one finds it old.
  ageMsMin: tickMs * 0.9,
  ageMsMax: 15_000,
};
/** So long pages that are open have to take the report. */
const endMsMax = 5_000;
/** A page that asked longer ago is not waited for. */
const lookMsMax = 10_000;
/** Longer than a page waits before it asks again. */
const comeMsMax = 3_000;

export class Dashboard {
  readonly #server: Server;
  readonly #port: number;
  readonly #render: Render;
  readonly #viewers = new Set<Viewer>();
  readonly #startedMs = Date.now();
  #view: Seldom<LiveView> | undefined;
  /** When a page was sent, or one that followed went away. */
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  /** The last that a page is told, once the run has ended. */
  #last: ((viewer: Viewer) => Promise<void>) | undefined;
  #onFirst = () => {};
  readonly #timer: NodeJS.Timeout;

  private constructor(server: Server, render: Render) {
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
    this.#render = render;
    server.on('request', (request, response) => this.#answer(request, response));
    this.#timer = setInterval(() => this.#tick(), tickMs);
    this.#timer.unref();
  }

  /** `port` 0: a free one. @throws UserError `dashboard-port` (exit 2) */
  static async open(port: number, render: Render): Promise<Dashboard> {
    const server = createServer({
      headersTimeout: headersMsMax,
      requestTimeout: headersMsMax,
      maxHeaderSize: 16 * 1024,
    });
    server.maxConnections = connectionsMax;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => reject(unusable(port, error)));
      server.listen(port, address, resolve);
    });
    server.on('error', () => undefined);
    // What is shown ends with the run, and never keeps it from ending.
    server.unref();
    return new Dashboard(server, render);
  }

  get url(): string {
    return `http://${address}:${this.#port}/`;
  }

  /** What the page shows from now on, asked when somebody looks. */
  readonly show = (results: () => Results): void => {
    this.#view = new Seldom(() => this.#render(results(), true), pace);
  };

  /** The page becomes the report, which is kept at `where`; resolves when those who look have it. */
  async end(results: Results, where: string): Promise<void> {
    const tone = results.verdict === 'pass' ? 'good' : 'bad';
    let view: LiveView | undefined;
    await this.#close((viewer) => {
      view ??= this.#render(results, false);
      viewer.report(view, { where, tone });
    });
  }

  /** The run ended without a report, for this reason. */
  async fail(message: string): Promise<void> {
    await this.#close((viewer) => viewer.fail(message));
  }

  async #close(tell: (viewer: Viewer) => void): Promise<void> {
    if (this.#last !== undefined) return;
    clearInterval(this.#timer);
    this.#last = async (viewer) => {
      tell(viewer);
      await viewer.finish(endMsMax);
    };
    const all = [...this.#viewers];
    await Promise.all(all.map(this.#last));
    // A page that was just sent, or lost its connection, is about to ask.
    const isExpected = all.length === 0 && performance.now() - this.#lookedAtMs < lookMsMax;
    if (isExpected) await this.#nextViewer();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #nextViewer(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, comeMsMax);
      this.#onFirst = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #tick(): void {
    if (this.#viewers.size === 0) return;
    const view = this.#view?.value();
    if (view === undefined) return;
    const second = Math.floor((Date.now() - this.#startedMs) / 1000);
    for (const viewer of this.#viewers) viewer.show(view, second);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '' } = request;
    for (const [name, value] of Object.entries(harmless)) response.setHeader(name, value);
    response.on('error', () => undefined);
    const path = url.replace(/\?.*$/s, '');
    if (!this.#isForUs(request)) refuse(response, 421, 'This is not the name of this page.');
    else if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      refuse(response, 405, 'Only GET and HEAD are served.');
    } else if (path === '/') this.#sendPage(response, method);
    else if (path === '/events' && method === 'GET') this.#follow(request, response);
    else refuse(response, 404, 'There are the page at / and its events at /events.');
  }

  /** A name that others made lead here (DNS rebinding) is none of ours, and neither is a page of theirs. */
  #isForUs({ headers }: IncomingMessage): boolean {
    const { host, origin } = headers;
    const hosts = [address, 'localhost'].map((name) => `${name}:${this.#port}`);
    if (host === undefined || !hosts.includes(host.toLowerCase())) return false;
    if (origin !== undefined && origin !== `http://${host}`) return false;
    const site = headers['sec-fetch-site'];
    const isForeign = site === 'cross-site' || site === 'same-site';
    // To follow a link to it is no foreign use of it.
    return !isForeign || headers['sec-fetch-mode'] === 'navigate';
  }

  #sendPage(response: ServerResponse, method: string): void {
    const view = this.#view?.value();
    if (view === undefined) {
      refuse(response, 503, 'The run has not begun yet; ask again.');
      return;
    }
    this.#lookedAtMs = performance.now();
    response.writeHead(200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Length': Buffer.byteLength(view.page),
      'Content-Security-Policy': `${view.policy}; frame-ancestors 'none'`,
    });
    response.end(method === 'HEAD' ? undefined : view.page);
  }

  #follow(request: IncomingMessage, response: ServerResponse): void {
    if (this.#viewers.size >= viewersMax) {
      response.setHeader('Retry-After', '5');
      refuse(response, 503, `${viewersMax} pages are open already.`);
      return;
    }
    const viewer = new Viewer(response);
    if (this.#last !== undefined) {
      this.#last(viewer).then(this.#onFirst);
      return;
    }
    this.#viewers.add(viewer);
    request.once('close', () => {
      this.#viewers.delete(viewer);
      this.#lookedAtMs = performance.now();
    });
    this.#tick();
  }
}

const harmless = {
  'Cache-Control': 'no-store',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
};

function refuse(response: ServerResponse, status: number, words: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${words}\n`);
}

function unusable(port: number, { code, message }: NodeJS.ErrnoException): UserError {
  const why = code === 'EADDRINUSE' ? 'the port is taken' : message;
  return new UserError(
    'dashboard-port',
    `--dashboard cannot be served on ${address}:${port}: ${why}`,
    'Give --dashboard another port, or none for one that is free.',
  );
}
