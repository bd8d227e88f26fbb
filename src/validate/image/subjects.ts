// What a manifest is about, its subject: whether it is there, and what it is, without judging it.

import { asObject, asString, type JsonObject } from '../../lib/json.ts';
import { isWellFormedDigest } from '../../protocol/grammar/digest.ts';
import { detectKind } from '../kinds.ts';
import { quote } from '../rules/rule.ts';
import { parseBounded } from '../source.ts';
import { compare, compareArtifactType, opaque, type ReportRule, type Seen } from './compare.ts';
import type { Content, ImageContent } from './content.ts';
import { type Reference, references } from './reference.ts';
import type { FactsReader } from './referrers-list.ts';
import * as all from './rules.ts';

export class Subjects {
  readonly #content: ImageContent;
  readonly #facts: FactsReader;
  /** Many manifests have the same. */
  readonly #glanced = new Map<string, Seen | 'absent' | undefined>();

  constructor(content: ImageContent, facts: FactsReader) {
    this.#content = content;
    this.#facts = facts;
  }

  /** `seen`: documents that are judged already. */
  async check(
    value: JsonObject,
    seen: ReadonlyMap<string, Seen | 'absent'>,
    report: ReportRule,
  ): Promise<void> {
    const [subject] = references([value.subject], '/subject', false);
    if (subject === undefined || !isWellFormedDigest(subject.digest)) return;
    const known = seen.get(subject.digest);
    const isKnown = typeof known === 'object' && known.kind !== opaque;
    const found = isKnown ? known : await this.#find(subject);
    if (found === 'absent') {
      report(all.subjectMissing, '/subject/digest', `${quote(subject.digest)} is not there`);
    } else if (found !== undefined) {
      compare(subject, found, report);
      if (found.facts !== undefined) compareArtifactType(subject, found.facts, report);
    }
  }

  async #find({ digest, mediaType }: Reference): Promise<Seen | 'absent' | undefined> {
    if (this.#glanced.has(digest)) return this.#glanced.get(digest);
    const sought = await this.#content.document(digest, mediaType);
    const isContent = typeof sought === 'object' && 'path' in sought;
    const missing = sought === 'missing' ? 'absent' : undefined;
    const found = isContent ? this.#glanceAt(sought) : missing;
    this.#glanced.set(digest, found);
    return found;
  }

  #glanceAt({ bytes, body }: Content): Seen {
    const value = body && asObject(parseBounded(body));
    const kind = (value && detectKind(value)) ?? 'unknown';
    const facts = value && this.#facts.read(value, kind);
    return { bytes, kind, mediaType: asString(value?.mediaType), facts };
  }
}
