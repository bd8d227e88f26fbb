// Where a document keeps its descriptors and annotations, so that no rule has to search for them.

import { asArray, asObject, type JsonObject } from '../../lib/json.ts';
import type { Kind } from '../kinds.ts';
import type { AnnotationsAt, DescriptorAt, JudgedDocument } from './rule.ts';

type Parts = Pick<JudgedDocument, 'parts' | 'subject' | 'annotations'>;

/** Members of each kind that are a descriptor (`one`) or an array of them (`many`). */
const places: Partial<Record<Kind, { one: readonly string[]; many: readonly string[] }>> = {
  manifest: { one: ['config'], many: ['layers'] },
  'docker-manifest': { one: ['config'], many: ['layers'] },
  index: { one: [], many: ['manifests'] },
  'docker-manifest-list': { one: [], many: ['manifests'] },
  referrers: { one: [], many: ['manifests'] },
};

/** Finds the parts of a document; what has not the shape of one is left out. */
export function partsOf(kind: Kind, root: JsonObject): Parts {
  const parts: DescriptorAt[] = [];
  function add(value: unknown, pointer: string): void {
    const descriptor = asObject(value);
    if (descriptor !== undefined) {
      parts.push({ pointer, descriptor });
    }
  }
  if (kind === 'descriptor') {
    add(root, '');
  }
  for (const name of places[kind]?.one ?? []) {
    add(root[name], `/${name}`);
  }
  for (const name of places[kind]?.many ?? []) {
    const list = asArray(root[name]) ?? [];
    for (let at = 0; at < list.length; at++) {
      add(list[at], `/${name}/${at}`);
    }
  }
  const object = places[kind] === undefined ? undefined : asObject(root.subject);
  const subject = object && { pointer: '/subject', descriptor: object };
  return { parts, subject, annotations: annotationsOf(kind, root, parts, subject) };
}

function annotationsOf(
  kind: Kind,
  root: JsonObject,
  parts: readonly DescriptorAt[],
  subject: DescriptorAt | undefined,
): AnnotationsAt[] {
  const found: AnnotationsAt[] = [];
  function add(value: unknown, pointer: string): void {
    const annotations = asObject(value);
    if (annotations !== undefined) {
      found.push({ pointer, annotations });
    }
  }
  if (kind === 'config' || kind === 'docker-config') {
    add(asObject(root.config)?.Labels, '/config/Labels');
  } else if (places[kind] !== undefined) {
    add(root.annotations, '/annotations');
  }
  for (const { descriptor, pointer } of parts) {
    if (descriptor.annotations !== undefined) {
      add(descriptor.annotations, `${pointer}/annotations`);
    }
  }
  add(subject?.descriptor.annotations, '/subject/annotations');
  return found;
}
