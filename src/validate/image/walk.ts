// Walks an image from its references down: every document is judged alone and against what refers to
// it. Where the content lies (folder, archive, registry) is behind `ImageContent`.

import type { DocumentResult } from '../../../reports/results.ts';
import { asObject, asString, type JsonObject } from '../../lib/json.ts';
import { plural } from '../../lib/plural.ts';
import { isWellFormedDigest } from '../../protocol/grammar/digest.ts';
import { type Kind, kindOfMediaType } from '../kinds.ts';
import { limits as documentLimits, syntax } from '../rules/json.ts';
import { documentBytesMax, parseBounded } from '../source.ts';
import {
  type AlsoFound,
  foundResult,
  type Levels,
  levelsAt,
  validateDocument,
} from '../validate.ts';
import {
  compare,
  compareArtifactType,
  comparePlatforms,
  kindFor,
  lengthsDiffer,
  opaque,
  type ReportRule,
  type Seen,
} from './compare.ts';
import { type Content, digestDrafts, type ImageContent } from './content.ts';
import { ExpectedLayers, type LayerMention, type WalkOptions } from './layer/expected.ts';
import { type BlobDraft, compressionOfType, type LayerOutcome } from './layer/inspection.ts';
import { tellMissing, tellSparse } from './missing.ts';
import {
  configKinds,
  diffIdsOf,
  imageKinds,
  isForeign,
  listKinds,
  manifestKinds,
  type Reference,
  references,
} from './reference.ts';
import { Referrals, tagOf, type Way, wayThrough } from './referrals.ts';
import {
  checkReferrers,
  FactsReader,
  isReferrersList,
  type ListedReferrer,
} from './referrers-list.ts';
import * as all from './rules.ts';
import { Subjects } from './subjects.ts';

/** Documents of one image or layout. */
const documentsMax = 100_000;
const depthMax = 16;

interface Place {
  /** The tag of this very document. */
  readonly tag?: string | undefined;
  /** Of the document that is being judged, in results. */
  readonly path: string;
  readonly way: Way;
  readonly report: ReportRule;
  readonly ancestors: readonly string[];
}

export class ImageWalk {
  readonly documents: DocumentResult[] = [];
  readonly verified = { blobs: 0, bytes: 0 };
  readonly #content: ImageContent;
  readonly #options: WalkOptions;
  readonly #seen = new Map<string, Seen | 'absent'>();
  readonly #layers = new ExpectedLayers();
  /** Blobs that lie here and are hashed when they are read as layers. */
  readonly #unhashed = new Set<string>();
  readonly #referrals = new Referrals();
  readonly #facts = new FactsReader();
  readonly #subjects: Subjects;

  constructor(content: ImageContent, options: WalkOptions) {
    this.#content = content;
    this.#subjects = new Subjects(content, this.#facts);
    this.#options = options;
  }

