// What the log of k6 tells of failures: the first of each kind in full (scenarios/lib/course.ts).
import { asInteger, asObject, asString, type JsonObject, parseJson } from '../../../lib/json.ts';
import type { PullFailure } from '../../../protocol/failure.ts';
import type { FailureEvidence } from '../../../protocol/failure-evidence.ts';
import type { Phase } from '../../../protocol/talk.ts';
import { type FailureKind, kindKey } from '../timeline/failures.ts';

/** One failure in full. */
export interface ToldFailure extends FailureKind {
  readonly phase?: string | undefined;
  readonly message: string;
  /** Who pulled, and what: `host/repository:tag`. */
  readonly client?: string | undefined;
  readonly image?: string | undefined;
  readonly evidence?: FailureEvidence | undefined;
}

const events = ['pullFailure', 'pullRetried', 'pushFailure', 'pushRetried'] as const;
export type FailureEvent = (typeof events)[number];

/** Failures of one event, by their kind. */
export class Told {
  readonly #byKind = new Map<string, ToldFailure>();
  readonly #byClass = new Map<string, ToldFailure>();

  /** The first of each kind stays. */
  add(failure: ToldFailure): void {
    const key = kindKey(failure);
    if (!this.#byKind.has(key)) this.#byKind.set(key, failure);
    if (!this.#byClass.has(failure.class)) this.#byClass.set(failure.class, failure);
  }

  /** The one of this kind; for a kind that is a class alone, any of it. */
  of(kind: FailureKind): ToldFailure | undefined {
    const known = this.#byKind.get(kindKey(kind));
    return known ?? (kind.hop === undefined ? this.#byClass.get(kind.class) : undefined);
  }
}

export type ToldFailures = Readonly<Record<FailureEvent, Told>>;

export function nothingTold(): ToldFailures {
  return {
    pullFailure: new Told(),
    pullRetried: new Told(),
    pushFailure: new Told(),
    pushRetried: new Told(),
  };
}

export function readTold(log: string): ToldFailures {
  const told = nothingTold();
  for (const line of log.split('\n')) {
    const entry = asObject(parseJson(asString(asObject(parseJson(line))?.msg) ?? ''));
    if (entry === undefined) continue;
    for (const event of events) {
      const kind = asString(entry[event]);
      if (kind !== undefined) told[event].add(failureOf(kind, entry));
    }
  }
  return told;
}

function failureOf(kind: string, entry: JsonObject): ToldFailure {
  const text = (name: string) => asString(entry[name]) || undefined;
  const status = text('status');
  return {
    class: kind,
    reason: text('reason'),
    hop: text('hop'),
    host: text('host'),
    status: status === undefined ? undefined : Number(status) || 0,
    phase: text('phase'),
    message: text('message') ?? '',
    client: text('client'),
    image: text('image'),
    evidence: evidenceOf(asObject(entry.evidence)),
  };
}

/** Longer texts than these were not written by us. */
const textCharsMax = 2000;

function evidenceOf(from: JsonObject | undefined): FailureEvidence | undefined {
  if (from === undefined) return undefined;
  const text = (name: string) => asString(from[name])?.slice(0, textCharsMax);
  const number = (name: string) => {
    const value = asInteger(from[name]);
    return value === undefined || value < 0 ? undefined : value;
  };
  return {
    method: text('method') ?? '',
    url: text('url') ?? '',
    words: text('words') ?? '',
    contentType: text('contentType') ?? '',
    body: text('body') ?? '',
    bytes: number('bytes') ?? 0,
    address: text('address') ?? '',
    ...known('bytesAnnounced', number('bytesAnnounced')),
    ...known('bytesExpected', number('bytesExpected')),
    ...known('digest', text('digest')),
    ...known('reference', text('reference')),
    ...known('accept', text('accept')),
    ...known('authorization', text('authorization')),
    ...known('challenge', text('challenge')),
    ...known('location', text('location')),
    ...known('resumed', resumedOf(asObject(from.resumed))),
    ...known('challenged', challengedOf(asObject(from.challenged))),
  };
}

function known<K extends keyof FailureEvidence>(
  name: K,
  value: FailureEvidence[K],
): Partial<Pick<FailureEvidence, K>> {
  return value === undefined ? {} : ({ [name]: value } as Pick<FailureEvidence, K>);
}

function resumedOf(from: JsonObject | undefined): FailureEvidence['resumed'] {
  if (from === undefined) return undefined;
  const words = (asString(from.words) ?? '').slice(0, textCharsMax);
  return { from: asInteger(from.from) ?? 0, words };
}

function challengedOf(from: JsonObject | undefined): FailureEvidence['challenged'] {
  if (from === undefined) return undefined;
  const text = (name: string) => (asString(from[name]) ?? '').slice(0, textCharsMax);
  return { method: text('method'), url: text('url'), phase: text('phase') as Phase };
}

/** A failure that was met in this process. */
export function toldOf(failure: PullFailure): ToldFailure {
  const { class: kind, reason, hop, host, status, phase, message, evidence } = failure;
  return { class: kind, reason, hop, host, status, phase, message, evidence };
}
