// A worker of the mock, in a process of its own: serves the connections that it is handed from a replica of
// the store, and has the rest answered by the process that began. Ends with it.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { handle, makeServer } from '../http/listen.ts';
import { RequestLog } from '../http/log.ts';
import { Connections, handlerOf } from '../http/serve.ts';
import { shaper } from '../http/shaping.ts';
import { readImages } from '../images.ts';
import { Mock } from '../mock.ts';
import { randomOf } from '../random.ts';
import { Forward } from './forward.ts';
import type { FromWorker, ToWorker, WorkerPlan } from './messages.ts';
import { Replica } from './replica.ts';
import { baseOf } from './sharing.ts';

class Worker {
  readonly #plan: WorkerPlan;
  readonly #replica: Replica;
  readonly #log: RequestLog | undefined;
  readonly #sockets = new Set<Socket>();
  #servers: readonly Server[] = [];
  #forward: Forward | undefined;

  constructor(plan: WorkerPlan, replica: Replica) {
    this.#plan = plan;
    this.#replica = replica;
    const { log, logSecrets = false } = plan.options;
    this.#log = log === undefined ? undefined : new RequestLog(log, logSecrets);
  }

  take(message: ToWorker, socket: Socket | undefined): void {
    if (message.kind === 'changes') {
      for (const change of message.changes) this.#replica.apply(change);
      tell({ kind: 'done', sequence: message.sequence });
    } else if (message.kind === 'know') {
      this.#serve(message.images);
      tell({ kind: 'ready' });
    } else if (message.kind === 'forward') {
      if (this.#forward !== undefined) this.#forward.all = message.all;
      tell({ kind: 'done', sequence: message.sequence });
    } else if (message.kind === 'connection' && socket !== undefined) {
      this.#connect(message.place, socket);
    }
  }

  /** The last words of the connections go into the log. */
  async end(): Promise<void> {
    const ended = [...this.#sockets].map((socket) => {
      const end = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      socket.destroy();
      return end;
    });
    await Promise.all(ended);
    this.#log?.close();
  }

  #serve(images: Mock['images']): void {
    const { options, origins, listening, tls, primaryPath, connectionsBefore } = this.#plan;
    const { store } = this.#replica;
    const served = { putInto: () => images, close: () => undefined };
    const mock = new Mock(origins, { ...options, images: served, store, admin: false });
    const forward = new Forward(primaryPath, mock);
    this.#forward = forward;
    const random = randomOf(options.seed ?? 1, `latency ${connectionsBefore}`);
    const serving = {
      mock,
      log: this.#log,
      paces: shaper({ ...options, bandwidth: this.#bandwidth() }, random),
      connections: new Connections(connectionsBefore),
      patience: options,
      elsewhere: forward,
    };
    this.#servers = listening.map((origin, place) => {
      const server = makeServer(tls, options);
      handle(server, handlerOf(serving, place === 0 ? 'registry' : 'edge', origin));
      // Its connections are handed to it. Begins to watch over heads that are late.
      server.emit('listening');
      return server as Server;
    });
  }

  /** Connections are spread evenly, and so is what they share. */
  #bandwidth() {
    const rates = Object.entries(this.#plan.options.bandwidth ?? {});
    const share = this.#plan.bandwidthShare;
    return Object.fromEntries(rates.map(([hop, rate]) => [hop, rate / share]));
  }

  #connect(place: number, socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined);
    // As a listening server has them: a client may end its side first.
    socket.allowHalfOpen = true;
    this.#servers[place]?.emit('connection', socket);
    socket.resume();
  }
}

function tell(message: FromWorker): void {
  if (process.connected) process.send?.(message);
}

async function begin(plan: WorkerPlan): Promise<Worker> {
  const { storeDir, base, options } = plan;
  const seed = options.seed ?? 1;
  if (base === undefined) return new Worker(plan, new Replica(storeDir));
  const isDefault = base.sources.length === 0;
  const images = isDefault ? undefined : await readImages(base, seed);
  return new Worker(plan, new Replica(storeDir, baseOf(images, seed)));
}

function main(): void {
  // Ctrl-C reaches the whole group of processes; when to end says the one that began.
  const shared = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of shared) process.on(signal, () => undefined);
  process.once('disconnect', () => process.exit());
  let worker: Worker | undefined;
  process.on('message', (message: ToWorker, socket?: Socket) => {
    if (message.kind === 'begin') {
      begin(message.plan).then(
        (begun) => {
          worker = begun;
          tell({ kind: 'begun' });
        },
        (error: Error) => tell({ kind: 'failed', message: error.message }),
      );
    } else if (message.kind === 'end') {
      Promise.resolve(worker?.end()).finally(() => process.exit());
    } else {
      worker?.take(message, socket);
    }
  });
}

main();
