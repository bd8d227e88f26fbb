// What a client's words are made of: what was pulled, and what failed about it.
import type { FailureEvidence } from '../../protocol/failure-evidence.ts';

/** What is pulled: `registry` is `host:port`. */
export interface Pulled {
  readonly registry: string;
  /** With its scheme. */
  readonly registryUrl: string;
  readonly repository: string;
  /** Tag or digest. */
  readonly reference: string;
  /** What it names. */
  readonly resolvesTo?: 'index' | 'manifest' | undefined;
}

/** A PullFailure, as itself or as the log of a run kept it. */
export interface Met {
  readonly class: string;
  readonly reason?: string | undefined;
  readonly phase: string;
  readonly hop: string;
  readonly host: string;
  readonly status: number;
  readonly evidence: FailureEvidence;
}

/** A failure with all that its words need. */
export interface Situation extends Met {
  readonly image: Pulled;
}

/** Undefined where the client's words are not known. */
export type Speech = (said: Situation) => string | undefined;

/** `host:port/repository:tag` or `…@digest`. */
export function imageName({
  registry,
  repository,
  reference,
}: Pick<Pulled, 'registry' | 'repository' | 'reference'>): string {
  return `${registry}/${repository}${reference.includes(':') ? '@' : ':'}${reference}`;
}

/** The digest (or tag) that was asked for. */
export function wanted({ evidence, image }: Situation): string {
  return evidence.reference ?? image.reference;
}

export function isManifest({ phase }: Situation): boolean {
  return phase === 'index' || phase === 'manifest';
}

/** A manifest other than the one that was named: the platform's, out of an index. */
export function isChild(said: Situation): boolean {
  return isManifest(said) && wanted(said) !== said.image.reference;
}

/** The head of a reply was there when it failed. */
export function isInBody({ status, evidence }: Situation): boolean {
  return (status === 200 || status === 206) && evidence.words !== '';
}

/** Nothing came that HTTP could call a reply. */
export function hasNoReply({ status, evidence }: Situation): boolean {
  return status === 0 && evidence.words !== '';
}

/** Bytes of the whole body, those before a resumption included. */
export function bytesSoFar({ evidence: { bytes, resumed }, status }: Situation): number {
  return bytes + (resumed !== undefined && status !== 200 ? resumed.from : 0);
}

/** Of the blob or manifest; the descriptor of some is not known. */
export function expectedBytes({ evidence }: Situation): string {
  return String(evidence.bytesExpected ?? '<bytes>');
}

export function hashed({ evidence }: Situation): string {
  return evidence.digest ?? '<digest>';
}

/** What came for a manifest is none by its Content-Type. */
export function isOtherType({ class: kind, evidence }: Situation): boolean {
  return kind === 'bad-manifest' && !/manifest|index|json/.test(evidence.contentType);
}
