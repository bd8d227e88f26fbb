// The Node driver: performs the requests of conversations over undici, one exchange each, and records them.
import { Readable } from 'node:stream';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Exchange } from '../../reports/results.ts';
import {
  type HttpReply,
  type HttpRequest,
  heldBody,
  type Talk,
  type Wait,
} from '../protocol/talk.ts';
import { Agents } from './agents.ts';
import { type BodySink, Collector, keepHash } from './collector.ts';
import { drive, type Pause } from './drive.ts';
import { toExchange } from './evidence.ts';
import type { NetworkOptions } from './network/connector.ts';
import { Redactor } from './redact.ts';
import { makeReply } from './reply.ts';

/** Exchanges kept per recorder; a check that needs more has run away. */
const exchangesMax = 500;
/** A reply that still drips after this many time limits is given up as stalled. */
const totalTimeoutFactor = 10;
/** What a timer of Node can hold; a longer one would fire at once. */
const timerMsMax = 2 ** 31 - 1;

/** `timeoutMs` is the limit for connecting, for the reply's head, and for each pause in a body. */
export interface NodeDriverOptions extends NetworkOptions {
  /** Told of every pause before it begins. */
  readonly onWait?: ((wait: Wait) => void) | undefined;
}

/** What of a body is read; the rest, and its connection, is dropped, which is no failure. */
export interface ReadLimits {
  readonly bytesMax?: number | undefined;
  /** For the whole reply; in the place of ten time limits. `Infinity`: as long as it moves. */
  readonly msMax?: number | undefined;
  /** A body that still comes by then is taken as it is. */
  readonly isPartFine?: boolean | undefined;
}

/** Where `run` puts what it saw; give one to keep the evidence. */
export type Recording = Exchange[];

export class NodeDriver {
  readonly redactor = new Redactor();
  readonly #options: NodeDriverOptions;
  readonly #agents: Agents;
  readonly #abort = new AbortController();

  constructor(options: NodeDriverOptions) {
    const timeoutMs = Math.min(Math.max(1, Math.round(options.timeoutMs)), timerMsMax);
    this.#options = { ...options, timeoutMs };
    this.#agents = new Agents(this.#options);
  }

  /** Runs a conversation; rejects with what it throws. `sink` is given the bodies of its 200 replies. */
  run<T>(talk: Talk<T>, recording?: Recording, sink?: BodySink): Promise<T> {
    const perform = async (request: HttpRequest) => {
      const isContent = request.hop !== 'token';
      const reply = await this.perform(request, isContent ? sink : undefined);
      if (recording !== undefined && recording.length < exchangesMax) {
        recording.push(toExchange(request, reply, this.redactor));
      }
      return reply;
    };
    return drive(talk, perform, this.#pause);
  }

  /** Ends early when the run is stopped: the next request says so. */
  readonly #pause: Pause = async (ms, wait) => {
    if (wait !== undefined) this.#options.onWait?.(wait);
    const { signal } = this.#abort;
    if (ms > 0) await sleep(Math.min(ms, timerMsMax), undefined, { signal }).catch(() => undefined);
  };

  /** Ends every request under way as `interrupted`. */
  interrupt(): void {
    this.#abort.abort();
  }

  async close(): Promise<void> {
    await this.#agents.close();
  }

  /**
   * Performs one request; resolves also when it fails. Rejects only with what `sink` rejects with.
   */
  async perform(
    request: HttpRequest,
    sink?: BodySink,
    signal?: AbortSignal,
    limits: ReadLimits = {},
  ): Promise<HttpReply> {
    this.redactor.learn(request);
    const reply = await this.#dispatch(request, sink, signal, limits);
    this.redactor.learn(request, reply);
    // undici frees a connection in the next turn of the event loop; a request before then dials anew.
    await nextTurn();
    return reply;
  }

  #dispatch(
    request: HttpRequest,
    sink: BodySink | undefined,
    signal: AbortSignal | undefined,
    { bytesMax, msMax, isPartFine }: ReadLimits,
  ): Promise<HttpReply> {
    const url = URL.canParse(request.url) ? new URL(request.url) : undefined;
    const body = heldBody(request);
    const route = url === undefined ? undefined : this.#agents.route(request, url);
    return new Promise((resolve, reject) => {
      const collector = new Collector(request, sink, (parts, hash) => {
        clearTimeout(timer);
        this.#abort.signal.removeEventListener('abort', interrupted);
        signal?.removeEventListener('abort', overdue);
        if (collector.sinkError !== undefined) reject(collector.sinkError);
        const reply = makeReply({ ...parts, remoteAddress: route?.peer() ?? '' });
        if (hash !== undefined) keepHash(reply, hash);
        resolve(reply);
      });
      if (bytesMax !== undefined) collector.bytesMax = bytesMax;
      if (route !== undefined) {
        collector.onConnected = route.takeConnected;
        collector.isProxied = route.isProxied;
      }
      const interrupted = () => collector.abort('interrupted', 'the run was stopped');
      const overdue = () => collector.abort('stalled', 'the reply was not waited for any longer');
      const late = () => {
        if (isPartFine === true && collector.hasBegun) collector.leaveRest();
        else collector.abort('stalled', 'the reply did not end within the time limit');
      };
      const allMs = msMax ?? this.#options.timeoutMs * totalTimeoutFactor;
      const timer = setTimeout(late, Math.min(allMs, timerMsMax));
      this.#abort.signal.addEventListener('abort', interrupted);
      if (this.#abort.signal.aborted) return interrupted();
      signal?.addEventListener('abort', overdue);
      if (signal?.aborted) return overdue();
      // Servers name hosts that no URL can have, such as 1.2.3.4.5.
      if (route === undefined) return collector.abort('dns', 'the URL has no valid host');
      route.dispatcher.dispatch(
        {
          origin: route.origin,
          path: route.path,
          method: request.ask.method,
          headers: route.headers,
          ...(body !== undefined && { body: bodyOf(body, request.chunked) }),
        },
        collector,
      );
    });
  }
}

/** A stream has no length that could be announced, so it goes out in chunks. */
function bodyOf(body: string | Uint8Array, chunked: true | undefined) {
  if (chunked === undefined || body.length === 0) return body;
  const bytes = Buffer.from(body);
  const middle = bytes.length >> 1;
  return Readable.from([bytes.subarray(0, middle), bytes.subarray(middle)], { objectMode: false });
}
