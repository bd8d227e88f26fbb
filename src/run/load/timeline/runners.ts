// What the machines gave each process of k6, added up over the time of the load, and by which it was at its limit.
import type { Clocks, RunnerFigures, RunnerLimit, Runners } from '../../../../reports/results.ts';
import { asString, type JsonObject } from '../../../lib/json.ts';
import { numberOf } from './line.ts';

/** Of what it may use: with less left, the next pull waits for a processor. */
const ownMin = 0.9;
/** From this share of all cores on, a machine has no more to give. */
export const busyMin = 0.9;
/** Then it is k6 that limits if it takes this part of that; a server beside it, if not. */
export const ownPartMin = 0.4;
/**
 * Of the periods of a quota, mostly 100 ms: with so many of them used up, the slower quarter of what is measured is the
 * clients' own waiting. Kubernetes' usual alert on throttling has the same bound; bursts below it are told as a note.
 */
const throttledMin = 0.25;
/**
 * So late, in so many of the seconds: a process that wants a processor gets one within some ms, tens where it has much to
 * do itself. A tenth of a second is as long as a pull takes.
 */
const lateMsMin = 100;
const lateShareMin = 0.25;

/** Their names are in files that anyone may have written. */
const runnersMax = 10_000;
const idCharsMax = 100;
const worstMax = 8;

/** From each other; a `Date` leaves out up to a second, and a reply takes its way. */
export const clocksDifferMsMax = 2000;
/** From most of the others. */
const clockOffMsMin = 1000;

/** Classes of lags, eight an octave from an eighth of a millisecond to an hour. */
const lagsPerOctave = 8;
const lagLeastUs = 125;
const lagClasses = 25 * lagsPerOctave;

/** Whether a line says how busy a machine was in some of the load. */
export function tellsOfMachine({ series, requests, wallUs, cpuUs, machineBusy }: JsonObject) {
  const isKnown = typeof cpuUs === 'number' || typeof machineBusy === 'number';
  return series === 'runner' && requests !== 0 && numberOf(wallUs) > 0 && isKnown;
}

/** Sums over lines. Those of times are in seconds. */
class Tally {
  wall = 0;
  /** Of processors that it might use; and of those, what it took, where that is known. */
  offered = 0;
  offeredKnown = 0;
  taken = 0;
  /** Of the machine: in use, over the time of which that is known. */
  busy = 0;
  busyKnown = 0;
  periods = 0;
  throttled = 0;
  late = 0;
  lagUsMax = 0;
  /** Seconds by class of lag. */
  readonly lags = new Float32Array(lagClasses);

  add(line: JsonObject): void {
    const wall = numberOf(line.wallUs) / 1e6;
    const lagUs = numberOf(line.lagUs);
    const offered = numberOf(line.cpus) * wall;
    this.wall += wall;
    this.offered += offered;
    if (typeof line.cpuUs === 'number') {
      this.offeredKnown += offered;
      this.taken += line.cpuUs / 1e6;
    }
    if (typeof line.machineBusy === 'number') {
      this.busy += line.machineBusy * wall;
      this.busyKnown += wall;
    }
    this.periods += numberOf(line.periods);
    this.throttled += numberOf(line.throttledPeriods);
    if (lagUs >= lateMsMin * 1000) this.late += wall;
    this.lagUsMax = Math.max(this.lagUsMax, lagUs);
    this.lags[classOf(lagUs)] = (this.lags[classOf(lagUs)] as number) + wall;
  }

  take(other: Tally): void {
    for (const name of sums) this[name] += other[name];
    this.lagUsMax = Math.max(this.lagUsMax, other.lagUsMax);
    for (const [at, wall] of other.lags.entries()) this.lags[at] = (this.lags[at] as number) + wall;
  }

  /** Milliseconds, within a tenth. */
  lagMs(share: number): number {
    let rest = this.wall * share;
    for (const [at, wall] of this.lags.entries()) {
      rest -= wall;
      if (wall > 0 && rest <= this.wall * 1e-6) {
        return Math.min(this.lagUsMax, lagLeastUs * 2 ** (at / lagsPerOctave)) / 1000;
      }
    }
    return this.lagUsMax / 1000;
  }
}

