// Rules about pre-defined annotations that are right by themselves, and not where they stand or beside
// another.

import { childPointer } from '../../formats/places.ts';
import { asString } from '../../lib/json.ts';
import { type JudgedDocument, quote, type Report, type ValueRule } from './rule.ts';

const spec = 'image-spec/annotations.md#pre-defined-annotation-keys';
const refName = 'org.opencontainers.image.ref.name';
const baseName = 'org.opencontainers.image.base.name';
const baseDigest = 'org.opencontainers.image.base.digest';

/** An index may be an index.json one day, where its entries have a ref.name. */
function checkPlace({ kind, annotations: all }: JudgedDocument, report: Report): void {
  for (const { annotations, pointer } of all) {
    const isEntry = kind === 'index' && pointer !== '/annotations';
    if (refName in annotations && !isEntry) {
      const detail = 'ref.name stands where no client looks for it';
      report(childPointer(pointer, refName), detail, 'name');
    }
  }
}

function checkBase({ annotations: all }: JudgedDocument, report: Report): void {
  for (const { annotations, pointer } of all) {
    const name = asString(annotations[baseName]) ?? '';
    const digest = asString(annotations[baseDigest]) ?? '';
    const at = name.indexOf('@');
    const named = at < 0 ? '' : name.slice(at + 1);
    if (named !== '' && digest !== '' && named !== digest) {
      const detail = `base.name is of ${quote(named)}, base.digest is ${quote(digest)}`;
      report(childPointer(pointer, baseDigest), detail);
    }
  }
}

export const annotationUseRules: readonly ValueRule[] = [
  {
    // Of labels nothing is said: images inherit them from their base.
    id: 'annotation-ref-name-place',
    level: 'note',
    spec,
    summary: 'The annotation ref.name stands on the descriptors of index.json.',
    fix: 'Remove it, or write it to the entry of index.json that refers to this.',
    kinds: ['manifest', 'index'],
    check: checkPlace,
  },
  {
    id: 'annotation-base-mismatch',
    level: 'warning',
    spec,
    summary: 'The annotations base.name and base.digest are of the same image.',
    fix: 'Write the digest of the manifest that base.name refers to.',
    kinds: [
      'manifest',
      'index',
      'descriptor',
      'docker-manifest',
      'docker-manifest-list',
      'config',
      'docker-config',
    ],
    check: checkBase,
  },
];
