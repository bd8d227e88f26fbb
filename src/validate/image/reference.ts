// What a document of an image refers to, and what the kinds of documents have in common.

import { asArray, asInteger, asObject, asString, type JsonObject } from '../../lib/json.ts';
import type { Kind } from '../kinds.ts';

export interface Reference {
  readonly pointer: string;
  readonly descriptor: JsonObject;
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number | undefined;
}

export const manifestKinds: readonly (Kind | undefined)[] = [
  'manifest',
  'docker-manifest',
  'index',
  'docker-manifest-list',
  'docker-schema1',
];
export const listKinds: readonly (Kind | undefined)[] = [
  'index',
  'docker-manifest-list',
  'referrers',
];
export const imageKinds: readonly (Kind | undefined)[] = ['manifest', 'docker-manifest'];
export const configKinds: readonly (Kind | undefined)[] = ['config', 'docker-config'];

/** Layers that may not be distributed lie elsewhere. */
export function isForeign({ descriptor, mediaType }: Reference): boolean {
  const urls = asArray(descriptor.urls) ?? [];
  return urls.length > 0 || /\.nondistributable\.|\.foreign\./.test(mediaType);
}

/** Descriptors that can be followed; what is wrong with others is the schema's finding. */
export function references(list: unknown, pointer: string, numbered = true): Reference[] {
  return (asArray(list) ?? []).flatMap((value, at): Reference[] => {
    const descriptor = asObject(value);
    const digest = asString(descriptor?.digest);
    if (descriptor === undefined || digest === undefined) return [];
    return [
      {
        pointer: numbered ? `${pointer}/${at}` : pointer,
        descriptor,
        digest,
        mediaType: asString(descriptor.mediaType) ?? '',
        size: asInteger(descriptor.size),
      },
    ];
  });
}

/** Of an image config. */
export function diffIdsOf(config: JsonObject | undefined): readonly string[] | undefined {
  const list = asArray(asObject(config?.rootfs)?.diff_ids);
  return list?.every((value) => typeof value === 'string') ? (list as string[]) : undefined;
}