const sums = [
  ...(['wall', 'offered', 'offeredKnown', 'taken', 'busy', 'busyKnown', 'periods'] as const),
  ...(['throttled', 'late'] as const),
];

function classOf(us: number): number {
  const octaves = Math.log2(Math.max(us, lagLeastUs) / lagLeastUs);
  return Math.min(lagClasses - 1, Math.ceil(octaves * lagsPerOctave));
}

interface Known {
  readonly id: string;
  machine: string;
  machineCpus: number;
  readonly tally: Tally;
  /** Since the last request that ended: a part of the load only if another comes. */
  idle: Tally | undefined;
  /** Seconds since 1970 of the first and last line of the load. */
  first: number;
  last: number;
  skewMs: number | undefined;
}

/** A machine, and the processors that all runners on it took in the mean. */
interface Machine {
  cpus: number;
  taken: number;
  first: number;
  last: number;
  wall: number;
}

export class AllRunners {
  readonly #runners = new Map<string, Known>();
  #latest: Known | undefined;

  /** Takes a line of the series `runner`; lines of a runner come in the order of their seconds. */
  add(line: JsonObject): void {
    const known = this.#of(line);
    if (known === undefined) return;
    this.#latest = known;
    if (typeof line.skewMs === 'number') {
      known.skewMs = Math.min(known.skewMs ?? line.skewMs, line.skewMs);
    }
    known.machineCpus = Math.max(known.machineCpus, numberOf(line.machineCpus));
    if (line.requests === 0) {
      known.idle ??= new Tally();
      known.idle.add(line);
      return;
    }
    if (known.idle !== undefined) known.tally.take(known.idle);
    known.idle = undefined;
    known.tally.add(line);
    const second = numberOf(line.t);
    known.first = Math.min(known.first, second);
    known.last = Math.max(known.last, second);
  }

  #of(line: JsonObject): Known | undefined {
    const id = (asString(line.id) ?? '').slice(0, idCharsMax);
    const known = this.#runners.get(id);
    if (known !== undefined || this.#runners.size >= runnersMax) return known;
    const one: Known = {
      ...{ id, machine: asString(line.machine) ?? '', machineCpus: 0, tally: new Tally() },
      ...{ idle: undefined, first: Number.POSITIVE_INFINITY, last: 0, skewMs: undefined },
    };
    this.#runners.set(id, one);
    return one;
  }

  /** The one that told last: of a timeline of one k6, that one. */
  latest(): RunnerFigures | undefined {
    const one = this.#latest;
    if (one === undefined || one.tally.wall === 0) return undefined;
    return figuresOf(one, this.#machines().get(machineOf(one)));
  }

  /** Undefined where none told. */
  told(): Runners | undefined {
    const machines = this.#machines();
    const all = this.#withLoad().map((one) => figuresOf(one, machines.get(machineOf(one))));
    if (all.length === 0) return undefined;
    const counts = new Map<RunnerLimit, number>();
    for (const { limit } of all) if (limit) counts.set(limit, (counts.get(limit) ?? 0) + 1);
    return {
      told: all.length,
      limits: [...counts]
        .map(([limit, runners]) => ({ limit, runners }))
        .sort((a, b) => b.runners - a.runners || (a.limit < b.limit ? -1 : 1)),
      worst: all.sort(byNeed).slice(0, worstMax),
    };
  }

  /** Undefined where fewer than two of them know. */
  clocks(): Clocks | undefined {
    const skews = this.#withLoad().flatMap(({ id, skewMs }) =>
      skewMs === undefined ? [] : [{ id, skewMs }],
    );
    if (skews.length < 2) return undefined;
    skews.sort((a, b) => a.skewMs - b.skewMs || (a.id < b.id ? -1 : 1));
    const least = skews[0]?.skewMs ?? 0;
    const most = skews.at(-1)?.skewMs ?? 0;
    const middle = skews[Math.floor((skews.length - 1) / 2)]?.skewMs ?? 0;
    const off = skews
      .map(({ id, skewMs }) => ({ id, aheadMs: skewMs - middle }))
      .filter(({ aheadMs }) => Math.abs(aheadMs) >= clockOffMsMin)
      .sort((a, b) => Math.abs(b.aheadMs) - Math.abs(a.aheadMs));
    return { differMs: most - least, off: off.slice(0, worstMax) };
  }

