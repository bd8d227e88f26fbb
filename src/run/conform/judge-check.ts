// Runs one check to its verdict, with its evidence, within its time. A try in which a server failed by itself
// (a 5xx, a connection that breaks) says nothing yet: the check is done anew, with content of its own, until
// a try is whole, or until it has failed so often at the same place that this is how the registry answers.
import type { CheckResult } from '../../../reports/results.ts';
import type { Check, CheckContext, Given } from '../../checks/check.ts';
import type { Pause } from '../../drivers/drive.ts';
import type { Exchange } from '../../protocol/redirect.ts';
import { lackOf } from './needs.ts';
import { answerOf, isStumble, kindOf, type Noted, noted, notedStumble } from './stumbles.ts';
import { type CheckMeans, type Manner, type Outcome, type Tried, tryOnce } from './try-check.ts';

export interface Judged {
  readonly result: CheckResult;
  /** The registry gave no answer at all to the last request; undefined when it did. */
  readonly silence: string | undefined;
  /** Void because of a reply that says "not now" (429, 502 to 504): asked again, it may be judged. */
  readonly isPutOff: boolean;
  /** Where servers failed in passing. */
  readonly stumbles: readonly Noted[];
  /** The same, where the verdict tells of it. */
  readonly told: readonly Noted[];
  /** Why it is void, where that is for what another check demands; with the last exchange. */
  readonly given?: SpoiltGiven;
}

/** What was taken for given and is not so, and what came last. */
export interface SpoiltGiven extends Given {
  readonly last: Noted | undefined;
  /** A server failed by itself there. */
  readonly isStumble: boolean;
}

const notNow: readonly number[] = [429, 502, 503, 504];

/** So many tries that end at the same place: this is no chance. */
const sameTriesMax = 5;
/** The same where requests are under way side by side: any of them may be hit. */
const crowdedTriesMax = 7;
/** Where nothing comes at all, each try takes its time. */
const silentTriesMax = 2;
/** Tries of a check in all. */
const triesMax = 8;
const pauseMsMin = 20;
/** Apart, so that no try meets what another one has left (2^32 by the golden ratio). */
const nonceStep = 0x9e3779b9;

/** Tries over kept connections; a connection that breaks is asked for anew, each time, after these. */
const keptTriesMax = 2;
/** Tries of one request after the other that have to be whole, before it is held against a registry that it fails when asked at once. */
const serialTriesMax = 3;

/** Never rejects. */
export async function judge(
  check: Check,
  context: CheckContext,
  means: CheckMeans,
): Promise<Judged> {
  const start = performance.now();
  const lack = lackOf(check, context);
  if (lack !== undefined) return judgedBy(check, { tries: [idle(lack)] }, means, start);
  let count = 0;
  const isOver = () => performance.now() - start >= means.checkMsMax;
  const tryNext = (manner: Manner) => {
    const limitMs = Math.max(1, means.checkMsMax - (performance.now() - start));
    return tryOnce(check, contextOfTry(context, count++), means, limitMs, manner);
  };
  const tries: Tried[] = [];
  /** Whole answers that the run had got by the end of each. */
  const wholes: number[] = [];
  const away: Exchange[] = [];
  for (let awayTimes = 0; ; ) {
    const tried = await tryNext({ isFresh: isToBeFresh(tries) });
    tries.push(tried);
    wholes.push(means.outages?.whole ?? 0);
    const isKnown = context.hasFailed(tried.outcome.given?.check ?? '');
    if (!isSpoilt(tried) || isOver() || isKnown) break;
    if (isNoChance(tries)) {
      const looked = await means.outages?.look(wholes.at(-enough(tried)) ?? 0);
      away.push(...(looked?.stumbles ?? []));
      if (looked?.wasAway !== true || awayTimes++ === awayTimesMax) break;
      away.push(...tries.splice(0).flatMap(({ stumbles }) => stumbles));
      continue;
    }
    if (tries.length === triesMax) break;
    await (means.pause ?? wait)(pauseMsMin * 2 ** tries.length);
  }
  const isOfCrowd = isNoChance(tries) && tries.at(-1)?.isCrowded === true && !isOver();
  if (!isOfCrowd) return judgedBy(check, { tries, away }, means, start);
  const serial: Tried[] = [];
  while (!isDecided(serial) && !isOver()) serial.push(await tryNext({ isSerial: true }));
  return judgedBy(check, { tries, away, serial }, means, start);
}

