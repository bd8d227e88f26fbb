// Cases of lists of referrers under the tag that stands in for the registry's own list.

import { referrersTag } from '../../../protocol/grammar/referrers-tag.ts';
import { type Files, json, layout, oci, put, putImage, putIndex } from './fixture.ts';
import type { ImageCase } from './image-case.ts';

type Members = Record<string, unknown>;

/** What a case changes of an image, a signature of it, and the entry of that in the list. */
interface ListChanges {
  readonly manifest?: Members;
  readonly entry?: Members;
  /** Name of the list. */
  readonly tag?: string;
  /** The signature is an index. */
  readonly isIndex?: boolean;
}

const annotations = { 'com.example.signer': 'ann', 'com.example.time': 'noon' };
const artifactType = 'application/x.signature';

/** A manifest of the empty config and an empty blob. */
function putBlob(files: Files, more: Members): Members {
  const mediaType = `${oci}manifest.v1+json`;
  const braces = put(files, json({}));
  const empty = { mediaType: 'application/vnd.oci.empty.v1+json', ...braces };
  const layers = [{ mediaType: 'application/x.blob', ...braces }];
  const content = { schemaVersion: 2, mediaType, config: empty, layers, ...more };
  return { mediaType, ...put(files, json(content)) };
}

/** A layout of an image and of the list of its referrers. */
function listLayout({ manifest = {}, entry = {}, tag, isIndex = false }: ListChanges): Files {
  const files: Files = new Map();
  const subject = putImage(files);
  const named = { artifactType, annotations, subject, ...manifest };
  const signature = isIndex ? putIndex(files, [subject], named) : putBlob(files, named);
  const list = putIndex(files, [{ ...signature, artifactType, annotations, ...entry }]);
  const name = tag ?? referrersTag(String(subject.digest));
  const listed = { ...list, annotations: { 'org.opencontainers.image.ref.name': name } };
  return layout(files, subject, listed);
}

const right = () => listLayout({});
const config = { mediaType: 'application/x.config', ...put(new Map(), json({})) };

export const referrersCases: readonly ImageCase[] = [
  {
    // The type of the config, although the manifest has its own.
    rule: 'referrers-artifact-type-mismatch',
    bad: () => listLayout({ manifest: { config }, entry: { artifactType: config.mediaType } }),
    good: () =>
      listLayout({
        manifest: { config, artifactType: undefined },
        entry: { artifactType: config.mediaType },
      }),
  },
  {
    rule: 'referrers-artifact-type-mismatch',
    bad: () => listLayout({ isIndex: true, entry: { artifactType: undefined } }),
    good: () => listLayout({ isIndex: true }),
  },
  {
    rule: 'referrers-artifact-type-mismatch',
    bad: () => listLayout({ isIndex: true, manifest: { artifactType: undefined } }),
    good: () =>
      listLayout({
        isIndex: true,
        manifest: { artifactType: undefined },
        entry: { artifactType: undefined },
      }),
  },
  {
    rule: 'referrers-annotations',
    bad: () => listLayout({ entry: { annotations: undefined } }),
    good: () => listLayout({ entry: { annotations: { ...annotations, more: 'x' } } }),
  },
  {
    rule: 'referrers-annotations',
    bad: () => listLayout({ entry: { annotations: { ...annotations, 'com.example.time': 'x' } } }),
    good: () => listLayout({ manifest: { annotations: undefined } }),
  },
  {
    rule: 'referrers-subject',
    bad: () => listLayout({ tag: `sha256-${'ab'.repeat(32)}` }),
    // Whatever is named otherwise is no such list.
    good: () => listLayout({ tag: `sha256-${'ab'.repeat(32)}.sig` }),
  },
  {
    rule: 'referrers-subject',
    bad: () => listLayout({ manifest: { subject: undefined } }),
    good: right,
  },
];