  #withLoad(): Known[] {
    return [...this.#runners.values()].filter(({ tally }) => tally.wall > 0);
  }

  /** Runners of one machine share what it has, and one after the other is not at once. */
  #machines(): Map<string, Machine> {
    const machines = new Map<string, Machine>();
    for (const one of this.#withLoad()) {
      const { tally, machineCpus, first, last } = one;
      const machine = machines.get(machineOf(one)) ?? {
        ...{ cpus: 0, taken: 0, first, last, wall: 0 },
      };
      machine.cpus = Math.max(machine.cpus, machineCpus);
      machine.taken += tally.taken;
      machine.first = Math.min(machine.first, first);
      machine.last = Math.max(machine.last, last);
      machine.wall = Math.max(machine.wall, tally.wall);
      machines.set(machineOf(one), machine);
    }
    return machines;
  }
}

/** Where the system does not name the machine, each is on its own. */
function machineOf({ machine, id }: Known): string {
  return machine === '' ? id : machine;
}

function figuresOf(known: Known, machine: Machine | undefined): RunnerFigures {
  const { id, tally, skewMs } = known;
  const { wall, offered, offeredKnown, taken, busy, busyKnown, periods, throttled } = tally;
  const shares = {
    own: shareOf(taken, offeredKnown),
    machineBusy: shareOf(busy, busyKnown),
    throttled: shareOf(throttled, periods),
  };
  const limit = limitOf(shares, partOf(machine), tally.late / wall);
  return {
    id,
    cpus: rounded(offered / wall),
    ...(shares.own !== undefined && { own: rounded(shares.own) }),
    ...(shares.machineBusy !== undefined && { machineBusy: rounded(shares.machineBusy) }),
    ...(shares.throttled !== undefined && { throttled: rounded(shares.throttled) }),
    lagMs: { p95: rounded(tally.lagMs(0.95)), max: rounded(tally.lagUsMax / 1000) },
    ...(skewMs !== undefined && { skewMs }),
    ...(limit !== undefined && { limit }),
  };
}

/** What a machine's runners took of it, as a share of all of its processors. */
function partOf(machine: Machine | undefined): number {
  if (machine === undefined || machine.cpus === 0) return 0;
  const { cpus, taken, first, last, wall } = machine;
  return taken / Math.max(wall, last - first - 1) / cpus;
}

type Shares = Readonly<Record<'own' | 'machineBusy' | 'throttled', number | undefined>>;

function limitOf(
  { own = 0, machineBusy = 0, throttled = 0 }: Shares,
  part: number,
  late: number,
): RunnerLimit | undefined {
  if (throttled >= throttledMin) return 'throttled';
  if (own >= ownMin) return 'cpu';
  if (machineBusy >= busyMin && part >= machineBusy * ownPartMin) return 'machine';
  if (late >= lateShareMin) return 'lag';
  return undefined;
}

function shareOf(part: number, whole: number): number | undefined {
  return whole > 0 ? Math.min(1, Math.max(0, part / whole)) : undefined;
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** Those at a limit first, then those that were nearest to one; of equal ones by name. */
function byNeed(a: RunnerFigures, b: RunnerFigures): number {
  return needOf(b) - needOf(a) || (a.id < b.id ? -1 : 1);
}

function needOf({ limit, own = 0, throttled = 0, machineBusy = 0, lagMs }: RunnerFigures): number {
  const near = Math.max(own, machineBusy, Math.min(1, lagMs.p95 / lateMsMin)) + throttled;
  return (limit === undefined ? 0 : 10) + near;
}