/** All that was tried of a check. */
interface Attempts {
  readonly tries: readonly Tried[];
  /** What came while the registry was away, of which no try says anything. */
  readonly away?: readonly Exchange[];
  /** After tries that were spoilt while requests were under way side by side: the same, one after the other. */
  readonly serial?: readonly Tried[];
}

/** Outages in the course of one check. */
const awayTimesMax = 3;

function isToBeFresh(tries: readonly Tried[]): boolean {
  const broken = tries.at(-1)?.stumbles.at(-1)?.reply.failure ?? '';
  return tries.length >= keptTriesMax && broken !== '' && broken !== 'stalled';
}

/** Whether it is known if the server fails also one by one: never, always at the same place, or now and then. */
function isDecided(serial: readonly Tried[]): boolean {
  const spoilt = serial.filter(isSpoilt).length;
  if (spoilt === 0) return serial.length === serialTriesMax;
  return isByChance(serial) || serial.length === sameTriesMax;
}

function isByChance(serial: readonly Tried[]): boolean {
  const spoilt = serial.filter(isSpoilt);
  if (spoilt.length === 0) return false;
  return spoilt.length < serial.length || new Set(serial.map(({ place }) => place)).size > 1;
}

const wait: Pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function idle(outcome: Outcome): Tried {
  const none = { evidence: [], stumbles: [], last: undefined, silence: undefined, place: '' };
  return { outcome, ...none, isLimited: false, isCrowded: false };
}

/** A verdict that a failing server may have brought about. */
function isSpoilt({ outcome: { verdict }, stumbles }: Tried): boolean {
  return stumbles.length > 0 && verdict !== 'pass' && verdict !== 'harness-error';
}

/** Whether the last tries were spoilt at the same place, often enough. The first may have fetched a token. */
function isNoChance(tries: readonly Tried[]): boolean {
  const last = tries.at(-1);
  if (last === undefined || !isSpoilt(last)) return false;
  const latest = tries.slice(-enough(last));
  return latest.length === enough(last) && latest.every(({ place }) => place === last.place);
}

function enough({ stumbles, isCrowded }: Tried): number {
  if (stumbles.at(-1)?.reply.failure === 'stalled') return silentTriesMax;
  return isCrowded ? crowdedTriesMax : sameTriesMax;
}

function contextOfTry(context: CheckContext, before: number): CheckContext {
  if (before === 0) return context;
  const number = (Number.parseInt(context.nonce, 16) + before * nonceStep) >>> 0;
  return { ...context, nonce: number.toString(16).padStart(8, '0') };
}

function judgedBy(
  check: Check,
  attempts: Attempts,
  { redactor, isDoubtful }: CheckMeans,
  start: number,
): Judged {
  const { tries } = attempts;
  const tried = tries.at(-1) as Tried;
  const outcome = verdictOf(attempts);
  const result: CheckResult = {
    id: check.id,
    level: check.level,
    section: check.section,
    requirement: check.requirement,
    why: check.why,
    ...(check.file !== undefined && { file: check.file }),
    ...(check.room !== undefined && { room: check.room }),
    verdict: outcome.verdict,
    expected: redactor.text(outcome.expected ?? check.requirement),
    actual: redactor.text(outcome.actual),
    evidence: tried.evidence,
    durationMs: Math.round(performance.now() - start),
  };
  const { last, silence, isLimited } = tried;
  const isVoid = outcome.verdict === 'void';
  return {
    result,
    silence,
    isPutOff: isVoid && (isLimited || notNow.includes(last?.reply.status ?? 0)),
    ...stumblesOf(attempts, outcome, (exchange) => isDoubtful?.(exchange) === true),
    ...(isVoid && outcome.given !== undefined && { given: spoilt(outcome.given, last) }),
  };
}

