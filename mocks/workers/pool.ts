// The workers as the process that began sees them: starts them, replaces those that die, hands them
// connections in turn, tells them of changes and waits until all know.
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { UserError } from '../../src/lib/user-error.ts';
import type { ActiveFault } from '../faults/engine.ts';
import { type Listener, open } from '../http/listen.ts';
import type { Mock } from '../mock.ts';
import type { Change } from '../store/change.ts';
import type { FromWorker, ToWorker, WorkerPlan } from './messages.ts';
import { openPrimaryServer } from './primary-server.ts';
import type { ReplicaFeed } from './sharing.ts';

/** Of one message to a worker that is told all there is. */
const changesMax = 5_000;
/** Workers that are started in place of others, in all. */
const replacementsMax = 100;
/** Connections that wait for a worker; more are ended. */
const waitingMax = 10_000;
/** A worker that takes longer to end is ended. */
const endMs = 5_000;
/** Numbers of connections that each worker has for itself. */
const connectionsEach = 1e9;

const ownFile = import.meta.filename;
const workerFile = join(import.meta.dirname, `worker${extname(ownFile)}`);

/** What all workers are made of, and the mock whose replicas they have. */
export interface PoolSetup {
  readonly mock: Mock;
  readonly plan: Omit<WorkerPlan, 'primaryPath' | 'connectionsBefore' | 'bandwidthShare'>;
}

interface Worker {
  readonly child: ChildProcess;
  isReady: boolean;
  /** The last message that it has said to be done with. */
  done: number;
}

export class WorkerPool implements ReplicaFeed {
  readonly #size: number;
  readonly #dir = mkdtempSync(join(tmpdir(), 'pullproof-workers-'));
  /** Those that are told of changes. */
  readonly #workers = new Set<Worker>();
  /** Those that run. */
  readonly #running = new Set<Worker>();
  readonly #waiting: [place: number, socket: Socket][] = [];
  #changes: Change[] = [];
  #sequence = 0;
  #wake: (() => void)[] = [];
  #turn = 0;
  #begun = 0;
  #isEnding = false;
  #isForwarding = false;
  #setup: PoolSetup | undefined;
  #primary: Server | undefined;

  constructor(size: number) {
    this.#size = size;
  }

