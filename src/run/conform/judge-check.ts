// Runs one check to its verdict, with its evidence, within its time. A try in which a server failed by itself
// (a 5xx, a connection that breaks) says nothing yet: the check is done anew, with content of its own, until
// a try is whole, or until it has failed so often at the same place that this is how the registry answers.
import type { CheckResult } from '../../../reports/results.ts';
import type { Check, CheckContext, Given } from '../../checks/check.ts';
import type { Pause } from '../../drivers/drive.ts';
import type { Exchange } from '../../protocol/redirect.ts';
import { lackOf } from './needs.ts';
import { answerOf, isStumble, kindOf, type Noted, noted } from './stumbles.ts';
import { type CheckMeans, type Outcome, type Tried, tryOnce } from './try-check.ts';

export interface Judged {
  readonly result: CheckResult;
  /** The registry gave no answer at all to the last request; undefined when it did. */
  readonly silence: string | undefined;
  /** Void because of a reply that says "not now" (429, 502 to 504): asked again, it may be judged. */
  readonly isPutOff: boolean;
  /** Where servers failed in passing; those that the verdict itself tells of are not among them. */
  readonly stumbles: readonly Noted[];
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

/** Never rejects. */
export async function judge(
  check: Check,
  context: CheckContext,
  means: CheckMeans,
): Promise<Judged> {
  const start = performance.now();
  const lack = lackOf(check, context);
  if (lack !== undefined) return judgedBy(check, [idle(lack)], means, start);
  const tries: Tried[] = [];
  for (;;) {
    const spentMs = performance.now() - start;
    const limitMs = Math.max(1, means.checkMsMax - spentMs);
    const tried = await tryOnce(check, contextOfTry(context, tries.length), means, limitMs);
    tries.push(tried);
    const isOver = performance.now() - start >= means.checkMsMax;
    const isKnown = context.hasFailed(tried.outcome.given?.check ?? '');
    if (!isSpoilt(tried) || isOver || isKnown || isNoChance(tries) || tries.length === triesMax)
      break;
    await (means.pause ?? wait)(pauseMsMin * 2 ** tries.length);
  }
  return judgedBy(check, tries, means, start);
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
  if (last === undefined) return false;
  const isSilent = last.stumbles.at(-1)?.reply.failure === 'stalled';
  const enough = isSilent ? silentTriesMax : last.isCrowded ? crowdedTriesMax : sameTriesMax;
  const latest = tries.slice(-enough);
  return latest.length === enough && latest.every(({ place }) => place === last.place);
}

function contextOfTry(context: CheckContext, before: number): CheckContext {
  if (before === 0) return context;
  const number = (Number.parseInt(context.nonce, 16) + before * nonceStep) >>> 0;
  return { ...context, nonce: number.toString(16).padStart(8, '0') };
}

function judgedBy(
  check: Check,
  tries: readonly Tried[],
  { redactor }: CheckMeans,
  start: number,
): Judged {
  const tried = tries.at(-1) as Tried;
  const outcome = verdictOf(tries);
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
    stumbles: inPassing(tries, outcome).map(noted),
    ...(isVoid && outcome.given !== undefined && { given: spoilt(outcome.given, last) }),
  };
}

function spoilt(given: Given, last: Exchange | undefined): SpoiltGiven {
  if (last === undefined) return { ...given, last, isStumble: false };
  return { ...given, last: noted(last), isStumble: isStumble(last) };
}

/** The verdict of the last try, with what the tries before it met. */
function verdictOf(tries: readonly Tried[]): Outcome {
  const { outcome, stumbles } = tries.at(-1) as Tried;
  const before = tries.slice(0, -1).flatMap((tried) => tried.stumbles);
  const [first] = before;
  if (first === undefined) return outcome;
  const spoilt = isSpoilt(tries.at(-1) as Tried);
  if (!spoilt) {
    const what = `${kindOf(first.request)} was answered ${answerOf(first)}`;
    const actual = `${outcome.actual} (tried ${tries.length} times: ${what} before)`;
    return { ...outcome, actual };
  }
  // Content that a run only reads is no longer what it was in the first try: that one may have got further.
  const told = tries.map((tried) => tried.outcome).find(isAccusing) ?? outcome;
  if (isNoChance(tries)) return { ...told, actual: `${told.actual}, ${tries.length} times` };
  // What depends on a check that fails is not tried further.
  if (outcome.given !== undefined) return outcome;
  // Its time was over: what each of its tries took, most of it waiting, is no failing now and then.
  if (tries.length < triesMax) return told;
  const kinds = [...new Set([...before, ...stumbles].map(answerOf))].join(', ');
  const actual = `none of ${tries.length} tries was without a server that failed now and then (${kinds}): ${outcome.actual}`;
  return { verdict: 'void', actual };
}

function isAccusing({ verdict }: Outcome): boolean {
  return verdict === 'fail' || verdict === 'warn';
}

/** Stumbles that the verdict does not tell of. */
function inPassing(tries: readonly Tried[], outcome: Outcome): readonly Exchange[] {
  const isTold = isAccusing(outcome) && isSpoilt(tries.at(-1) as Tried);
  return isTold ? [] : tries.flatMap(({ stumbles }) => stumbles);
}
