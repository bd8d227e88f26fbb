// The share of a load that one of several machines makes: k6's execution segments. The numbers of the pulls
// are dealt out by k6 to all segments of one sequence, so every process must be given the same sequence.
import { type K6Plan, usersPerVu } from '../../../../scenarios/lib/plan.ts';
import { UserError } from '../../../lib/user-error.ts';

/** Points from 0 to 1 as reduced fractions, as k6 writes them: `0`, `1/4`, `1`. */
export interface Segment {
  /** `FROM:TO`, for `--execution-segment`. */
  readonly part: string;
  /** All points, joined by commas, for `--execution-segment-sequence`. */
  readonly of: string;
  /** How much of the whole it is, above 0 to 1. */
  readonly share: number;
}

interface Fraction {
  readonly over: number;
  readonly under: number;
}

/** Machines that share one load. */
const segmentsMax = 1000;
/** k6 deals pulls out in rounds of the lowest common denominator, and keeps a table of one round. */
const roundMax = 1_000_000;

const hint =
  'Write --segment 2/4 for the second of four equal shares; or, as k6 does, --segment 1/4:1/2 (also 25%:50% or 0.25:0.5), with --segment-sequence 0,1/4,1/2,1 where the shares are not equal.';

/**
 * `2/4` is the second of four. With a colon, and for a percentage or decimal, k6's own meaning: from and to,
 * or from 0 to there.
 * @throws UserError `segment-invalid` (exit 2)
 */
export function parseSegment(text: string, sequence?: string): Segment {
  const counted = /^(\d{1,9})\/(\d{1,9})$/.exec(text);
  if (counted === null) return parseK6Segment(text, sequence);
  if (sequence !== undefined) {
    throw invalid(`--segment ${text} means equal shares, and a sequence is given too`);
  }
  const [which, count] = [Number(counted[1]), Number(counted[2])];
  if (count < 1 || count > segmentsMax || which < 1 || which > count) {
    throw invalid(`there is no segment ${text}: the first is 1, and at most ${segmentsMax} share`);
  }
  return equalShare(which, count);
}

/**
 * As k6 reads its own flags and variables, where `2/4` is the first half.
 * @throws UserError `segment-invalid` (exit 2)
 */
export function parseK6Segment(text: string, sequence?: string): Segment {
  const [from = '', to = '', ...more] = text.includes(':') ? text.split(':') : ['0', text];
  const start = fractionOf(from);
  const end = fractionOf(to);
  if (start === undefined || end === undefined || more.length > 0) {
    throw invalid(`the segment ${JSON.stringify(text)} cannot be read`);
  }
  if (compare(start, end) >= 0)
    throw invalid(`the segment ${text} ends where it begins, or before`);
  if (compare(end, { over: 1, under: 1 }) > 0) throw invalid(`the segment ${text} ends beyond 1`);
  if (sequence === undefined) return equalTo(text, start, end);
  const points = pointsOf(sequence);
  const at = points.findIndex((point) => compare(point, start) === 0);
  const next = points[at + 1];
  if (at < 0 || next === undefined || compare(next, end) !== 0) {
    throw invalid(`the segment ${text} is none of those of the sequence ${sequence}`);
  }
  return segmentOf(start, end, points);
}

/** The names of all segments of a sequence. */
export function partsOf({ of }: Pick<Segment, 'of'>): string[] {
  const points = of.split(',');
  return points.slice(1).map((point, at) => `${points[at]}:${point}`);
}

/** The sequence of so many equal shares. */
export function equalShare(which: number, count: number): Segment {
  const points = Array.from({ length: count + 1 }, (_, at) => reduced(at, count));
  return segmentOf(reduced(which - 1, count), reduced(which, count), points);
}

/** Virtual users of k6 for pulls or for pushes, whichever are fewer: both are shared. */
function fewestVus(plan: Shared): number {
  const { shape, push } = plan;
  const pulling = Math.ceil(shape.vus / usersPerVu(plan));
  return Math.min(pulling, push?.vus ?? pulling);
}

/** `3/4` for the third of four equal shares, as users write it; else from and to. */
export function shareName(part: string, { of }: Pick<Segment, 'of'>): string {
  const parts = partsOf({ of });
  const at = parts.indexOf(part);
  return at >= 0 && equalShare(1, parts.length).of === of ? `${at + 1}/${parts.length}` : part;
}

type Shared = Pick<K6Plan, 'shape' | 'usersAloneMax'> & {
  readonly push?: { vus: number } | undefined;
};