function spoilt(given: Given, last: Exchange | undefined): SpoiltGiven {
  if (last === undefined) return { ...given, last, isStumble: false };
  const { status, failure } = last.reply;
  const { answer, ...words } = noted(last);
  const isRefused = status >= 400 || failure !== '';
  // What was answered, and not as it is demanded, refuses nothing: it says what is wrong.
  const what = isRefused ? answer : `${answer} (${inShort(given.because)})`;
  return { ...given, last: { ...words, answer: what }, isStumble: isStumble(last) };
}

const wordsMax = 160;

/** The same of all that went wrong in the same way, whatever the digests and the run's own names. */
function inShort(because: string): string {
  return because.replace(/[0-9a-f]{8,}/g, '…').slice(0, wordsMax);
}

/** The verdict of the last try, with what the tries before it met. */
function verdictOf({ tries, away = [], serial = [] }: Attempts): Outcome {
  const { outcome, stumbles } = tries.at(-1) as Tried;
  const before = [...away, ...tries.slice(0, -1).flatMap((tried) => tried.stumbles)];
  const [first] = before;
  if (first === undefined) return outcome;
  const spoilt = isSpoilt(tries.at(-1) as Tried);
  if (!spoilt) {
    const what = `${kindOf(first.request)} was answered ${answerOf(first)}`;
    const often = tries.length > 1 ? `tried ${tries.length} times` : 'tried again';
    const actual = `${outcome.actual} (${often}: ${what} before)`;
    return { ...outcome, actual };
  }
  // Content that a run only reads is no longer what it was in the first try: that one may have got further.
  const told = tries.map((tried) => tried.outcome).find(isAccusing) ?? outcome;
  const isChance = isByChance(serial);
  if (isNoChance(tries) && !isChance) {
    return { ...told, actual: `${told.actual}, ${tries.length} times` };
  }
  // What depends on a check that fails is not tried further.
  if (outcome.given !== undefined) return outcome;
  // Its time was over: what each of its tries took, most of it waiting, is no failing now and then.
  if (tries.length < triesMax && !isChance) return told;
  const kinds = [...new Set([...before, ...stumbles].map(answerOf))].join(', ');
  const count = tries.length + serial.length;
  const actual = `none of ${count} tries was without a server that failed now and then (${kinds}): ${outcome.actual}`;
  return { verdict: 'void', actual };
}

function isAccusing({ verdict }: Outcome): boolean {
  return verdict === 'fail' || verdict === 'warn';
}

/** Where servers failed: in passing, and what the verdict itself tells of. */
function stumblesOf(
  { tries, away = [], serial = [] }: Attempts,
  outcome: Outcome,
  isDoubtful: (exchange: Exchange) => boolean,
): Pick<Judged, 'stumbles' | 'told'> {
  const isLastSpoilt = isSpoilt(tries.at(-1) as Tried);
  const all = [...tries, ...serial].flatMap(({ stumbles }) => stumbles);
  const last = tries.at(-1)?.stumbles ?? [];
  // What cannot be told from a refusal by itself has to be healed by asking again.
  const sure = all.filter(
    (each) => isStumble(each) || (isDoubtful(each) && !isLastSpoilt && !last.includes(each)),
  );
  const isTold = isAccusing(outcome) && isLastSpoilt;
  const outside = away.map(notedStumble);
  if (isTold) return { stumbles: outside, told: sure.map(notedStumble) };
  return { stumbles: [...outside, ...sure.map(notedStumble)], told: [] };
}
