// A list of referrers under a tag: what its entries have to repeat of their manifests (distribution-spec,
// "Pushing Manifests with Subject").

import { asObject, asString, type JsonObject } from '../../lib/json.ts';
import { mediaTypes } from '../../protocol/grammar/media-type.ts';
import { isReferrersTag, referrersTag } from '../../protocol/grammar/referrers-tag.ts';
import { quote } from '../rules/rule.ts';
import type { ReportRule } from './compare.ts';
import { imageKinds, type Reference } from './reference.ts';
import * as all from './rules.ts';

/** What a manifest or index says that a list of referrers has to repeat. */
export interface ReferrerFacts {
  readonly isImage: boolean;
  readonly artifactType: string | undefined;
  readonly configType: string | undefined;
  /** Digest. */
  readonly subject: string | undefined;
  /** Undefined: too many to be kept. */
  readonly annotations: JsonObject | undefined;
}

/** An entry of a list whose manifest is there. */
export interface ListedReferrer {
  readonly reference: Reference;
  readonly facts: ReferrerFacts;
}

/** Annotations that are kept for later, in all. */
const annotationCharsMax = 16 * 1024 * 1024;

/** Reads documents, and keeps of their annotations what there is room for. */
export class FactsReader {
  #charsLeft = annotationCharsMax;

  read(value: JsonObject, kind: string): ReferrerFacts {
    const subject = asString(asObject(value.subject)?.digest);
    return {
      isImage: imageKinds.some((it) => it === kind),
      artifactType: asString(value.artifactType) || undefined,
      configType: asString(asObject(value.config)?.mediaType) || undefined,
      subject,
      annotations: subject === undefined ? {} : this.#keep(asObject(value.annotations) ?? {}),
    };
  }

  #keep(annotations: JsonObject): JsonObject | undefined {
    const chars = JSON.stringify(annotations).length;
    if (chars > this.#charsLeft) return undefined;
    this.#charsLeft -= chars;
    return annotations;
  }
}

/** An index under such a tag may still be an image that somebody named by a hash. */
export function isReferrersList(tag: string, listed: readonly ListedReferrer[]): boolean {
  if (!isReferrersTag(tag)) return false;
  return listed.some(
    ({ reference, facts }) =>
      facts.subject !== undefined || reference.descriptor.artifactType !== undefined,
  );
}

/** Holds every entry against its manifest. */
export function checkReferrers(
  tag: string,
  listed: readonly ListedReferrer[],
  report: ReportRule,
): void {
  for (const { reference, facts } of listed) {
    checkSubject(tag, reference, facts, report);
    checkArtifactType(reference, facts, report);
    checkAnnotations(reference, facts, report);
  }
}

function checkSubject(
  tag: string,
  { pointer }: Reference,
  { subject }: ReferrerFacts,
  report: ReportRule,
): void {
  if (subject !== undefined && referrersTag(subject) === tag) return;
  const has = subject === undefined ? 'no subject' : `the subject ${quote(subject)}`;
  report(all.referrersSubject, `${pointer}/digest`, `its manifest has ${has}, the tag is ${tag}`);
}

function checkArtifactType(
  { descriptor, pointer }: Reference,
  { isImage, artifactType, configType }: ReferrerFacts,
  report: ReportRule,
): void {
  const said = asString(descriptor.artifactType) ?? '';
  const right = artifactType ?? (isImage ? configType : undefined);
  // None for an image manifest, and that of the empty descriptor, are findings of the list by itself.
  const isTold = said === mediaTypes.ociEmpty || (isImage && said === '');
  if (said === (right ?? '') || isTold) return;
  const where = artifactType === undefined && isImage ? ', by the media type of its config' : '';
  const detail =
    right === undefined
      ? `it says ${quote(said)}, its index has no artifactType`
      : `it says ${said === '' ? 'none' : quote(said)}, its manifest ${quote(right)}${where}`;
  const place = said === '' ? pointer : `${pointer}/artifactType`;
  report(all.referrersArtifactType, place, detail);
}

function checkAnnotations(
  { descriptor, pointer }: Reference,
  { annotations = {} }: ReferrerFacts,
  report: ReportRule,
): void {
  const said = asObject(descriptor.annotations) ?? {};
  const wrong = Object.keys(annotations).filter(
    (key) => !Object.hasOwn(said, key) || said[key] !== annotations[key],
  );
  const [first] = wrong;
  if (first === undefined) return;
  const more = wrong.length > 1 ? ` and ${wrong.length - 1} more` : '';
  const detail = `it does not repeat ${quote(first)}${more} of its manifest`;
  const place = descriptor.annotations === undefined ? pointer : `${pointer}/annotations`;
  report(all.referrersAnnotations, place, detail);
}