/** @throws UserError `segment-invalid` (exit 2) when a share would be left without a virtual user */
export function refuseEmptyShares({ of }: Segment, plan: Shared): void {
  const vus = fewestVus(plan);
  const points = pointsOf(of);
  const smallest = Math.min(
    ...points.slice(1).map((point, at) => lengthOf(points[at] as Fraction, point)),
  );
  if (Math.floor(vus * smallest + 1e-9) >= 1) return;
  const users = `${vus} virtual ${vus === 1 ? 'user' : 'users'}`;
  const message = `${users} cannot be shared by ${points.length - 1} segments: one would have none`;
  throw new UserError('segment-invalid', message, adviceOn(plan, vus, usersFor(smallest)));
}

function usersFor(smallest: number): number {
  return Math.ceil(1 / smallest - 1e-9);
}

/** Only what the shape takes. */
function adviceOn({ shape, push }: Shared, vus: number, needed: number): string {
  const fewer = 'or use fewer segments.';
  if (shape.name === 'smoke') {
    return `A smoke run has one user and needs no share: leave out the segments, or give --iterations ${needed} --vus ${needed} instead of --shape smoke.`;
  }
  if (push !== undefined && push.vus === vus && vus < shape.vus) {
    return `Give pushes at least ${needed} users (push.vus in the plan), ${fewer}`;
  }
  const isCounted = shape.kind === 'iterations' && shape.iterations < needed;
  const more = isCounted ? ` and --iterations ${needed}` : '';
  return `Give at least --vus ${needed}${more} to all of them, ${fewer}`;
}

/** Shares without a sequence of their own are parts of equal ones, or cannot be told. */
function equalTo(text: string, start: Fraction, end: Fraction): Segment {
  const { over, under } = reduced(
    end.over * start.under - start.over * end.under,
    end.under * start.under,
  );
  const which = (start.over * under) / start.under;
  if (over === 1 && Number.isInteger(which) && under <= segmentsMax) {
    return equalShare(which + 1, under);
  }
  throw invalid(`the segment ${text} is none of several equal ones, and no sequence is given`);
}

function pointsOf(sequence: string): Fraction[] {
  const points = sequence.split(',').map((text) => fractionOf(text));
  const known = points.filter((point) => point !== undefined);
  if (known.length < points.length) throw badSequence(sequence, 'cannot be read');
  if (known.length > segmentsMax + 1) {
    throw badSequence(sequence, `has more than ${segmentsMax} segments`);
  }
  const [first, last] = [known[0], known.at(-1)];
  if (known.length < 2 || first?.over !== 0 || last?.over !== 1 || last.under !== 1) {
    throw badSequence(sequence, 'does not go from 0 to 1');
  }
  let round = 1;
  for (const [at, point] of known.entries()) {
    const before = known[at - 1];
    if (before !== undefined && compare(before, point) >= 0) {
      throw badSequence(sequence, 'does not ascend');
    }
    round *= point.under / divisor(round, point.under);
    if (round > roundMax)
      throw badSequence(sequence, `has no common denominator up to ${roundMax}`);
  }
  return known;
}

function badSequence(sequence: string, why: string): UserError {
  return invalid(`the segment sequence ${JSON.stringify(sequence.slice(0, 200))} ${why}`);
}

function segmentOf(start: Fraction, end: Fraction, points: readonly Fraction[]): Segment {
  return {
    part: `${written(start)}:${written(end)}`,
    of: points.map(written).join(','),
    share: lengthOf(start, end),
  };
}

/** `1/4`, `25%` or `0.25`; undefined for anything else. */
function fractionOf(text: string): Fraction | undefined {
  const match = /^(\d{1,7})(?:\/(\d{1,7})|\.(\d{1,6})|(%))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, whole = '', under, decimals, percent] = match;
  if (under !== undefined) return Number(under) === 0 ? undefined : reduced(+whole, +under);
  if (decimals !== undefined) return reduced(+(whole + decimals), 10 ** decimals.length);
  return reduced(+whole, percent === undefined ? 1 : 100);
}

function reduced(over: number, under: number): Fraction {
  const by = divisor(over, under);
  return { over: over / by, under: under / by };
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}

function compare(a: Fraction, b: Fraction): number {
  return a.over * b.under - b.over * a.under;
}

function lengthOf(start: Fraction, end: Fraction): number {
  return end.over / end.under - start.over / start.under;
}

function written({ over, under }: Fraction): string {
  return under === 1 ? `${over}` : `${over}/${under}`;
}

function invalid(message: string): UserError {
  return new UserError('segment-invalid', message, hint);
}