  /** A listening address whose connections go to the workers. @throws UserError `cannot-listen` */
  listen(host: string, port: number, place: number, isTls: boolean): Promise<Listener> {
    const server = createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: true });
    server.on('connection', (socket) => this.#handOver(place, socket));
    const handler = () => undefined;
    const scheme = isTls ? 'https' : 'http';
    return open(server, host, port, scheme).then((bound) => ({ ...bound, handler }));
  }

  /** Resolves when all workers serve. @throws UserError `worker-failed` */
  async begin(setup: PoolSetup): Promise<void> {
    this.#setup = setup;
    this.#isForwarding = this.#mustForward();
    this.#primary = await openPrimaryServer(this.#primaryPath, setup.mock, () =>
      this.#tellFaults(),
    );
    await Promise.all(Array.from({ length: this.#size }, () => this.#start()));
  }

  publish(change: Change): void {
    if (this.#workers.size === 0) return;
    if (this.#changes.length === 0) setImmediate(() => this.#flush());
    this.#changes.push(change);
  }

  get isTold(): boolean {
    const isDone = ({ isReady, done }: Worker) => !isReady || done >= this.#sequence;
    return this.#changes.length === 0 && [...this.#workers].every(isDone);
  }

  async told(): Promise<void> {
    this.#flush();
    const wanted = this.#sequence;
    const isBehind = ({ isReady, done }: Worker) => isReady && done < wanted;
    while ([...this.#workers].some(isBehind)) {
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  async close(): Promise<void> {
    this.#isEnding = true;
    for (const [, socket] of this.#waiting.splice(0)) socket.destroy();
    await Promise.all([...this.#running].map(end));
    this.#primary?.closeAllConnections();
    this.#primary?.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  get #primaryPath(): string {
    return join(this.#dir, 'primary');
  }

  /** Resolves when the worker serves. */
  #start(): Promise<void> {
    const { mock, plan } = this.#setup as PoolSetup;
    const child = fork(workerFile, [], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const worker: Worker = { child, isReady: false, done: 0 };
    const rest = {
      primaryPath: this.#primaryPath,
      connectionsBefore: this.#begun++ * connectionsEach,
      bandwidthShare: this.#size,
    };
    this.#running.add(worker);
    tell(worker, { kind: 'begin', plan: { ...plan, ...rest } });
    return new Promise((resolve, reject) => {
      const fail = (why: string) => {
        const hint = 'Try again, or without --workers.';
        reject(new UserError('worker-failed', `a worker of the mock ${why}`, hint, 3));
      };
      child.on('message', (message: FromWorker) => {
        if (message.kind === 'begun') this.#tellAll(worker, mock);
        else if (message.kind === 'done') worker.done = message.sequence;
        else if (message.kind === 'failed') fail(`cannot start: ${message.message}`);
        else {
          worker.isReady = true;
          worker.done = Math.max(worker.done, this.#sequence);
          for (const [place, socket] of this.#waiting.splice(0)) this.#handOver(place, socket);
          resolve();
        }
        this.#wakeAll();
      });
      child.on('error', () => undefined);
      child.once('exit', () => {
        this.#workers.delete(worker);
        this.#running.delete(worker);
        this.#wakeAll();
        if (!worker.isReady) fail('has ended');
        else this.#replace();
      });
    });
  }

  /** A worker in place of one that has ended. */
  #replace(): void {
    if (this.#isEnding || this.#begun >= this.#size + replacementsMax) return;
    this.#start().catch(() => this.#replace());
  }

  /** All that there is now; what comes after comes in order. */
  #tellAll(worker: Worker, mock: Mock): void {
    this.#flush();
    let changes: Change[] = [];
    const send = () => tell(worker, { kind: 'changes', sequence: 0, changes });
    for (const change of mock.store.changes()) {
      if (changes.push(change) < changesMax) continue;
      send();
      changes = [];
    }
    send();
    tell(worker, { kind: 'know', images: mock.images });
    tell(worker, { kind: 'forward', sequence: 0, all: this.#isForwarding });
    this.#workers.add(worker);
  }

  #flush(): void {
    if (this.#changes.length === 0) return;
    const changes = this.#changes;
    this.#changes = [];
    const sequence = ++this.#sequence;
    for (const worker of this.#workers) tell(worker, { kind: 'changes', sequence, changes });
  }

  /** Before the reply that may have switched faults goes out. */
  #tellFaults(): Promise<void> | undefined {
    const all = this.#mustForward();
    if (all === this.#isForwarding) return undefined;
    this.#isForwarding = all;
    const sequence = ++this.#sequence;
    for (const worker of this.#workers) tell(worker, { kind: 'forward', sequence, all });
    return this.told();
  }

  /** Whether a fault is on that workers do not have, or that must see all that happens. */
  #mustForward(): boolean {
    const { mock, plan } = this.#setup as PoolSetup;
    return plan.options.faults?.length === 0 && mock.activeFaults.length > 0;
  }

  /** To the workers in turn. */
  #handOver(place: number, socket: Socket): void {
    const ready = [...this.#workers].filter(({ isReady }) => isReady);
    const worker = ready[this.#turn++ % Math.max(1, ready.length)];
    if (worker === undefined) {
      if (this.#waiting.length < waitingMax && !this.#isEnding) this.#waiting.push([place, socket]);
      else socket.destroy();
      return;
    }
    // Else Node's server would wait for the worker to end the connection before it closes.
    Object.assign(socket, { server: undefined });
    tell(worker, { kind: 'connection', place }, socket);
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

/** Whether each worker can have the fault for itself: it looks at one request and its reply alone. */
export function isForOne({ fault, limits }: ActiveFault): boolean {
  if (fault.layer === 'store' || 'begin' in fault || 'counts' in fault) return false;
  return limits.after === undefined;
}

/** A worker that is dying hears nothing; its end is heard of. */
function tell({ child }: Worker, message: ToWorker, socket?: Socket): void {
  // What was handed over is closed on this side only.
  const over = () => socket?.destroy();
  if (child.connected) child.send(message, socket, undefined, over);
  else over();
}

/** Resolves when the process is over. */
async function end(worker: Worker): Promise<void> {
  const { child } = worker;
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  tell(worker, { kind: 'end' });
  const late = setTimeout(() => child.kill('SIGKILL'), endMs);
  await over;
  clearTimeout(late);
}
