// What the log of k6 tells of failures: the first of each kind in full (scenarios/lib/course.ts).
import type { LoadEvidence } from '../../../../reports/results.ts';
import { asInteger, asObject, asString, type JsonObject, parseJson } from '../../../lib/json.ts';
import type { PullFailure } from '../../../protocol/failure.ts';
import { type FailureKind, kindKey } from '../timeline/failures.ts';

/** One failure in full. */
export interface ToldFailure extends FailureKind {
  readonly phase?: string | undefined;
  readonly message: string;
  /** Who pulled, and what: `host/repository:tag`. */
  readonly client?: string | undefined;
  readonly image?: string | undefined;
  readonly evidence?: (LoadEvidence & { readonly words: string }) | undefined;
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

function evidenceOf(from: JsonObject | undefined): ToldFailure['evidence'] {
  if (from === undefined) return undefined;
  const text = (name: string) => (asString(from[name]) ?? '').slice(0, textCharsMax);
  const bytesExpected = asInteger(from.bytesExpected);
  return {
    method: text('method'),
    url: text('url'),
    words: text('words'),
    address: text('address'),
    contentType: text('contentType'),
    body: text('body'),
    bytes: asInteger(from.bytes) ?? 0,
    ...(bytesExpected !== undefined && bytesExpected >= 0 && { bytesExpected }),
  };
}

/** A failure that was met in this process. */
export function toldOf(failure: PullFailure): ToldFailure {
  const { class: kind, reason, hop, host, status, phase, message } = failure;
  const { digest, ...evidence } = failure.evidence;
  return { class: kind, reason, hop, host, status, phase, message, evidence };
}