  /** Digests that were reached, there or not. */
  reached(): ReadonlySet<string> {
    return new Set([...this.#seen.keys(), ...this.#layers.digests()]);
  }

  /**
   * Judges a document whose bytes are at hand, and all below it. `check` may add what only its reader
   * knows.
   */
  async judge(
    path: string,
    body: Uint8Array,
    as: {
      readonly kind?: Kind | undefined;
      readonly contentType?: string | undefined;
      readonly digest?: string;
      readonly way?: Way;
      /** The tag of this very document. */
      readonly tag?: string | undefined;
      readonly drafts?: readonly BlobDraft[];
      readonly ancestors?: readonly string[];
      /** Levels of rules for this document; those that were asked for win. */
      readonly levels?: Levels;
      readonly check?: (value: JsonObject, report: ReportRule) => void | Promise<void>;
    } = {},
  ): Promise<Seen> {
    const at = this.documents.length;
    this.documents.push(foundResult(path, 'unknown', [], {}));
    this.#options.progress(`${plural(this.documents.length, 'document')}: ${path}`);
    const also: AlsoFound[] = (as.drafts ?? []).map((draft) => ({ ...draft, pointer: '' }));
    const report: ReportRule = (rule, pointer, detail) => also.push({ rule, pointer, detail });
    const value = asObject(parseBounded(body));
    const kind = kindFor(value, as.kind);
    let seen: Seen = { bytes: body.length, kind: kind ?? 'unknown', mediaType: undefined };
    if (value !== undefined) {
      const ancestors = [...(as.ancestors ?? []), ...(as.digest === undefined ? [] : [as.digest])];
      await as.check?.(value, report);
      const way = { tag: as.tag, ...as.way };
      const place = { report, ancestors, path, way, tag: as.tag };
      seen = await this.#below(value, kind, seen, place);
    }
    const judgedAs = seen.kind === 'referrers' ? 'referrers' : kind;
    const result = validateDocument(body, {
      path,
      strict: this.#options.strict,
      levels: { ...as.levels, ...levelsAt(this.#options.levels, path) },
      also,
      ...(judgedAs !== undefined && { kind: judgedAs }),
      ...(as.contentType !== undefined && { contentType: as.contentType }),
    });
    this.documents[at] = this.#traced(result, as.digest);
    return seen;
  }

  /** A blob that is no document, or none that can be judged: only there with findings. */
  addBlob(path: string, kind: string, drafts: readonly BlobDraft[], digest?: string): void {
    this.documents.push(this.#traced(foundResult(path, kind, drafts, this.#options), digest));
  }

  /** Notes who refers to a digest; `judge` and `expectLayer` do so for what they find. */
  refer(digest: string, path: string, pointer: string, way: Way): void {
    this.#referrals.add(digest, path, pointer, way);
  }

  /** With findings, who refers to it is told too. */
  #traced(result: DocumentResult, digest: string | undefined): DocumentResult {
    const referredBy = digest === undefined ? undefined : this.#referrals.of(digest);
    return result.findings.length > 0 && referredBy ? { ...result, referredBy } : result;
  }

  /** Expects a layer, also once more by what another document says of it; see `inspectLayers`. */
  expectLayer(digest: string, mention: LayerMention): void {
    this.#layers.add(digest, mention);
  }

  /** Takes layers that are expected, the lowest first, for those of one image. */
  expectImage(digests: readonly string[]): void {
    this.#layers.addImage(digests);
  }

  /** Streams every layer that is expected and makes an entry for each. */
  async inspectLayers(): Promise<void> {
    const failed = await this.#layers.inspect(this.#content, this.#options, (digest, outcome) =>
      this.#addLayer(digest, outcome),
    );
    for (const [digest, detail] of failed) {
      const draft = { rule: all.contentUnavailable, detail };
      this.addBlob(this.#content.pathOf(digest), 'layer', [draft], digest);
    }
  }

  /** What lies here was hashed, measured and counted before. */
  #addLayer(digest: string, { drafts, bytes, verified }: LayerOutcome): void {
    const path = this.#content.pathOf(digest);
    const isMeasured = this.#seen.has(digest);
    if (!isMeasured || this.#unhashed.has(digest)) {
      const told = isMeasured ? drafts.filter(({ rule }) => rule !== all.blobSize) : drafts;
      this.addBlob(path, 'layer', told, digest);
      if (verified) this.count(bytes);
      return;
    }
    const inside = drafts.filter(({ rule }) => rule !== all.blobDigest && rule !== all.blobSize);
    const isDamaged = drafts.some(({ rule }) => rule === all.blobDigest);
    if (!isDamaged || inside.length > 0) this.addBlob(path, 'layer', inside, digest);
  }

  count(bytes: number): void {
    this.verified.blobs++;
    this.verified.bytes += bytes;
  }

  /** What a document refers to, by what it is. */
  async #below(value: JsonObject, kind: Kind | undefined, seen: Seen, place: Place): Promise<Seen> {
    const mediaType = asString(value.mediaType);
    const own = { ...seen, mediaType };
    if (configKinds.includes(kind)) return { ...own, platform: value, diffIds: diffIdsOf(value) };
    await this.#subjects.check(value, this.#seen, place.report);
    const facts = this.#facts.read(value, own.kind);
    if (listKinds.includes(kind)) {
      const isReferrers = await this.#entries(value, place);
      return { ...own, ...(isReferrers && { kind: 'referrers' }), facts };
    }
    if (!imageKinds.includes(kind)) return own;
    return { ...own, facts, ...(await this.#image(value, place)) };
  }

  /**
   * The manifests of an index. Missing ones are told of at the end: only then it is known what is there.
   * @returns whether it is a list of referrers
   */
  async #entries(value: JsonObject, place: Place): Promise<boolean> {
    const missing: Reference[] = [];
    const listed: ListedReferrer[] = [];
    let present = 0;
    for (const reference of references(value.manifests, '/manifests')) {
      if (this.#options.signal.aborted) return false;
      const seen = await this.#visit(reference, place);
      if (seen === undefined) continue;
      if (seen === 'absent') {
        missing.push(reference);
      } else {
        present++;
        if (seen.facts !== undefined) listed.push({ reference, facts: seen.facts });
        comparePlatforms(reference, seen.platform, place.report);
      }
    }
    const { tag = '', report, ancestors } = place;
    if (present > 0 && ancestors.length > 0) tellSparse(missing, present + missing.length, report);
    else for (const reference of missing) tellMissing(reference, this.#content, report);
    const isReferrers = isReferrersList(tag, listed);
    if (isReferrers) checkReferrers(tag, listed, report);
    else for (const { reference, facts } of listed) compareArtifactType(reference, facts, report);
    return isReferrers;
  }

  /** Config and layers of a manifest. */
  async #image(value: JsonObject, place: Place): Promise<Partial<Seen>> {
    const configs = references([value.config], '/config', false);
    const layers = references(value.layers, '/layers');
    let config: Seen | undefined;
    for (const reference of [...configs, ...layers]) {
      if (this.#options.signal.aborted) return {};
      const isStreamed = this.#options.layers && reference !== configs[0];
      const seen = await this.#visit(reference, place, isStreamed);
      if (seen === 'absent' && !isForeign(reference)) {
        tellMissing(reference, this.#content, place.report);
      } else if (seen !== undefined && seen !== 'absent' && reference === configs[0]) {
        config = configKinds.includes(seen.kind as Kind) ? seen : undefined;
      }
    }
    const diffIds = config?.diffIds;
    const fileSystems = layers.every(({ mediaType }) => compressionOfType(mediaType));
    const paired = diffIds !== undefined && fileSystems;
    if (paired && diffIds.length !== layers.length) {
      const detail = lengthsDiffer(layers.length, diffIds.length);
      place.report(all.diffIdsCount, '/layers', detail);
    }
    const isImage = configKinds.includes(kindOfMediaType(configs[0]?.mediaType ?? ''));
    for (const [at, layer] of layers.entries()) {
      if (!this.#options.layers || this.#seen.get(layer.digest) === 'absent') continue;
      const diffId = paired && diffIds.length === layers.length ? diffIds[at] : undefined;
      const compression = compressionOfType(layer.mediaType);
      // In artifacts it may be a file of any kind: to oras, this type is that of files without one.
      const isAnything = compression === 'none' && !isImage;
      this.expectLayer(layer.digest, {
        size: layer.size,
        compression: isAnything ? undefined : compression,
        isForeign: isForeign(layer),
        diffIds: diffId === undefined ? [] : [diffId],
      });
    }
    if (this.#options.layers && isImage && fileSystems) {
      this.expectImage(layers.map(({ digest }) => digest));
    }
    return { platform: config?.platform, diffIds };
  }

  /** What a descriptor refers to; undefined when nothing can be said of it. */
  async #visit(
    reference: Reference,
    place: Place,
    isStreamed = false,
  ): Promise<Seen | 'absent' | undefined> {
    const { digest, mediaType, pointer, descriptor } = reference;
    const { report, ancestors } = place;
    const way = wayThrough(descriptor, place.way);
    if (!isWellFormedDigest(digest)) return undefined;
    if (ancestors.includes(digest) || ancestors.length >= depthMax) {
      report(all.indexDepth, `${pointer}/digest`, 'it leads back to itself, or has no end');
      return undefined;
    }
    const kind = kindOfMediaType(mediaType);
    const isDocument = manifestKinds.includes(kind) || configKinds.includes(kind);
    let seen = this.#seen.get(digest);
    // One document's opaque blob may be the config of another.
    const wasOpaque = typeof seen === 'object' && seen.kind === opaque;
    this.#referrals.add(digest, place.path, pointer, way, wasOpaque && isDocument);
    if (seen === undefined || (wasOpaque && isDocument)) {
      if (this.documents.length >= documentsMax) {
        report(all.imageLimits, pointer, `it has more than ${documentsMax} documents`);
        return undefined;
      }
      const sought = isDocument
        ? await this.#content.document(digest, mediaType)
        : await this.#content.blob(digest, isStreamed);
      if (sought === 'unchecked') return undefined;
      if (sought !== 'missing' && 'unavailable' in sought) {
        report(all.contentUnavailable, `${pointer}/digest`, sought.unavailable);
        return undefined;
      }
      seen =
        sought === 'missing'
          ? 'absent'
          : await this.#look(sought, reference, { ancestors, way, tag: tagOf(descriptor) });
      this.#seen.set(digest, seen);
    }
    if (seen !== 'absent') compare(reference, seen, report);
    return seen;
  }

  async #look(
    content: Content,
    { digest, mediaType }: Reference,
    from: Pick<Place, 'ancestors' | 'way' | 'tag'>,
  ): Promise<Seen> {
    const drafts = [...(content.drafts ?? []), ...digestDrafts(content, digest)];
    if (content.digest === undefined) this.#unhashed.add(digest);
    if (content.digest === digest && !this.#seen.has(digest)) this.count(content.bytes);
    const kind = kindOfMediaType(mediaType);
    const isDocument = manifestKinds.includes(kind) || configKinds.includes(kind);
    if (isDocument && content.body !== undefined) {
      const { contentType } = content;
      return await this.judge(content.path, content.body, {
        kind,
        digest,
        ...from,
        drafts,
        ...(manifestKinds.includes(kind) && { contentType }),
      });
    }
    if (isDocument && content.bytes > documentBytesMax) {
      const detail = `it has ${content.bytes} bytes, more than ${documentBytesMax}`;
      drafts.push({ rule: documentLimits, detail });
    } else if (isDocument) {
      drafts.push({ rule: syntax, detail: 'it does not begin as JSON does' });
    }
    if (drafts.length > 0) this.addBlob(content.path, kind ?? opaque, drafts, digest);
    return { bytes: content.bytes, kind: kind ?? opaque, mediaType: undefined };
  }
}
