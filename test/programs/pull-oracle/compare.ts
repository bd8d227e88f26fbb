// What differs between a program's pull and its profile's, in words.
import type { Fault } from './fault.ts';
import type { Side } from './matrix.ts';
import type { Logged } from './rig.ts';

/** A fault as both sides met it. */
export interface Look {
  readonly program: Side;
  readonly profile: Side;
}

/** `earlier`: looks at the same cell. */
export function differencesOf(fault: Fault, look: Look, earlier: readonly Look[] = []): string[] {
  const { program, profile } = look;
  const found: string[] = [];
  if (program.outcome !== profile.outcome) {
    found.push(`outcome: ${program.outcome}, profile ${profile.outcome}`);
  }
  if (fault.random) return found;
  const [real, ours] = compared(fault, look);
  const waits = [look, ...earlier].map((one) => waitsOf(fault, one));
  found.push(...countDifferences(real, ours), ...waitDifferences(waits));
  return found;
}

/** The requests of program and profile that are no matter of chance. */
function compared(fault: Fault, { program, profile }: Look): [Logged[], Logged[]] {
  const isOk = program.outcome === 'ok' && profile.outcome === 'ok';
  return [program, profile].map(({ requests }) =>
    requests.filter((request) => !isRepeated(request) && (isOk || isDecisive(fault, request))),
  ) as [Logged[], Logged[]];
}

/**
 * Go's transport asks again by itself when a connection that it kept ends before any reply. How many of
 * those there are is chance, on both sides.
 */
function isRepeated({ reused, ended }: Logged): boolean {
  return reused && ended;
}

/** Where a pull fails, what else was on its way just then is chance: other blobs. */
function isDecisive(fault: Fault, { path }: Logged): boolean {
  const blob = /\/(config|layer|sibling\d)$/.exec(path)?.[1];
  if (blob === undefined) return true;
  return fault.at?.some((place) => place.replace('cdn-', '') === blob) === true;
}

function countDifferences(real: readonly Logged[], ours: readonly Logged[]): string[] {
  const counts = new Map<string, [number, number]>();
  const vague = new Set([...real, ...ours].filter(isByChance).map(keyOf));
  const count = (requests: readonly Logged[], side: 0 | 1) => {
    for (const request of requests) {
      const key = keyOf(request);
      const both = counts.get(key) ?? [0, 0];
      both[side]++;
      counts.set(key, both);
    }
  };
  count(real, 0);
  count(ours, 1);
  return [...counts].flatMap(([key, [a, b]]) =>
    Math.abs(a - b) <= (vague.has(key) ? chanceMax : 0) ? [] : [`${key}: ${a}, profile ${b}`],
  );
}

/**
 * Blobs travel side by side over HTTP/1.1, and connections are made that then wait: which of those that end
 * Go asks again by itself for, the server cannot always tell.
 */
function isByChance({ ended, overHttp2, path }: Logged): boolean {
  return ended && !overHttp2 && path.includes('layer');
}

/** As many as a client keeps idle. */
const chanceMax = 2;

function keyOf({ host, method, path, range, authorization }: Logged): string {
  return [host, method, path, range, authorization].filter((text) => text !== '').join(' ');
}

/** Shorter ones are within what a busy machine does. */
const waitMsMin = 1500;
const factorMax = 3;

/** Between requests for what the fault is about, of program and profile. */
function waitsOf(fault: Fault, look: Look): [number[], number[]] {
  const gaps = (requests: readonly Logged[]) => {
    const asked = requests.filter(({ place }) => fault.at?.includes(place) === true);
    const times = asked.map(({ atMs }) => atMs);
    return times.slice(1).map((time, i) => Math.round(time - (times[i] ?? 0)));
  };
  return compared(fault, look).map(gaps) as [number[], number[]];
}

/**
 * A busy machine makes a wait longer, and the one after it shorter where a request comes late: sides agree that do in
 * any two looks, or in the shortest of each wait.
 */
function waitDifferences(looks: readonly [number[], number[]][]): string[] {
  const [real, ours] = [0, 1].map((side) => {
    const all = looks.map((look) => look[side] as number[]);
    return all.filter((waits) => waits.length === all[0]?.length);
  }) as [number[][], number[][]];
  const [a, b] = [shortest(real), shortest(ours)];
  if (a.length !== b.length) return [];
  const agree = agreeing(a, b) || real.some((one) => ours.some((other) => agreeing(one, other)));
  return agree ? [] : [`waits: ${a.join(', ')} ms, profile ${b.join(', ')} ms`];
}

function shortest(looks: readonly number[][]): number[] {
  return looks.reduce((least, waits) => least.map((wait, i) => Math.min(wait, waits[i] ?? wait)));
}

function agreeing(a: readonly number[], b: readonly number[]): boolean {
  return a.every((gap, i) => {
    const other = b[i] ?? 0;
    const [less, more] = gap < other ? [gap, other] : [other, gap];
    return more <= waitMsMin || more <= less * factorMax;
  });
}
