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
import { openDesk } from './desk.ts';
import type { FromWorker, ToWorker, WorkerPlan } from './messages.ts';
import type { Audience } from './sharing.ts';

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
export interface Crewing {
  readonly mock: Mock;
  readonly plan: Omit<WorkerPlan, 'deskPath' | 'connectionsBefore' | 'bandwidthShare'>;
}

interface Hand {
  readonly child: ChildProcess;
  isReady: boolean;
  /** The last message that it has said to be done with. */
  done: number;
}

export class Crew implements Audience {
  readonly #size: number;
  readonly #dir = mkdtempSync(join(tmpdir(), 'pullproof-crew-'));
  /** Those that are told of changes. */
  readonly #hands = new Set<Hand>();
  /** Those that run. */
  readonly #running = new Set<Hand>();
  readonly #waiting: [place: number, socket: Socket][] = [];
  #changes: Change[] = [];
  #sequence = 0;
  #wake: (() => void)[] = [];
  #turn = 0;
  #begun = 0;
  #isEnding = false;
  #isForwarding = false;
  #crewing: Crewing | undefined;
  #desk: Server | undefined;

  constructor(size: number) {
    this.#size = size;
  }

  /** A listening address whose connections go to the workers. @throws UserError `cannot-listen` */
  listen(host: string, port: number, place: number, isTls: boolean): Promise<Listener> {
    const server = createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: true });
    server.on('connection', (socket) => this.#hand(place, socket));
    const handler = () => undefined;
    const scheme = isTls ? 'https' : 'http';
    return open(server, host, port, scheme).then((bound) => ({ ...bound, handler }));
  }

  /** Resolves when all workers serve. @throws UserError `worker-failed` */
  async begin(crewing: Crewing): Promise<void> {
    this.#crewing = crewing;
    this.#isForwarding = this.#mustForward();
    this.#desk = await openDesk(this.#deskPath, crewing.mock, () => this.#tellFaults());
    await Promise.all(Array.from({ length: this.#size }, () => this.#start()));
  }

  publish(change: Change): void {
    if (this.#hands.size === 0) return;
    if (this.#changes.length === 0) setImmediate(() => this.#flush());
    this.#changes.push(change);
  }

  get isTold(): boolean {
    const isDone = ({ isReady, done }: Hand) => !isReady || done >= this.#sequence;
    return this.#changes.length === 0 && [...this.#hands].every(isDone);
  }

  async told(): Promise<void> {
    this.#flush();
    const wanted = this.#sequence;
    const isBehind = ({ isReady, done }: Hand) => isReady && done < wanted;
    while ([...this.#hands].some(isBehind)) {
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  async close(): Promise<void> {
    this.#isEnding = true;
    for (const [, socket] of this.#waiting.splice(0)) socket.destroy();
    await Promise.all([...this.#running].map(end));
    this.#desk?.closeAllConnections();
    this.#desk?.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  get #deskPath(): string {
    return join(this.#dir, 'desk');
  }

  /** Resolves when the worker serves. */
  #start(): Promise<void> {
    const { mock, plan } = this.#crewing as Crewing;
    const child = fork(workerFile, [], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const hand: Hand = { child, isReady: false, done: 0 };
    const rest = {
      deskPath: this.#deskPath,
      connectionsBefore: this.#begun++ * connectionsEach,
      bandwidthShare: this.#size,
    };
    this.#running.add(hand);
    tell(hand, { kind: 'begin', plan: { ...plan, ...rest } });
    return new Promise((resolve, reject) => {
      const fail = (why: string) => {
        const hint = 'Try again, or without --workers.';
        reject(new UserError('worker-failed', `a worker of the mock ${why}`, hint, 3));
      };
      child.on('message', (message: FromWorker) => {
        if (message.kind === 'begun') this.#tellAll(hand, mock);
        else if (message.kind === 'done') hand.done = message.sequence;
        else if (message.kind === 'failed') fail(`cannot start: ${message.message}`);
        else {
          hand.isReady = true;
          hand.done = Math.max(hand.done, this.#sequence);
          for (const [place, socket] of this.#waiting.splice(0)) this.#hand(place, socket);
          resolve();
        }
        this.#wakeAll();
      });
      child.on('error', () => undefined);
      child.once('exit', () => {
        this.#hands.delete(hand);
        this.#running.delete(hand);
        this.#wakeAll();
        if (!hand.isReady) fail('has ended');
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
  #tellAll(hand: Hand, mock: Mock): void {
    this.#flush();
    let changes: Change[] = [];
    const send = () => tell(hand, { kind: 'changes', sequence: 0, changes });
    for (const change of mock.store.changes()) {
      if (changes.push(change) < changesMax) continue;
      send();
      changes = [];
    }
    send();
    tell(hand, { kind: 'know', images: mock.images });
    tell(hand, { kind: 'forward', sequence: 0, all: this.#isForwarding });
    this.#hands.add(hand);
  }

  #flush(): void {
    if (this.#changes.length === 0) return;
    const changes = this.#changes;
    this.#changes = [];
    const sequence = ++this.#sequence;
    for (const hand of this.#hands) tell(hand, { kind: 'changes', sequence, changes });
  }

  /** Before the reply that may have switched faults goes out. */
  #tellFaults(): Promise<void> | undefined {
    const all = this.#mustForward();
    if (all === this.#isForwarding) return undefined;
    this.#isForwarding = all;
    const sequence = ++this.#sequence;
    for (const hand of this.#hands) tell(hand, { kind: 'forward', sequence, all });
    return this.told();
  }

  /** Whether a fault is on that workers do not have, or that must see all that happens. */
  #mustForward(): boolean {
    const { mock, plan } = this.#crewing as Crewing;
    return plan.options.faults?.length === 0 && mock.activeFaults.length > 0;
  }

  /** To the workers in turn. */
  #hand(place: number, socket: Socket): void {
    const ready = [...this.#hands].filter(({ isReady }) => isReady);
    const hand = ready[this.#turn++ % Math.max(1, ready.length)];
    if (hand === undefined) {
      if (this.#waiting.length < waitingMax && !this.#isEnding) this.#waiting.push([place, socket]);
      else socket.destroy();
      return;
    }
    // Else Node's server would wait for the worker to end the connection before it closes.
    Object.assign(socket, { server: undefined });
    tell(hand, { kind: 'connection', place }, socket);
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
function tell({ child }: Hand, message: ToWorker, socket?: Socket): void {
  // What was handed over is closed on this side only.
  const over = () => socket?.destroy();
  if (child.connected) child.send(message, socket, undefined, over);
  else over();
}

/** Resolves when the process is over. */
async function end(hand: Hand): Promise<void> {
  const { child } = hand;
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  tell(hand, { kind: 'end' });
  const late = setTimeout(() => child.kill('SIGKILL'), endMs);
  await over;
  clearTimeout(late);
}
